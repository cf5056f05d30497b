import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SampleColumns, Span } from '../../../core/health-data/samples.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { formatLocal } from '../../../core/kernel/local-time.ts';
import { readSeries, sourcePolicy } from '../../../core/series/read-series.ts';
import { seriesType } from '../../../core/series/series-types.ts';
import { ADA, BOB, replacing } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, OTHER_WATCH, PHONE, TRACKER, WATCH } from '../sample-columns.ts';
import { allPages, at, seriesOf, sumOf, worldWith, zoneOf } from './series-of.ts';

const reading = suite('reading a series of samples');

const TEN = '2025-03-03T10:00:00Z';
const ELEVEN = '2025-03-03T11:00:00Z';
const NOON = '2025-03-03T12:00:00Z';
const fromTen = minutesFrom(at(TEN));

reading('an amount is spread over the time it covers, and an instantaneous one belongs to its minute', async () => {
  const world = await worldWith(
    columnsOf('step_count', [
      fromTen(30, 90, 600, WATCH),
      { startMs: at(ELEVEN) + 50 * 60_000 + 30_000, value: 7, source: WATCH },
    ]),
  );
  const { bins } = await seriesOf(world, 'step_count', { from: TEN, to: NOON });
  assert.equal(bins, [
    {
      startMs: at(TEN),
      endMs: at(ELEVEN),
      value: 300,
      coveredMinutes: 30,
      spread: null,
      stages: null,
      inBedMinutes: null,
    },
    {
      startMs: at(ELEVEN),
      endMs: at(NOON),
      value: 307,
      coveredMinutes: 31,
      spread: null,
      stages: null,
      inBedMinutes: null,
    },
  ]);
});

reading('a bin without data is not there, and one in which nothing was done is zero', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 10, 0, WATCH), fromTen(125, 130, 40, WATCH)]));
  const { bins, notComputed } = await seriesOf(world, 'step_count', { from: TEN, to: '2025-03-03T14:00:00Z' });
  assert.equal(
    bins.map(({ startMs, value }) => [startMs, value]),
    [
      [at(TEN), 0],
      [at(NOON), 40],
    ],
  );
  assert.equal(notComputed, []);
});

reading('of a minute that watch and phone both told, the watch counts and the phone is set aside', async () => {
  const world = await worldWith(
    columnsOf('step_count', [fromTen(0, 10, 100, WATCH), fromTen(0, 20, 400, PHONE), fromTen(5, 15, 50, TRACKER)]),
  );
  const page = await seriesOf(world, 'step_count', { from: TEN, to: ELEVEN });
  assert.equal(
    page.bins.map(({ value, coveredMinutes }) => [value, coveredMinutes]),
    [[300, 20]],
  );
  const reason = 'a source that goes before it told the same minutes';
  assert.equal(page.sources, [
    { source: { name: 'Sam Watch', device: 'watch' }, share: 0.5, used: 100, setAside: 0, reason: null },
    { source: { name: 'Sam iPhone', device: 'phone' }, share: 0.5, used: 200, setAside: 200, reason },
    { source: { name: 'Tracker', device: 'other' }, share: 0, used: 0, setAside: 50, reason },
  ]);
});

reading('of two of a kind the name decides, whatever they counted', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 10, 900, WATCH), fromTen(0, 10, 10, OTHER_WATCH)]));
  const page = await seriesOf(world, 'step_count', { from: TEN, to: ELEVEN });
  assert.equal(
    page.sources.map(({ source, used }) => [source.name, used]),
    [
      ['Old Watch', 10],
      ['Sam Watch', 0],
    ],
  );
});

reading('one source can be asked for by name, and the others are named too', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 10, 100, WATCH), fromTen(0, 20, 400, PHONE)]));
  const page = await seriesOf(world, 'step_count', { from: TEN, to: ELEVEN, source: 'Sam iPhone' });
  assert.equal(
    page.bins.map(({ value }) => value),
    [400],
  );
  assert.equal(page.sources, [
    { source: { name: 'Sam iPhone', device: 'phone' }, share: 1, used: 400, setAside: 0, reason: null },
    {
      source: { name: 'Sam Watch', device: 'watch' },
      share: 0,
      used: 0,
      setAside: 100,
      reason: 'another source was asked for',
    },
  ]);
  const none = await seriesOf(world, 'step_count', { from: TEN, to: ELEVEN, source: 'nobody' });
  assert.equal([none.bins, none.sources.map(({ share }) => share)], [[], [0, 0]]);
});

reading('a level is told by its mean, its ends and how often it was read', async () => {
  const levels = [60, 80, 61.5].map((value, i) => ({ startMs: at(TEN) + i * 20_000, value, source: WATCH }));
  const world = await worldWith(
    columnsOf('heart_rate', [
      ...levels,
      { startMs: at(TEN) + 10_000, value: 200, source: TRACKER },
      { startMs: at(TEN) + 30 * 60_000, value: 100, source: TRACKER },
    ]),
  );
  const page = await seriesOf(world, 'heart_rate', { from: TEN, to: ELEVEN });
  const [bin] = page.bins;
  assert.equal(bin?.spread, { min: 60, max: 100, count: 4 });
  assert.is(bin?.value, (60 + 80 + 61.5 + 100) / 4);
  assert.is(bin?.coveredMinutes, 2);
  assert.equal(
    page.sources.map(({ source, used, setAside }) => [source.name, used, setAside]),
    [
      ['Sam Watch', 3, 0],
      ['Tracker', 1, 1],
    ],
  );
});

reading('a level over a stretch of time belongs to the bin in which it begins', async () => {
  const world = await worldWith(columnsOf('walking_heart_rate_average', [fromTen(50, 130, 95, WATCH)]));
  const { bins } = await seriesOf(world, 'walking_heart_rate_average', { from: TEN, to: '2025-03-03T13:00:00Z' });
  assert.equal(
    bins.map(({ startMs, value }) => [startMs, value]),
    [[at(TEN), 95]],
  );
  const after = await seriesOf(world, 'walking_heart_rate_average', { from: ELEVEN, to: NOON });
  assert.equal(after.bins, []);
});

reading('what carries a code is told in hours or minutes', async () => {
  const stood = 0;
  const idle = 1;
  const world = await worldWith(
    columnsOf('stand_hour', [fromTen(0, 60, stood, WATCH), fromTen(60, 120, idle, WATCH)]),
    columnsOf('mindful_session', [fromTen(10, 20.5, 0, WATCH)]),
  );
  const standing = await seriesOf(world, 'stand_hour', { from: TEN, to: NOON });
  assert.equal(
    standing.bins.map(({ value }) => Math.round((value ?? NaN) * 1e9) / 1e9),
    [1, 0],
  );
  const mindful = await seriesOf(world, 'mindful_session', { from: TEN, to: NOON });
  assert.equal(
    mindful.bins.map(({ value }) => Math.round((value ?? NaN) * 1e9) / 1e9),
    [10.5],
  );
});

reading('days are those of the zone: 23 and 25 hours long where clocks change, and nothing is lost', async () => {
  const hours = (from: string, count: number) =>
    columnsOf(
      'step_count',
      Array.from({ length: count }, (_, i) => ({
        startMs: at(from) + i * 3_600_000,
        endMs: at(from) + (i + 1) * 3_600_000,
        value: 60,
        source: WATCH,
      })),
    );
  const world = await worldWith(hours('2025-03-28T23:00:00Z', 72), hours('2025-10-24T22:00:00Z', 73));
  const berlin = zoneOf('Europe/Berlin');
  const daysOf = async (from: string, to: string) => {
    const page = await seriesOf(world, 'step_count', { from, to, resolution: 'day', zone: 'Europe/Berlin' });
    return page.bins.map(({ startMs, value }) => [formatLocal(berlin, startMs), Math.round(value ?? NaN)]);
  };
  assert.equal(await daysOf('2025-03-28T23:00:00Z', '2025-03-31T22:00:00Z'), [
    ['2025-03-29T00:00:00+01:00', 24 * 60],
    ['2025-03-30T00:00:00+01:00', 23 * 60],
    ['2025-03-31T00:00:00+02:00', 24 * 60],
  ]);
  assert.equal(await daysOf('2025-10-24T22:00:00Z', '2025-10-27T23:00:00Z'), [
    ['2025-10-25T00:00:00+02:00', 24 * 60],
    ['2025-10-26T00:00:00+02:00', 25 * 60],
    ['2025-10-27T00:00:00+01:00', 24 * 60],
  ]);
  const utc = await seriesOf(world, 'step_count', {
    from: '2025-03-29T00:00:00Z',
    to: '2025-03-31T00:00:00Z',
    resolution: 'day',
  });
  assert.equal(
    utc.bins.map(({ value }) => Math.round(value ?? NaN)),
    [1440, 1440],
  );
});

reading('the ends of a query are rounded out to whole minutes, and cut the first and the last bin', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 120, 120, WATCH)]));
  const page = await seriesOf(world, 'step_count', { from: '2025-03-03T10:30:59Z', to: '2025-03-03T11:14:01Z' });
  assert.equal([page.fromMs, page.toMs], [at('2025-03-03T10:30:00Z'), at('2025-03-03T11:15:00Z')]);
  assert.equal(
    page.bins.map(({ startMs, endMs, value }) => [startMs, endMs, value]),
    [
      [at('2025-03-03T10:30:00Z'), at(ELEVEN), 30],
      [at(ELEVEN), at('2025-03-03T11:15:00Z'), 15],
    ],
  );
});

reading('a page holds a week of minutes, and the next begins where data go on', async () => {
  const world = await worldWith(
    columnsOf('step_count', [
      fromTen(0, 1, 1, WATCH),
      // Reaches past the end of the first page.
      fromTen(10_079, 10_082, 3, WATCH),
      fromTen(40 * 1440, 40 * 1440 + 1, 10, WATCH),
    ]),
  );
  const pages = await allPages(world, 'step_count', { from: TEN, to: '2026-03-03T10:00:00Z', resolution: 'minute' });
  assert.equal(
    pages.map(({ bins }) => bins.map(({ value }) => Math.round(value ?? NaN))),
    [[1, 1], [1, 1], [10]],
  );
  assert.is(pages[0]?.nextMs, at(TEN) + 10_080 * 60_000);
  // Not after the three weeks of nothing that follow, minute by minute.
  assert.is(pages[1]?.nextMs, at('2025-04-12T00:00:00Z'));
  assert.is(pages[2]?.toMs, at('2026-03-03T10:00:00Z'));
});

reading('a query from long before the first sample begins with it, and ends with the last', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 10, 10, WATCH)]));
  for (const resolution of ['minute', 'hour', 'day'] as const) {
    const pages = await allPages(world, 'step_count', { from: 0, to: '2999-01-01T00:00:00Z', resolution });
    assert.is(pages.length, 1, resolution);
    assert.is(Math.round(sumOf(pages)), 10);
  }
});

reading('a page of days covers 420 of them', async () => {
  const daily = Array.from({ length: 1000 }, (_, day) => fromTen(day * 1440, day * 1440 + 5, 2, WATCH));
  const world = await worldWith(columnsOf('flights_climbed', daily));
  const pages = await allPages(world, 'flights_climbed', { from: 0, to: '2999-01-01T00:00:00Z', resolution: 'day' });
  assert.equal(
    pages.map(({ bins }) => bins.length),
    [420, 420, 160],
  );
  assert.is(Math.round(sumOf(pages)), 2000);
});

reading('a page ends early where there are very many samples', async () => {
  const firstMs = at('2025-01-01T00:00:00Z');
  const startMs = new Float64Array(600_000).map((_, i) => firstMs + i * 5000);
  const dense: SampleColumns = {
    ...columnsOf('heart_rate', [{ startMs: 0, value: 1, source: WATCH }]),
    startMs,
    endMs: startMs,
    value: new Float64Array(startMs.length).fill(60),
    source: new Uint16Array(startMs.length),
  };
  // The store answers of its five weeks what it has; how it was stored is not this test's.
  const world = await worldWith();
  const samples = {
    daysWithData: () => okAsync([...Array(80).keys()].map((day) => 20_089 + day)),
    read: (_owner: unknown, _types: unknown, { fromMs, toMs }: Span) =>
      okAsync(fromMs <= firstMs && firstMs < toMs ? [dense] : []),
  };
  const asked = { from: '2025-01-01T00:00:00Z', to: '2025-03-11T00:00:00Z', resolution: 'day' } as const;
  const dated = { ...world, samples: replacing(world.samples, samples) };
  const first = await seriesOf(dated, 'heart_rate', asked);
  assert.is(first.bins.length, 35);
  assert.is(first.nextMs, at('2025-02-05T00:00:00Z'));
  const second = await seriesOf(dated, 'heart_rate', { ...asked, afterMs: first.nextMs });
  assert.equal([second.bins, second.nextMs], [[], null]);
});

reading('nobody sees the samples of somebody else', async () => {
  const world = await worldWith(columnsOf('step_count', [fromTen(0, 10, 10, WATCH)]));
  const query = {
    type: seriesType('step_count'),
    fromMs: at(TEN),
    toMs: at(NOON),
    resolution: 'hour',
    zone: zoneOf('UTC'),
    source: null,
    afterMs: null,
  } as const;
  const { bins, sources, nextMs } = valueOf(await readSeries(world)(BOB, query));
  assert.equal([bins, sources, nextMs], [[], [], null]);
  const read = () => errAsync(portUnavailable('SampleStore', 'read', 'planted'));
  const failing = { ...world, samples: replacing(world.samples, { read }) };
  assert.is(errorOf(await readSeries(failing)(ADA, query)).port, 'SampleStore');
});

reading('the policy is told in words, by what it is about', () => {
  const policies = (['step_count', 'sleep_stage', 'activity_data.steps'] as const).map((name) =>
    sourcePolicy({ type: seriesType(name) }),
  );
  assert.match(policies[0] ?? '', /minute.*watch before a phone/);
  assert.match(policies[1] ?? '', /noon to noon/);
  assert.match(policies[2] ?? '', /local day/);
});

reading('a name that is no type is a bug', () => {
  assert.throws(() => seriesType('nonsense' as 'step_count'), RangeError);
});

reading.run();
