import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metricNights } from '../../../core/analysis/metric-nights.ts';
import { MemoryMetricStore } from '../../../adapters/memory/metric-store.ts';
import type { Metric } from '../../../core/health-data/model.ts';
import { localZone } from '../../../core/kernel/local-time.ts';
import { ADA, BOB } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { nightBlock, sleepMetric } from './metrics.ts';
import { BERLIN } from './recordings.ts';

async function nightsOf(metrics: readonly Metric[], zone = BERLIN) {
  const store = new MemoryMetricStore();
  valueOf(await store.append(ADA, metrics));
  return valueOf(await metricNights(store)(ADA, zone));
}

test('a sleep metric is a night of its evening, in local time', async () => {
  const [night] = await nightsOf([sleepMetric(nightBlock('2025-01-06', '2025-01-07', { time_to_sleep_minutes: 12 }))]);
  assert.equal(night?.result, {
    date: '2025-01-06',
    in_bed_start: '2025-01-06T23:00:00+01:00',
    in_bed_end: '2025-01-07T07:00:00+01:00',
    time_in_bed_minutes: 480,
    asleep_minutes: 440,
    efficiency_percent: (440 / 480) * 100,
    onset_latency_minutes: 12,
    waso_minutes: null,
    stages: null,
    source: 'sleep diary',
  });
});

test('sleep that begins after midnight still belongs to the evening before', async () => {
  const block = {
    ...nightBlock('', ''),
    sleep_start: '2025-01-07T01:30:00+01:00',
    sleep_end: '2025-01-07T09:30:00+01:00',
  };
  const [night] = await nightsOf([sleepMetric(block)]);
  assert.is(night?.result.date, '2025-01-06');
});

test('a nap after noon belongs to its own day', async () => {
  const block = {
    ...nightBlock('', ''),
    sleep_start: '2025-01-07T13:00:00+01:00',
    sleep_end: '2025-01-07T14:00:00+01:00',
  };
  const [night] = await nightsOf([sleepMetric(block)]);
  assert.is(night?.result.date, '2025-01-07');
});

test('the evening is the local one on every side of the globe', async () => {
  for (const [name, start, end] of [
    ['Pacific/Auckland', '2025-01-06T23:00:00+13:00', '2025-01-07T07:00:00+13:00'],
    ['America/Los_Angeles', '2025-01-06T23:00:00-08:00', '2025-01-07T07:00:00-08:00'],
  ] as const) {
    const block = { ...nightBlock('', ''), sleep_start: start, sleep_end: end };
    const [night] = await nightsOf([sleepMetric(block)], valueOf(localZone(name)));
    assert.equal([night?.result.date, night?.result.in_bed_start], ['2025-01-06', start]);
  }
});

test('a time without an offset is read as UTC', async () => {
  const block = { ...nightBlock('', ''), sleep_start: '2025-01-06T22:00', sleep_end: '2025-01-07T06:00' };
  const [night] = await nightsOf([sleepMetric(block)]);
  assert.is(night?.result.in_bed_start, '2025-01-06T23:00:00+01:00');
});

test('stages are given only where all four were sent', async () => {
  const stages = { awake: 20, light: 240, deep: 100, rem: 100 };
  const nights = await nightsOf([
    sleepMetric(nightBlock('2025-01-06', '2025-01-07', { sleep_stages: stages })),
    sleepMetric(nightBlock('2025-01-07', '2025-01-08', { sleep_stages: { ...stages, rem: null } })),
    sleepMetric(nightBlock('2025-01-08', '2025-01-09', { sleep_stages: null })),
    sleepMetric(nightBlock('2025-01-09', '2025-01-10', { sleep_stages: { awake: 20 } })),
  ]);
  assert.equal(
    nights.map(({ result }) => result.stages),
    [{ awake: 20, core: 240, deep: 100, rem: 100, unspecified: 0 }, null, null, null],
  );
});

test('nights come in time order, and of two for one evening the longer sleep is taken', async () => {
  const nights = await nightsOf([
    sleepMetric(nightBlock('2025-01-08', '2025-01-09')),
    sleepMetric(nightBlock('2025-01-06', '2025-01-07', { total_sleep_minutes: 300 })),
    sleepMetric(nightBlock('2025-01-06', '2025-01-07', { total_sleep_minutes: 420 })),
    sleepMetric(nightBlock('2025-01-06', '2025-01-07', { total_sleep_minutes: 360 })),
  ]);
  assert.equal(
    nights.map(({ result }) => [result.date, result.asleep_minutes]),
    [
      ['2025-01-06', 420],
      ['2025-01-08', 440],
    ],
  );
});

test('a metric without a readable night makes none', async () => {
  const unreadable = [
    null,
    {},
    nightBlock('2025-01-06', '2025-01-07', { sleep_start: 'yesterday' }),
    nightBlock('2025-01-06', '2025-01-07', { sleep_end: 5 }),
    nightBlock('2025-01-06', '2025-01-07', { total_sleep_minutes: '440' }),
    nightBlock('2025-01-06', '2025-01-06'),
  ];
  assert.equal(await nightsOf(unreadable.map((block) => sleepMetric(block))), []);
});

test('only sleep metrics are asked for', async () => {
  const other = sleepMetric(nightBlock('2025-01-06', '2025-01-07'), { metricType: 'heart_rate' });
  assert.equal(await nightsOf([other]), []);
});

test("another person's nights are not among them", async () => {
  const store = new MemoryMetricStore();
  valueOf(await store.append(BOB, [sleepMetric(nightBlock('2025-01-06', '2025-01-07'))]));
  assert.equal(valueOf(await metricNights(store)(ADA, BERLIN)), []);
});

test('all nights of years are found, over as many pages as it takes', async () => {
  const metrics = Array.from({ length: 2500 }, (_, i) => {
    const startMs = Date.UTC(2018, 0, 1, 22) + i * 86_400_000;
    return sleepMetric({
      ...nightBlock('', ''),
      sleep_start: new Date(startMs).toISOString(),
      sleep_end: new Date(startMs + 8 * 3_600_000).toISOString(),
    });
  });
  const nights = await nightsOf(metrics);
  assert.is(nights.length, 2500);
  assert.is(nights[0]?.result.date, '2018-01-01');
  assert.is(new Set(nights.map(({ day }) => day)).size, 2500);
});

test.run();
