import type { Metric } from '../../../core/health-data/model.ts';
import { processingId } from '../../../core/kernel/ids.ts';

let made = 0;

/** A sleep metric as the store keeps it; the block is what the test says. */
export function sleepMetric(block: Readonly<Record<string, unknown>> | null, changes: Partial<Metric> = {}): Metric {
  made += 1;
  return {
    metricId: `metric-${String(made).padStart(6, '0')}`,
    metricType: 'sleep_analysis',
    processingId: processingId('upload-of-metrics'),
    uploadSource: 'sleep diary',
    createdAtMs: Date.UTC(2025, 0, 7, 8) + made,
    deviceId: null,
    rawData: null,
    metadata: null,
    fingerprint: `fingerprint-${made}`,
    biometric_data: null,
    sleep_data: block,
    activity_data: null,
    mental_health_data: null,
    ...changes,
  };
}

/** The block of a night from 23:00 to 07:00 with 440 minutes asleep. */
export const nightBlock = (evening: string, morning: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  total_sleep_minutes: 440,
  sleep_efficiency: 0.9,
  sleep_start: `${evening}T23:00:00+01:00`,
  sleep_end: `${morning}T07:00:00+01:00`,
  ...changes,
});
