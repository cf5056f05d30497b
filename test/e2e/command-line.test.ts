import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runClarity, type Ended } from './running-service.ts';

const commandLine = suite('the command line');

let folder = '';

const clarity = (...args: readonly string[]): Promise<Ended> => runClarity(folder, args);

const file = (name: string): string => path.join(folder, name);
const sha256 = async (name: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file(name)))
    .digest('hex');

commandLine.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-cli-'));
});

commandLine.after(async () => {
  await rm(folder, { recursive: true, force: true });
});

commandLine('simulating twice with one seed gives the same bytes, with another seed others', async () => {
  for (const [name, seed] of [
    ['a.zip', '7'],
    ['b.zip', '7'],
    ['c.zip', '8'],
  ] as const) {
    assert.is((await clarity('simulate', '--days', '9', '--seed', seed, '--out', name)).code, 0);
  }
  assert.is(await sha256('a.zip'), await sha256('b.zip'));
  assert.is.not(await sha256('a.zip'), await sha256('c.zip'));
});

commandLine('an export is analysed: a table for a person, a document for a program, a report to look at', async () => {
  const table = await clarity('analyze', 'a.zip', '--report', 'report.html');
  assert.is(table.code, 0);
  assert.match(table.out, 'Interdaily stability');
  assert.match(table.out, 'Europe/Berlin');
  assert.match(await readFile(file('report.html'), 'utf8'), 'not a medical device');
  const json = await clarity('analyze', 'a.zip', '--json');
  const document = JSON.parse(json.out);
  assert.is(document.schema, 'clarity.analysis/1');
  assert.is(document.input.sha256, await sha256('a.zip'));
  assert.is(document.input.kind, 'healthkit');
  assert.is(document.activity.hourly_profile.length, 24);
  assert.is(document.window.minutes, 9 * 1440);
});

commandLine('the window can be chosen by local dates, both inclusive', async () => {
  const { code, out } = await clarity('analyze', 'a.zip', '--json', '--from', '2025-01-08', '--to', '2025-01-09');
  assert.is(code, 0);
  const { window, activity } = JSON.parse(out);
  assert.equal(window, {
    start: '2025-01-08T00:00:00+01:00',
    end: '2025-01-10T00:00:00+01:00',
    timezone: 'Europe/Berlin',
    minutes: 2880,
  });
  assert.equal(
    activity.daily.map(({ date }: { date: string }) => date),
    ['2025-01-08', '2025-01-09'],
  );
});

commandLine('counts are scored by Cole-Kripke, and the non-wear rule is chosen and named', async () => {
  assert.is((await clarity('simulate', '--days', '7', '--seed', '7', '--out', 'counts.csv')).code, 0);
  const read = async (...more: string[]): Promise<any> =>
    JSON.parse((await clarity('analyze', 'counts.csv', '--timezone', 'Europe/Berlin', '--json', ...more)).out);
  const plain = await read();
  assert.is(plain.input.kind, 'counts');
  assert.is(plain.window.minutes, 10_080);
  assert.is(plain.data_quality.valid_minutes, 10_080);
  assert.ok(plain.sleep.scored_sleep_minutes > plain.sleep.rescored_sleep_minutes);
  assert.match(plain.data_quality.wear_rule, 'No non-wear rule');
  const troiano = await read('--non-wear', 'troiano');
  assert.ok(troiano.data_quality.valid_minutes < 10_080);
  assert.ok('non_wear_troiano' in troiano.algorithms);
});

commandLine('rows that cannot be used are counted with their first line', async () => {
  const rows = Array.from({ length: 1440 }, (_, minute) => {
    const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    return `2025-01-06 ${clock}:00,x,${String(minute % 90)}`;
  });
  rows[9] = 'yesterday,x,5';
  await writeFile(file('odd.csv'), `Timestamp,note,Activity\n${rows.join('\n')}\n`);
  const { out, notes, code } = await clarity('analyze', 'odd.csv', '--json');
  assert.is(code, 0);
  const { input, data_quality: quality } = JSON.parse(out);
  assert.is(quality.valid_minutes, 1439);
  assert.equal(quality.gaps, [{ start: '2025-01-06T00:09:00+00:00', end: '2025-01-06T00:10:00+00:00', minutes: 1 }]);
  assert.equal(
    input.notices.map(({ code: notice, count, first_at }: any) => [notice, count, first_at]),
    [['unreadable-timestamp', 1, 'line 11']],
  );
  assert.match(notes, 'line 11');
});

commandLine('a clock time with an offset stays that clock time', async () => {
  const rows = Array.from({ length: 2 * 1440 }, (_, minute) => {
    const at = new Date(Date.UTC(2025, 5, 2) + minute * 60_000).toISOString().slice(0, 19);
    return `${at}+05:30,${String(minute % 1440 >= 600 && minute % 1440 < 1200 ? 500 : 0)}`;
  });
  await writeFile(file('offset.csv'), `timestamp,count\n${rows.join('\n')}\n`);
  const { window, rhythm } = JSON.parse((await clarity('analyze', 'offset.csv', '--json')).out);
  assert.is(window.timezone, 'UTC+05:30');
  assert.is(window.start, '2025-06-02T00:00:00+05:30');
  assert.is(rhythm.m10.onset_minute, 600);
});

commandLine('a file that cannot be analysed is refused with its reason and exit code 1', async () => {
  await writeFile(file('empty.csv'), '');
  await writeFile(file('broken.zip'), (await readFile(file('a.zip'))).subarray(0, 4000));
  await writeFile(file('other.xml'), '<?xml version="1.0"?><note>hello</note>');
  for (const [name, reason] of [
    ['empty.csv', /empty/],
    ['missing.zip', /cannot be read/],
    ['broken.zip', /archive/i],
    ['other.xml', /export/i],
  ] as const) {
    const { code, out, notes } = await clarity('analyze', name);
    assert.is(code, 1, name);
    assert.is(out, '', name);
    assert.match(notes, reason);
    assert.not.match(notes, /\n\s+at /, 'no stack');
  }
});

commandLine('an export.xml that is cut off is read as far as it goes, and says so', async () => {
  assert.is((await clarity('simulate', '--days', '3', '--seed', '7', '--out', 'whole.xml')).code, 0);
  const whole = await readFile(file('whole.xml'));
  await writeFile(file('cut.xml'), whole.subarray(0, Math.floor(whole.length * 0.6)));
  const { code, out } = await clarity('analyze', 'cut.xml', '--json');
  assert.is(code, 0);
  assert.ok(JSON.parse(out).input.notices.some(({ code: notice }: { code: string }) => notice === 'truncated'));
});

commandLine('what is not understood is answered with the usage and exit code 2', async () => {
  for (const args of [
    [],
    ['dance'],
    ['analyze'],
    ['analyze', 'a.zip', '--timezone', 'Mars/Base'],
    ['analyze', 'a.zip', '--from', 'soon'],
    ['analyze', 'a.zip', '--from', '2025-01-09', '--to', '2025-01-08'],
    ['analyze', 'a.zip', '--non-wear', 'guess'],
    ['analyze', 'a.zip', '--bogus'],
    ['simulate'],
    ['simulate', '--out', 'x.pdf'],
    ['simulate', '--out', 'x.zip', '--days', '0'],
  ]) {
    const { code, notes } = await clarity(...args);
    assert.is(code, 2, args.join(' '));
    assert.match(notes, 'Usage');
  }
  assert.is((await clarity('analyze', '--help')).code, 0);
});

commandLine('it tells its version', async () => {
  const { code, out } = await clarity('--version');
  assert.is(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+\s*$/);
});

commandLine.run();
