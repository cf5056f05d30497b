import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleNights, SLEEP_STATE, sleepStatesPerMinute } from '../../../core/apple-health/nights.ts';
import { localZone } from '../../../core/kernel/local-time.ts';
import { PHONE, sleepColumns, type SleepRow } from './sleep-samples.ts';
import { valueOf } from '../result-values.ts';

const UTC = valueOf(localZone('UTC'));
const START = Date.parse('2024-01-15T00:00:00Z');
const SPAN = { fromMs: START - 86_400_000, toMs: START + 10 * 86_400_000 };
const DAY = 1440;

/** Runs of equal states as `state x minutes`. */
function runs(rows: readonly SleepRow[], minutes: number, startMs = START): string[] {
  const names = new Map<number, string>(Object.entries(SLEEP_STATE).map(([name, code]) => [code, name]));
  const states = sleepStatesPerMinute(assembleNights(sleepColumns(rows), UTC, SPAN), startMs, minutes);
  const found: { name: string; length: number }[] = [];
  for (const state of states) {
    const name = names.get(state) ?? String(state);
    const last = found.at(-1);
    if (last?.name === name) last.length += 1;
    else found.push({ name, length: 1 });
  }
  return found.map(({ name, length }) => `${name} ${String(length)}`);
}

const night = (evening: number): SleepRow => [
  'asleepCore',
  `2024-01-${String(evening)}T23:00:00Z`,
  `2024-01-${String(evening + 1)}T07:00:00Z`,
];

test('between two recorded nights in a row a person who sleeps not is awake', () => {
  assert.equal(runs([night(15), night(16)], 3 * DAY), [
    'unknown 1380',
    'asleep 480',
    'awake 960',
    'asleep 480',
    'unknown 1020',
  ]);
});

test('around a night that was not recorded nobody knows', () => {
  assert.equal(runs([night(15), night(17)], 4 * DAY), [
    'unknown 1380',
    'asleep 480',
    'unknown 2400',
    'asleep 480',
    'unknown 1020',
  ]);
});

test('naps are asleep, and awakenings in a night are awake', () => {
  const rows: SleepRow[] = [
    night(15),
    ['awake', '2024-01-16T02:00:00Z', '2024-01-16T02:30:00Z'],
    ['asleepCore', '2024-01-16T14:00:00Z', '2024-01-16T14:20:00Z'],
    night(16),
  ];
  assert.equal(runs(rows, 2 * DAY + 420), [
    'unknown 1380',
    'asleep 180',
    'awake 30',
    'asleep 270',
    'awake 420',
    'asleep 20',
    'awake 520',
    'asleep 480',
  ]);
});

test('a day with nothing but a nap is no recorded night', () => {
  const rows: SleepRow[] = [night(15), ['asleepCore', '2024-01-16T14:00:00Z', '2024-01-16T14:30:00Z'], night(17)];
  assert.equal(runs(rows, 4 * DAY), ['unknown 1380', 'asleep 480', 'unknown 2400', 'asleep 480', 'unknown 1020']);
});

test('a night recorded for less than three hours tells nothing of the day before it', () => {
  const rows: SleepRow[] = [night(15), ['asleepCore', '2024-01-17T01:00:00Z', '2024-01-17T02:00:00Z'], night(17)];
  assert.equal(runs(rows, 4 * DAY), [
    'unknown 1380',
    'asleep 480',
    'unknown 1080',
    'asleep 60',
    'unknown 1260',
    'asleep 480',
    'unknown 1020',
  ]);
});

test('a night of which only the bed is known stays unknown', () => {
  const rows: SleepRow[] = [night(15), ['inBed', '2024-01-16T23:00:00Z', '2024-01-17T07:00:00Z', PHONE]];
  assert.equal(runs(rows, 3 * DAY), ['unknown 1380', 'asleep 480', 'unknown 2460']);
});

test('a minute is asleep when at least half of it was slept', () => {
  const rows: SleepRow[] = [['asleepCore', '2024-01-15T23:00:30Z', '2024-01-16T06:00:29Z']];
  assert.equal(runs(rows, 423, Date.parse('2024-01-15T22:59:00Z')), ['unknown 1', 'asleep 420', 'unknown 2']);
});

test('a window inside a night, and one of no minutes', () => {
  assert.equal(runs([night(15)], 10, Date.parse('2024-01-16T01:00:00Z')), ['asleep 10']);
  assert.equal(runs([night(15)], 0), []);
});

test.run();
