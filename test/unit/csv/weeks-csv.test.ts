import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainingFileUnreadable } from '../../../adapters/csv/training-file.ts';
import { MOST_WEEK_ROW_CHARACTERS, readWeeksCsv, type WeeksFile } from '../../../adapters/csv/weeks-csv.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { fileOf } from './text-file.ts';

const DAY = 1440;

/** A row whose first minutes are given; the others are 0. */
const row = (person: string, week: string, minutes: readonly string[], columns = DAY, separator = ','): string =>
  [person, week, ...minutes, ...new Array<string>(columns - minutes.length).fill('0')].join(separator);
const header = (columns = DAY, separator = ','): string =>
  ['person', 'week', ...Array.from({ length: columns }, (_, i) => `m${String(i)}`)].join(separator);
const text = (...rows: readonly string[]): string => `${[header(), ...rows].join('\n')}\n`;

const read = async (content: string | Uint8Array, chunkBytes?: number): Promise<WeeksFile> =>
  valueOf(await readWeeksCsv(fileOf(content, chunkBytes)));
const refused = async (content: string | Uint8Array): Promise<TrainingFileUnreadable> => {
  const error = errorOf(await readWeeksCsv(fileOf(content)));
  if (error.kind !== 'csv-unreadable') throw new Error(`unexpected ${error.kind}`);
  return error;
};
const notices = ({ notices: all }: WeeksFile): readonly (readonly [string, number, string | null])[] =>
  all.map(({ code, count, firstAt }) => [code, count, firstAt] as const);
const startOf = (file: WeeksFile, week = 0, count = 5): readonly number[] => [
  ...file.weeks[week]!.values.subarray(0, count),
];

test('rows are read as weeks, each with its minutes', async () => {
  const content = text(row('ann', '1', ['5', '0', '7.25', '1e2', '+3']), row(' bob ', ' second ', ['1']));
  const file = await read(content);
  assert.equal(
    file.weeks.map(({ person, week, values }) => [person, week, values.length]),
    [
      ['ann', '1', DAY],
      ['bob', 'second', DAY],
    ],
  );
  assert.equal(startOf(file), [5, 0, 7.25, 100, 3]);
  assert.is(file.days, 1);
  assert.is(file.rows, 2);
  assert.equal(file.notices, []);
  assert.is(file.sha256, createHash('sha256').update(content).digest('hex'));
  assert.is(file.bytes, content.length);
});

test('seven and fourteen days are read, whose rows are longer than those of other files may be', async () => {
  for (const days of [7, 14]) {
    const minutes = Array.from({ length: days * DAY }, (_, i) => (i / 7).toFixed(6));
    const file = await read(`${header(days * DAY)}\n${row('ann', '1', minutes, days * DAY)}`);
    assert.is(file.days, days);
    assert.ok(file.weeks[0]!.values.every((value, i) => value === Math.fround(Number(minutes[i]))));
  }
});

test('what is empty, not available or negative is missing, and counted', async () => {
  const file = await read(
    text(row('ann', '1', ['', 'NaN', 'NA', 'null', ' ', '3']), row('bob', '1', ['-0.01', '-5', '', '2'])),
  );
  assert.equal(startOf(file, 0, 6), [NaN, NaN, NaN, NaN, NaN, 3]);
  assert.equal(startOf(file, 1, 4), [NaN, NaN, NaN, 2]);
  assert.equal(notices(file), [
    ['missing-value', 6, 'line 2'],
    ['negative-value', 2, 'line 3'],
  ]);
});

test('values written in every way a number is written come out the same', async () => {
  const spellings = ['12', '12.0', '012', '12.', ' 12 ', '"12"', '1.2e1', '+12', '000000012', '0000000000012'];
  const file = await read(text(row('ann', '1', spellings)));
  assert.equal(startOf(file, 0, spellings.length), new Array(spellings.length).fill(12));
  assert.equal(
    startOf(await read(text(row('a', '1', ['999999999', '1000000000', '.5', '123456789.5']))), 0, 4),
    [999999999, 1000000000, 0.5, 123456789.5].map(Math.fround),
  );
});

test('a row that cannot be used is set aside and counted with its first line', async () => {
  const file = await read(
    text(
      row('good', '1', ['1']),
      row('short', '1', ['1'], DAY - 1),
      row('long', '1', ['1'], DAY + 1),
      row('', '1', ['1']),
      row('no week', ' ', ['1']),
      row('letters', '1', ['1', 'x']),
      row('grouped', '1', ['1.2.3']),
      row('point', '1', ['.']),
      row('large', '1', ['2e9']),
      row('empty', '1', new Array<string>(DAY).fill('')),
      'only a person',
      row('good', '2', ['2']),
    ),
  );
  assert.equal(
    file.weeks.map(({ week, values }) => [week, values[0]]),
    [
      ['1', 1],
      ['2', 2],
    ],
  );
  assert.is(file.rows, 12);
  assert.equal(notices(file), [
    ['wrong-number-of-columns', 3, 'line 3'],
    ['no-person', 1, 'line 5'],
    ['no-week', 1, 'line 6'],
    ['unreadable-value', 3, 'line 7'],
    ['value-too-large', 1, 'line 10'],
    ['no-value', 1, 'line 11'],
  ]);
});

test('missing minutes of a row that is set aside are not counted', async () => {
  const file = await read(text(row('a', '1', ['', '', 'x']), row('b', '1', ['1'])));
  assert.equal(notices(file), [['unreadable-value', 1, 'line 2']]);
});

test('nothing of a row set aside is left in the next', async () => {
  const file = await read(text(row('a', '1', ['9', '9', 'x']), row('b', '1', ['1'])));
  assert.equal(startOf(file), [1, 0, 0, 0, 0]);
});

test('the same week of a person twice refuses the file and names both lines', async () => {
  const error = await refused(text(row('a', '1', ['1']), row('b', '1', ['1']), row('a', '1', ['1'])));
  assert.is(error.code, 'duplicate-rows');
  assert.is(error.place, 'line 4');
  assert.match(error.message, 'The week "1" of the person "a" is there twice, first on line 2.');
  // Names are not run together: these are two weeks.
  assert.is((await read(text(row('a', '11', ['1']), row('a1', '1', ['1'])))).weeks.length, 2);
});

test('semicolons, tabs, CR LF, a byte order mark and a header in capitals are read alike', async () => {
  const plain = text(row('a', '1', ['1.5', '2']));
  for (const form of [
    plain.replaceAll(',', ';'),
    `${header(DAY, ';')}\n${row('a', '1', ['1,5', '2'], DAY, ';')}`,
    plain.replaceAll(',', '\t'),
    plain.replaceAll('\n', '\r\n'),
    plain.replaceAll('\n', '\r'),
    `\n\n${plain}\n\n`,
    `\ufeff${plain}`,
    plain.replace('person,week', '"Person", WEEK '),
    Buffer.from(`\ufeff${plain}`, 'utf16le'),
  ]) {
    assert.equal(startOf(await read(form), 0, 2), [1.5, 2]);
  }
});

test('how the bytes come in does not matter', async () => {
  const content = text(row('ännchen', '1', ['1', '"2"', '', '-1']), row('b', '1', ['3']));
  // Of typed arrays the assertion would take no NaN for equal to another.
  const comparable = (file: WeeksFile): unknown => ({
    ...file,
    weeks: file.weeks.map((week) => ({ ...week, values: [...week.values] })),
  });
  const whole = comparable(await read(content));
  for (const chunkBytes of [1, 7, 1000]) assert.equal(comparable(await read(content, chunkBytes)), whole);
});

test('a header that does not say what is needed is refused with what was found', async () => {
  for (const [content, found] of [
    ['week,person,1\n', 'it begins with "week" and "person"'],
    [`p1,1,${'0,'.repeat(1439)}0\n`, 'it begins with "p1" and "1"'],
    ['person,week\n', 'it names 0 minutes'],
    [`${header(1439)}\n`, 'it names 1439 minutes'],
    [`${header(DAY)},extra\n`, 'it names 1441 minutes'],
    [`${header(15 * DAY)}\n`, 'it names more'],
  ] as const) {
    const error = await refused(content);
    assert.is(error.code, 'missing-columns');
    assert.is(error.place, 'line 1');
    assert.match(error.message, found);
  }
});

test('a header without an end is given up on', async () => {
  let pieces = 0;
  const endless = {
    sizeBytes: 0,
    async *stream() {
      yield new TextEncoder().encode('person,week');
      for (; ; pieces++) yield new TextEncoder().encode(',m'.repeat(5000));
    },
  };
  assert.is((errorOf(await readWeeksCsv(endless)) as TrainingFileUnreadable).code, 'row-too-long');
  assert.ok(pieces * 10_000 < 2 * MOST_WEEK_ROW_CHARACTERS);
});

test('a file without a usable row says why', async () => {
  assert.match((await refused(text())).message, 'a header but no rows');
  const error = await refused(text(row('a', '1', ['x']), row('b', '1', ['x'])));
  assert.is(error.code, 'no-usable-row');
  assert.is(error.place, 'line 2');
  assert.match(
    error.message,
    'None of the 2 rows can be used; 2: rows with a value that is not a number were set aside.',
  );
});

test('what is empty, no text or cut off within quotes is refused', async () => {
  assert.is((await refused('')).code, 'empty-file');
  assert.is((await refused('\n \n')).code, 'empty-file');
  assert.is((await refused(gzipSync(text(row('a', '1', ['1']))))).code, 'binary-file');
  const open = await refused(text(row('a', '1', ['1'])) + '"b');
  assert.is(open.code, 'unclosed-quote');
  assert.is(open.place, 'line 3');
  const long = await refused(text(row('a'.repeat(MOST_WEEK_ROW_CHARACTERS), '1', ['1'])));
  assert.is(long.code, 'row-too-long');
  assert.is(long.place, 'line 2');
});

test('a source that breaks off is told as unavailable, and one that is given up on is closed', async () => {
  const breaking = {
    sizeBytes: 0,
    // oxlint-disable-next-line require-yield
    async *stream(): AsyncGenerator<Uint8Array> {
      throw new Error('the disk is gone');
    },
  };
  const error = errorOf(await readWeeksCsv(breaking));
  assert.is(error.kind, 'port-unavailable');

  let closed = false;
  const closing = {
    sizeBytes: 0,
    async *stream() {
      try {
        for (;;) yield new TextEncoder().encode('x,y\n'.repeat(2000));
      } finally {
        closed = true;
      }
    },
  };
  assert.is((errorOf(await readWeeksCsv(closing)) as TrainingFileUnreadable).code, 'missing-columns');
  assert.ok(closed);
});

test.run();
