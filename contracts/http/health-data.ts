import * as t from 'io-ts';
import { object, tolerantList } from '../codec.ts';
import { routes } from '../route.ts';
import { dateTime, integer, jsonObject, list, number, oneOf, text, uuid } from '../scalars.ts';

export const BiometricData = object(
  'BiometricData',
  {},
  {
    heart_rate: number(30, 300),
    blood_pressure_systolic: integer(70, 250),
    blood_pressure_diastolic: integer(40, 150),
    oxygen_saturation: number(70, 100),
    heart_rate_variability: number(0, 200),
    respiratory_rate: number(5, 60),
    body_temperature: number(35, 42),
    blood_glucose: number(50, 500),
  },
);

export const SleepStageMinutes = object(
  'SleepStageMinutes',
  {},
  { awake: integer(0, 1440), light: integer(0, 1440), deep: integer(0, 1440), rem: integer(0, 1440) },
);

export const SleepData = object(
  'SleepData',
  { total_sleep_minutes: integer(1, 2880), sleep_efficiency: number(0, 1), sleep_start: dateTime, sleep_end: dateTime },
  { time_to_sleep_minutes: integer(0, 180), wake_count: integer(0, 50), sleep_stages: SleepStageMinutes },
);

export const ActivityData = object(
  'ActivityData',
  {},
  {
    steps: integer(0, 100_000),
    distance: number(0, 100),
    active_energy: number(0, 5000),
    exercise_minutes: integer(0, 1440),
    flights_climbed: integer(0, 500),
    vo2_max: number(10, 80),
    active_minutes: integer(0, 1440),
    resting_heart_rate: number(30, 120),
  },
);

export const MentalHealthIndicator = object(
  'MentalHealthIndicator',
  {},
  {
    mood_score: oneOf('very_low', 'low', 'neutral', 'good', 'excellent'),
    stress_level: number(1, 10),
    anxiety_level: number(1, 10),
    energy_level: number(1, 10),
    focus_rating: number(1, 10),
    social_interaction_minutes: integer(0, 1440),
    meditation_minutes: integer(0, 480),
    notes: text(0, 1000),
    timestamp: dateTime,
  },
);

export const metricType = oneOf(
  'heart_rate',
  'heart_rate_variability',
  'blood_pressure',
  'blood_oxygen',
  'respiratory_rate',
  'sleep_analysis',
  'activity_level',
  'stress_indicators',
  'mood_assessment',
  'cognitive_metrics',
  'environmental',
  'body_temperature',
  'blood_glucose',
);

export const HealthMetric = object(
  'HealthMetric',
  { metric_type: metricType },
  {
    metric_id: uuid,
    biometric_data: BiometricData,
    sleep_data: SleepData,
    activity_data: ActivityData,
    mental_health_data: MentalHealthIndicator,
    device_id: text(1, 200),
    raw_data: jsonObject,
    metadata: jsonObject,
    created_at: dateTime,
  },
);

/** The most metrics one upload may carry; a deployment can set a lower or higher one with MAX_METRICS_PER_UPLOAD. */
export const MOST_METRICS_PER_UPLOAD = 10_000;

export const HealthDataUpload = object(
  'HealthDataUpload',
  {
    user_id: text(1, 128),
    metrics: tolerantList('HealthMetrics', HealthMetric, { min: 1, max: MOST_METRICS_PER_UPLOAD }),
    upload_source: text(1, 200),
    client_timestamp: dateTime,
  },
  { sync_token: text(0, 4096) },
);

const processingStatus = oneOf('received', 'processing', 'completed', 'failed', 'requires_review');

export const ValidationIssue = object(
  'ValidationIssue',
  { field: t.string, message: t.string, code: t.string },
  { value: t.unknown, pointer: t.string },
);

export const HealthDataResponse = object(
  'HealthDataResponse',
  {
    processing_id: t.string,
    status: processingStatus,
    accepted_metrics: t.number,
    rejected_metrics: t.number,
    duplicate_metrics: t.number,
    validation_errors: list(ValidationIssue, { min: 0, max: MOST_METRICS_PER_UPLOAD * 20 }),
    estimated_processing_time: t.number,
    message: t.string,
    timestamp: t.string,
  },
  { sync_token: t.string },
);

export const Notice = object('Notice', { code: t.string, message: t.string, count: t.number }, { first_at: t.string });

export const ProcessingState = object(
  'ProcessingState',
  {
    processing_id: t.string,
    status: processingStatus,
    created_at: t.string,
    updated_at: t.string,
    kind: t.string,
    progress: t.number,
    message: t.string,
    accepted: t.record(t.string, t.number),
    duplicates: t.record(t.string, t.number),
    rejected: list(Notice, { min: 0, max: 10_000 }),
  },
  { failure: object('ProcessingFailure', { code: t.string, reason: t.string }) },
);

/** How much of an upload was there, and is gone. */
export const HealthDataDeleted = object('HealthDataDeleted', {
  message: t.string,
  processing_id: t.string,
  deleted_at: t.string,
  deleted: object('DeletedCounts', {
    samples: t.number,
    metrics: t.number,
    analyses: t.number,
    insights: t.number,
    raw_objects: t.number,
  }),
});

const processingParams = object('ProcessingParams', { processing_id: text(1, 200) });

export const healthDataRoutes = routes({
  uploadHealthData: {
    method: 'POST',
    path: '/api/v1/health-data',
    audit: { action: 'create', dataTypes: ['uploads', 'metrics'] },
    slashTwin: true,
    auth: 'write-own-data',
    tag: 'Health data',
    feature: 'data',
    summary: 'Store a batch of metrics; a bad one is set aside by itself',
    rateLimit: 'upload',
    idempotency: 'key',
    body: {
      kind: 'json',
      codec: HealthDataUpload,
      example: {
        user_id: '5f0c7a52-8d3c-4c0b-9f5e-3a8f1f6f0c11',
        upload_source: 'apple_health',
        client_timestamp: '2025-01-06T08:30:00+01:00',
        metrics: [
          {
            metric_type: 'heart_rate',
            biometric_data: { heart_rate: 61 },
            created_at: '2025-01-06T08:29:00+01:00',
          },
          {
            metric_type: 'sleep_analysis',
            sleep_data: {
              total_sleep_minutes: 432,
              sleep_efficiency: 0.9,
              sleep_start: '2025-01-05T23:10:00+01:00',
              sleep_end: '2025-01-06T07:10:00+01:00',
            },
            created_at: '2025-01-06T07:10:00+01:00',
          },
        ],
      },
    },
    responses: { 201: { kind: 'json', codec: HealthDataResponse, description: 'Stored.' } },
    problems: [
      'authorization-denied',
      'validation-error',
      'malformed-json',
      'payload-too-large',
      'too-many-running-jobs',
      'storage-quota-exceeded',
    ],
  },
  readProcessing: {
    method: 'GET',
    path: '/api/v1/health-data/processing/{processing_id}',
    audit: { action: 'read', dataTypes: ['uploads'] },
    auth: 'read-own-data',
    tag: 'Health data',
    feature: 'data',
    summary: 'How far the work on an upload is, and what became of its parts',
    params: processingParams,
    responses: { 200: { kind: 'json', codec: ProcessingState, description: 'The present state.' } },
    problems: ['resource-not-found'],
  },
  retryProcessing: {
    method: 'POST',
    path: '/api/v1/health-data/processing/{processing_id}/retry',
    audit: { action: 'update', dataTypes: ['uploads', 'analyses'] },
    auth: 'write-own-data',
    idempotency: 'key',
    tag: 'Health data',
    feature: 'data',
    summary: 'Work on a failed upload again; its data was kept',
    params: processingParams,
    responses: { 202: { kind: 'json', codec: ProcessingState, description: 'Queued again.' } },
    problems: ['resource-not-found', 'not-retryable'],
  },
  deleteHealthData: {
    method: 'DELETE',
    path: '/api/v1/health-data/{processing_id}',
    audit: { action: 'delete', dataTypes: ['uploads', 'raw-files', 'metrics', 'samples', 'analyses', 'insights'] },
    auth: 'write-own-data',
    tag: 'Health data',
    feature: 'data',
    summary: 'Delete an upload with all that was made of it: samples, metrics, analyses, insights and the raw bytes',
    params: processingParams,
    responses: {
      200: {
        kind: 'json',
        codec: HealthDataDeleted,
        description: 'Gone. Where it fails in the middle, the same call again ends it.',
        example: {
          message: 'Health data deleted successfully',
          processing_id: '5f0c7a52-8d3c-4c0b-9f5e-3a8f1f6f0c11',
          deleted_at: '2025-01-06T08:30:00.000+00:00',
          deleted: { samples: 20_160, metrics: 0, analyses: 3, insights: 1, raw_objects: 1 },
        },
      },
    },
    problems: ['resource-not-found'],
  },
  healthDataHealth: {
    method: 'GET',
    path: '/api/v1/health-data/health',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Health data',
    feature: 'data',
    summary: 'Whether the stores of health data can be reached',
    responses: {
      200: {
        kind: 'json',
        codec: object('HealthDataHealth', {
          status: oneOf('healthy', 'unhealthy'),
          service: t.string,
          timestamp: t.string,
          version: t.string,
        }),
        description: 'Read just now.',
      },
    },
    problems: [],
  },
});
