import type { InputIssue } from '../kernel/errors.ts';
import type { MetricBlocks, MetricType } from './model.ts';

/** A sleep block's times, as instants, for the rules that compare them. */
export interface SleepTimes {
  readonly startMs: number;
  readonly endMs: number;
  readonly asleepMinutes: number;
}

const BLOCK_OF: Readonly<Partial<Record<MetricType, keyof MetricBlocks>>> = {
  heart_rate: 'biometric_data',
  heart_rate_variability: 'biometric_data',
  blood_pressure: 'biometric_data',
  sleep_analysis: 'sleep_data',
  activity_level: 'activity_data',
  stress_indicators: 'mental_health_data',
  mood_assessment: 'mental_health_data',
  cognitive_metrics: 'mental_health_data',
};

const MS_PER_MINUTE = 60_000;

/**
 * The rules between a metric's fields: a type carries the block it is about, and a person is asleep no longer than in
 * bed. Pointers are relative to the metric.
 */
export function metricIssues(type: MetricType, blocks: MetricBlocks, sleep: SleepTimes | null): readonly InputIssue[] {
  const issues: InputIssue[] = [];
  const needed = BLOCK_OF[type];
  if (needed !== undefined && blocks[needed] === null) {
    issues.push({
      pointer: `/${needed}`,
      message: `is required for metric_type ${type}`,
      code: 'missing_block',
    });
  }
  if (needed === undefined && isEmpty(blocks)) {
    issues.push({ pointer: '', message: 'carries no measurement block', code: 'missing_block' });
  }
  if (sleep !== null) {
    const inBedMinutes = (sleep.endMs - sleep.startMs) / MS_PER_MINUTE;
    if (inBedMinutes <= 0) {
      issues.push({
        pointer: '/sleep_data/sleep_end',
        message: 'must be after sleep_start',
        code: 'ends_before_start',
      });
    } else if (sleep.asleepMinutes > inBedMinutes) {
      issues.push({
        pointer: '/sleep_data/total_sleep_minutes',
        message: `is ${String(sleep.asleepMinutes)}, more than the ${String(inBedMinutes)} minutes between sleep_start and sleep_end`,
        code: 'asleep_longer_than_in_bed',
      });
    }
  }
  return issues;
}

const isEmpty = ({ biometric_data, sleep_data, activity_data, mental_health_data }: MetricBlocks): boolean =>
  [biometric_data, sleep_data, activity_data, mental_health_data].every((block) => block === null);
