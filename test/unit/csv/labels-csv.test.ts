import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLabelsCsv, type LabelsFile } from '../../../adapters/csv/labels-csv.ts';
import type { TrainingFileUnreadable } from '../../../adapters/csv/training-file.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { fileOf } from './text-file.ts';

const read = async (content: string, chunkBytes?: number): Promise<LabelsFile> =>
  valueOf(await readLabelsCsv(fileOf(content, chunkBytes)));
const refused = async (content: string | Uint8Array): Promise<TrainingFileUnreadable> => {
  const error = errorOf(await readLabelsCsv(fileOf(content)));
  if (error.kind !== 'csv-unreadable') throw new Error(`unexpected ${error.kind}`);
  return error;
};

test('labels of people are read', async () => {
  const content = 'person,label\nann,1\n bob ,0\n"c,d",1.0\n';
  const file = await read(content);
  assert.equal(file.labels, [
    { person: 'ann', week: null, label: 1 },
    { person: 'bob', week: null, label: 0 },
    { person: 'c,d', week: null, label: 1 },
  ]);
  assert.is(file.rows, 3);
  assert.equal(file.notices, []);
  assert.is(file.sha256, createHash('sha256').update(content).digest('hex'));
  assert.is(file.bytes, content.length);
});

test('labels of weeks are read, with columns in any order and among others', async () => {
  const file = await read('Label;note;WEEK;Person\n0;x;1;ann\n1;"y;z";2;ann\n');
  assert.equal(file.labels, [
    { person: 'ann', week: '1', label: 0 },
    { person: 'ann', week: '2', label: 1 },
  ]);
});

test('a row that cannot be used is set aside and counted with its first line', async () => {
  const file = await read(
    'person,week,label\nann,1,1\nann,2\n,3,1\nann,,1\nann,4,\nann,5,NA\nann,6,2\nann,7,yes\nann,8,0.5\nann,9,0\n',
  );
  assert.equal(
    file.labels.map(({ week }) => week),
    ['1', '9'],
  );
  assert.is(file.rows, 10);
  assert.equal(
    file.notices.map(({ code, count, firstAt }) => [code, count, firstAt]),
    [
      ['too-few-columns', 1, 'line 3'],
      ['no-person', 1, 'line 4'],
      ['no-week', 1, 'line 5'],
      ['missing-label', 2, 'line 6'],
      ['unreadable-label', 3, 'line 8'],
    ],
  );
});

test('two labels of one person or week refuse the file, even where they agree', async () => {
  const person = await refused('person,label\nann,1\nbob,0\nann,1\n');
  assert.is(person.code, 'duplicate-rows');
  assert.is(person.place, 'line 4');
  assert.is(person.message, 'There are two labels of the person "ann", the first on line 2.');
  const week = await refused('person,week,label\nann,1,1\nann,1,0\n');
  assert.is(week.message, 'There are two labels of the week "1" of the person "ann", the first on line 2.');
  assert.is((await read('person,week,label\nann,1,1\nann,2,0\n')).labels.length, 2);
});

test('a header without the columns, or with one twice, is refused', async () => {
  const missing = await refused('id,label\n1,1\n');
  assert.is(missing.code, 'missing-columns');
  assert.is(missing.message, 'The header must name "person" and "label"; the first row has "id", "label".');
  assert.is((await refused('person,week\n')).code, 'missing-columns');
  const twice = await refused('person,label,Label\n');
  assert.is(twice.code, 'duplicate-columns');
  assert.match(twice.message, '"label" twice');
});

test('a file without a usable row, without text or cut off within quotes is refused', async () => {
  assert.is((await refused('')).code, 'empty-file');
  assert.match((await refused('person,label\n')).message, 'a header but no rows');
  const none = await refused('person,label\nann,2\n');
  assert.is(none.code, 'no-usable-row');
  assert.match(none.message, 'None of the 1 rows can be used; 1: rows with a label other than 0 and 1 were set aside.');
  assert.is((await refused('person,label\nann,1\n"bob,0\n')).code, 'unclosed-quote');
  assert.is((await refused(`person,label\n${'x'.repeat(70_000)},1\n`)).code, 'row-too-long');
  assert.is((await refused(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0))).code, 'binary-file');
});

test('how the bytes come in does not matter', async () => {
  const content = 'person,week,label\r\nännchen,1,1\r\nbob,1,0\r\n';
  assert.equal(await read(content, 1), await read(content));
});

test.run();
