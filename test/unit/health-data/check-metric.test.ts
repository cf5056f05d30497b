import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metricIssues } from '../../../core/health-data/check-metric.ts';
import { METRIC_TYPES, type MetricBlocks, type MetricType } from '../../../core/health-data/model.ts';

const NO_BLOCKS: MetricBlocks = {
  biometric_data: null,
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
};
const BLOCK = { anything: 1 };

/** The block that each type needs; null where any will do. */
const NEEDS: Readonly<Record<MetricType, keyof MetricBlocks | null>> = {
  heart_rate: 'biometric_data',
  heart_rate_variability: 'biometric_data',
  blood_pressure: 'biometric_data',
  blood_oxygen: null,
  respiratory_rate: null,
  sleep_analysis: 'sleep_data',
  activity_level: 'activity_data',
  stress_indicators: 'mental_health_data',
  mood_assessment: 'mental_health_data',
  cognitive_metrics: 'mental_health_data',
  environmental: null,
  body_temperature: null,
  blood_glucose: null,
};

for (const type of METRIC_TYPES) {
  const needed = NEEDS[type];
  test(`${type} needs ${needed ?? 'some block'}`, () => {
    const without = metricIssues(type, NO_BLOCKS, null);
    assert.equal(
      without.map(({ pointer, code }) => [pointer, code]),
      [[needed === null ? '' : `/${needed}`, 'missing_block']],
    );
    for (const block of Object.keys(NO_BLOCKS) as (keyof MetricBlocks)[]) {
      const issues = metricIssues(type, { ...NO_BLOCKS, [block]: BLOCK }, null);
      assert.is(issues.length, needed === null || needed === block ? 0 : 1, block);
    }
  });
}

test('what else a metric carries is no block', () => {
  const metric = { ...NO_BLOCKS, index: 3, metricId: 'abc', rawData: BLOCK };
  assert.is(metricIssues('environmental', metric, null).length, 1);
});

const sleepIssues = (minutes: number, asleepMinutes: number) =>
  metricIssues(
    'sleep_analysis',
    { ...NO_BLOCKS, sleep_data: BLOCK },
    { startMs: 0, endMs: minutes * 60_000, asleepMinutes },
  );

test('asleep as long as in bed is fine, and so is much shorter', () => {
  assert.equal(sleepIssues(480, 480), []);
  assert.equal(sleepIssues(480, 1), []);
});

test('asleep longer than in bed is refused with both numbers', () => {
  assert.equal(sleepIssues(480, 481), [
    {
      pointer: '/sleep_data/total_sleep_minutes',
      message: 'is 481, more than the 480 minutes between sleep_start and sleep_end',
      code: 'asleep_longer_than_in_bed',
    },
  ]);
});

test('sleep that does not end after it starts is refused, once', () => {
  for (const minutes of [0, -30]) {
    assert.equal(
      sleepIssues(minutes, 10).map(({ pointer, code }) => [pointer, code]),
      [['/sleep_data/sleep_end', 'ends_before_start']],
    );
  }
});

test('all that is wrong is told at once', () => {
  const issues = metricIssues('heart_rate', NO_BLOCKS, { startMs: 0, endMs: 0, asleepMinutes: 1 });
  assert.is(issues.length, 2);
});

test.run();
