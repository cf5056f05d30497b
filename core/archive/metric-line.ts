import type { Result } from 'neverthrow';
import { METRIC_TYPES, type Metric } from '../health-data/model.ts';
import { processingId } from '../kernel/ids.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields, readInstant } from './instants.ts';

const SHA_256 = /^[0-9a-f]{64}$/;

/** A metric as a line of `metrics.ndjson`. */
export const metricLine = (metric: Metric): object => ({
  metric_id: metric.metricId,
  metric_type: metric.metricType,
  processing_id: metric.processingId,
  upload_source: metric.uploadSource,
  ...instantFields('created_at', metric.createdAtMs),
  device_id: metric.deviceId,
  biometric_data: metric.biometric_data,
  sleep_data: metric.sleep_data,
  activity_data: metric.activity_data,
  mental_health_data: metric.mental_health_data,
  raw_data: metric.rawData,
  metadata: metric.metadata,
  fingerprint: metric.fingerprint,
});

/**
 * The metric of a line, or what is wrong with it. The content of the blocks is kept as it is, as everything that reads
 * blocks expects of data from older services; ranges are for what clients send.
 */
export function metricOfLine(value: unknown): Result<Metric, string> {
  const fields = new FieldReader(value);
  const fingerprint = fields.text('fingerprint');
  if (!SHA_256.test(fingerprint)) fields.refuse('fingerprint is not a SHA-256');
  const metric: Metric = {
    metricId: fields.id('metric_id'),
    metricType: fields.oneOf('metric_type', METRIC_TYPES),
    processingId: processingId(fields.id('processing_id')),
    uploadSource: fields.text('upload_source', { least: 0 }),
    createdAtMs: readInstant(fields, 'created_at'),
    deviceId: fields.textOrNull('device_id', 1000),
    biometric_data: fields.objectOrNull('biometric_data'),
    sleep_data: fields.objectOrNull('sleep_data'),
    activity_data: fields.objectOrNull('activity_data'),
    mental_health_data: fields.objectOrNull('mental_health_data'),
    rawData: fields.objectOrNull('raw_data'),
    metadata: fields.objectOrNull('metadata'),
    fingerprint,
  };
  return fields.result(metric);
}
