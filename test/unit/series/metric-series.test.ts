import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryWorld, replacing, ADA, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import type { Metric } from '../../../core/health-data/model.ts';
import { allPages, at, metricOf, seriesOf, sumOf } from './series-of.ts';

const fields = suite('a series of a field of metrics');

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TEN = at('2025-03-03T10:00:00Z');
const DAY = { from: '2025-03-03T00:00:00Z', to: '2025-03-04T00:00:00Z' };

async function worldOf(...metrics: readonly Metric[]): Promise<World> {
  const world = memoryWorld();
  valueOf(await world.metrics.append(ADA, metrics));
  return world;
}

const steps = (startMs: number, value: number, source = 'phone'): Metric =>
  metricOf(startMs, source, { activity_data: { steps: value, distance: 1.5 } });

fields('totals are summed and levels averaged where they were taken', async () => {
  const world = await worldOf(
    steps(TEN, 100),
    steps(TEN + 30 * MINUTE_MS, 50),
    steps(TEN + 70 * MINUTE_MS, 5),
    metricOf(TEN + 1, 'phone', { biometric_data: { heart_rate: 60 } }),
    metricOf(TEN + 2, 'phone', { biometric_data: { heart_rate: 70.5 } }),
    metricOf(TEN + 3, 'phone', { sleep_data: { sleep_stages: { deep: 75, rem: 'many' } } }),
  );
  const total = await seriesOf(world, 'activity_data.steps', DAY);
  assert.equal(
    total.bins.map(({ startMs, value }) => [startMs, value]),
    [
      [TEN, 150],
      [TEN + 60 * MINUTE_MS, 5],
    ],
  );
  const pulse = await seriesOf(world, 'biometric_data.heart_rate', { ...DAY, resolution: 'day' });
  assert.equal([pulse.bins[0]?.value, pulse.bins[0]?.spread], [65.25, { min: 60, max: 70.5, count: 2 }]);
  const deep = await seriesOf(world, 'sleep_data.sleep_stages.deep', DAY);
  assert.equal(
    deep.bins.map(({ value }) => value),
    [75],
  );
  for (const name of ['sleep_data.sleep_stages.rem', 'mental_health_data.stress_level'] as const) {
    const { bins, sources } = await seriesOf(world, name, DAY);
    assert.equal([bins, sources], [[], []]);
  }
});

fields('of a day that two sources told, the one with more readings counts, at whatever minutes', async () => {
  const world = await worldOf(
    steps(TEN, 100, 'watch app'),
    steps(TEN + 60 * MINUTE_MS, 100, 'watch app'),
    steps(TEN + 600 * MINUTE_MS, 1000, 'phone app'),
    steps(TEN + DAY_MS, 7, 'phone app'),
    steps(TEN + 2 * DAY_MS, 1, 'b'),
    steps(TEN + 2 * DAY_MS + 1, 2, 'a'),
  );
  const ends = { from: DAY.from, to: '2025-03-06T00:00:00Z' };
  for (const resolution of ['minute', 'hour', 'day'] as const) {
    const page = await seriesOf(world, 'activity_data.steps', { ...ends, resolution });
    assert.is(sumOf([page]), 209, resolution);
    assert.equal(
      page.sources.map(({ source, used, setAside }) => [source.name, used, setAside]),
      [
        ['watch app', 200, 0],
        ['a', 2, 0],
        ['phone app', 7, 1000],
        ['b', 0, 1],
      ],
    );
  }
  const half = await seriesOf(world, 'activity_data.steps', { from: TEN + 300 * MINUTE_MS, to: DAY.to });
  assert.equal([half.bins, half.sources[0]?.setAside], [[], 1000], 'the choice is the whole day');
  const asked = await seriesOf(world, 'activity_data.steps', { ...DAY, resolution: 'day', source: 'phone app' });
  assert.equal(
    asked.bins.map(({ value }) => value),
    [1000],
  );
  assert.equal(
    asked.sources.map(({ reason }) => reason),
    [null, 'another source was asked for'],
  );
});

fields('the days are those of the zone', async () => {
  const world = await worldOf(
    steps(at('2025-03-29T22:59:00Z'), 1, 'a'),
    steps(at('2025-03-29T23:01:00Z'), 10, 'b'),
    steps(at('2025-03-30T21:59:00Z'), 100, 'b'),
    steps(at('2025-03-30T22:00:00Z'), 1000, 'a'),
  );
  const ends = { from: '2025-03-28T23:00:00Z', to: '2025-03-31T22:00:00Z' };
  const page = await seriesOf(world, 'activity_data.steps', { ...ends, resolution: 'day', zone: 'Europe/Berlin' });
  assert.equal(
    page.bins.map(({ startMs, endMs, value }) => [(endMs - startMs) / 3_600_000, value]),
    [
      [24, 1],
      [23, 110],
      [24, 1000],
    ],
  );
});

fields('pages begin where metrics are, and end with the last', async () => {
  const world = await worldOf(steps(TEN, 1), steps(TEN + 30 * DAY_MS, 2), steps(TEN + 500 * DAY_MS, 4));
  const ever = { from: 0, to: '2999-01-01T00:00:00Z' };
  const minutes = await allPages(world, 'activity_data.steps', { ...ever, resolution: 'minute' });
  assert.equal(
    minutes.map(({ bins }) => bins.map(({ value }) => value)),
    [[1], [2], [4]],
  );
  assert.equal(
    minutes.map(({ nextMs }) => nextMs),
    [TEN + 30 * DAY_MS, TEN + 500 * DAY_MS, null],
  );
  const days = await allPages(world, 'activity_data.steps', { ...ever, resolution: 'day' });
  assert.equal(
    days.map(({ bins }) => bins.map(({ value }) => value)),
    [[1, 2], [4]],
  );
  const none = await seriesOf(world, 'activity_data.steps', { from: TEN + 1000 * DAY_MS, to: '2999-01-01T00:00:00Z' });
  assert.equal([none.bins, none.nextMs], [[], null]);
});

fields('a page ends early, with a whole day, where there are very many metrics', async () => {
  const dayStart = at('2025-03-03T00:00:00Z');
  // 15,000 a day: the second day is the one on which the look ends.
  const many = Array.from({ length: 45_000 }, (_, i) =>
    metricOf(dayStart + Math.floor(i / 15_000) * DAY_MS + (i % 15_000) * 5000, 'phone', {
      activity_data: { steps: 1 },
    }),
  );
  const world = memoryWorld();
  let reads = 0;
  const metrics = replacing(world.metrics, {
    list: (_owner, { limit, before, fromMs, toMs }) => {
      reads += 1;
      const from = Math.max(
        fromMs ?? -Infinity,
        (before?.createdAtMs ?? -Infinity) + (before?.metricId === '' ? 0 : 1),
      );
      const first = many.findIndex(({ createdAtMs }) => createdAtMs >= from);
      const within =
        first < 0 ? [] : many.slice(first, first + limit).filter((m) => m.createdAtMs < (toMs ?? Infinity));
      const hasMore = within.length === limit && (many[first + limit]?.createdAtMs ?? Infinity) < (toMs ?? Infinity);
      return world.metrics
        .list(ADA, { types: [], fromMs: null, toMs: null, uploadSource: null, limit: 1, offset: 0, after: null })
        .map(() => ({ metrics: within.reverse(), hasMore }));
    },
  });
  const ends = { from: '2025-03-01T00:00:00Z', to: '2025-03-20T00:00:00Z', resolution: 'hour' } as const;
  const pages = await allPages({ ...world, metrics }, 'activity_data.steps', ends);
  assert.equal(
    pages.map(({ bins }) => sumOf([{ ...pages[0]!, bins }])),
    [15_000, 15_000, 15_000],
  );
  assert.equal(
    pages.map(({ nextMs }) => nextMs),
    [dayStart + DAY_MS, dayStart + 2 * DAY_MS, null],
  );
  assert.ok(reads < 100);
});

fields.run();
