import * as t from 'io-ts';
import { AnalysisDocument } from '../analysis.ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { dateTime, finite, integer, jsonObject, list, number, oneOf, text, timeZoneName } from '../scalars.ts';
import { NotComputedList } from '../not-computed.ts';

/** Two weeks of minutes: the most readings one request may carry. */
export const MOST_READINGS = 20_160;

const readings = { min: 1, max: MOST_READINGS };

export const StepAnalysisRequest = object(
  'StepAnalysisRequest',
  { step_counts: list(integer(0, 100_000), readings), timestamps: list(dateTime, readings) },
  { user_metadata: jsonObject, timezone: timeZoneName, encode_days: integer(1, 14) },
);

export const AnalysisRequest = object(
  'AnalysisRequest',
  { data_points: list(object('DataPoint', { timestamp: dateTime, value: finite }), readings) },
  {
    sampling_rate: number(0.001, 6000),
    duration_hours: number(1, 168),
    timezone: timeZoneName,
    non_wear: oneOf('none', 'choi', 'troiano'),
    encode_days: integer(1, 14),
  },
);

/** The contract's own result fields. A number that the data do not support is null, and `not_computed` says why. */
export const ActigraphyAnalysis = object(
  'ActigraphyAnalysis',
  {
    user_id: t.string,
    analysis_timestamp: t.string,
    clinical_insights: list(t.string, { min: 0, max: 100 }),
    not_computed: NotComputedList,
  },
  {
    sleep_efficiency: t.number,
    sleep_onset_latency: t.number,
    wake_after_sleep_onset: t.number,
    total_sleep_time: t.number,
    circadian_rhythm_score: t.number,
    activity_fragmentation: t.number,
    depression_risk_score: t.number,
    sleep_stages: list(t.string, { min: 0, max: MOST_READINGS }),
    confidence_score: t.number,
    embedding: list(t.number, { min: 96, max: 96 }),
    mania_risk_score: t.number,
    mania_alert_level: oneOf('none', 'low', 'moderate', 'high'),
  },
);

export const AnalysisResponse = object(
  'AnalysisResponse',
  { analysis_id: t.string, status: oneOf('completed'), cached: t.literal(false), details: AnalysisDocument },
  { analysis: ActigraphyAnalysis, processing_time_ms: t.number, message: t.string },
);

export const PatAnalysisResponse = object(
  'PATAnalysisResponse',
  { processing_id: t.string, status: oneOf('completed', 'processing', 'failed') },
  {
    message: t.string,
    analysis_date: t.string,
    pat_features: t.record(t.string, t.number),
    activity_embedding: list(t.number, { min: 96, max: 96 }),
    metadata: jsonObject,
    analysis: ActigraphyAnalysis,
    details: AnalysisDocument,
    weeks: list(t.string, { min: 0, max: 10_000 }),
    not_computed: NotComputedList,
  },
);

/** Whether an encoder can answer; only `ready` gives embeddings. */
const ModelStatus = oneOf('ready', 'weights_not_installed', 'weights_corrupt', 'weights_unknown', 'engine_unavailable');

/** Counted since the process started. There is no cache, so nothing is ever answered from one. */
const InferenceEngine = object('InferenceEngine', {
  requests_processed: t.number,
  cache_hits: t.number,
  cache_hit_rate_percent: t.number,
  error_count: t.number,
  is_running: t.boolean,
  queue_size: t.number,
});

const InstalledModel = object('InstalledModel', {
  id: t.string,
  name: t.string,
  size: oneOf('S', 'M', 'L'),
  parameters: t.number,
  source: object('ModelSource', { location: t.string, sha256: t.string, bytes: t.number }),
  converted: object('ConvertedModel', { format: t.string, file: t.string, sha256: t.string, bytes: t.number }),
  licence: t.string,
  attribution: t.string,
  citation: t.string,
  installed_at: t.string,
});

const few = { min: 0, max: 1000 };

export const ModelsInfo = object(
  'ModelsInfo',
  {
    model_type: t.string,
    version: t.string,
    initialized: t.boolean,
    status: ModelStatus,
    message: t.string,
    capabilities: list(t.string, few),
    input_requirements: object('InputRequirements', {
      sampling_rate: t.string,
      duration: t.string,
      data_format: t.string,
      missing_minutes: t.string,
    }),
    performance: InferenceEngine,
    installed: list(InstalledModel, few),
    reference_populations: list(
      object('InstalledPopulation', { name: t.string, signal: t.string, sha256: t.string }),
      few,
    ),
    heads: list(object('InstalledHead', { id: t.string, task: t.string, sha256: t.string }), few),
  },
  /** The encoder in use and what runs it; null unless the status is `ready`. */
  { model: InstalledModel, engine: t.string },
);

const params = object('AnalysisParams', { processing_id: text(1, 200) });
const query = object('AnalysisQuery', {}, { week: text(10, 10) });

export const patRoutes = routes({
  analyzeSteps: {
    method: 'POST',
    path: '/api/v1/pat/step-analysis',
    audit: { action: 'analyze', dataTypes: ['analyses'] },
    slashTwin: true,
    auth: 'write-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    summary: 'Analyse step counts with their timestamps (a steps proxy of actigraphy, and labelled so)',
    rateLimit: 'step-analysis',
    idempotency: 'key',
    body: {
      kind: 'json',
      codec: StepAnalysisRequest,
      example: {
        step_counts: [0, 12, 104],
        timestamps: ['2025-01-06T08:00:00+01:00', '2025-01-06T08:01:00+01:00', '2025-01-06T08:02:00+01:00'],
        timezone: 'Europe/Berlin',
      },
    },
    responses: { 200: { kind: 'json', codec: AnalysisResponse, description: 'Analysed and kept.' } },
    problems: [
      'insufficient-data',
      'validation-error',
      'malformed-json',
      'payload-too-large',
      'storage-quota-exceeded',
    ],
  },
  analyzeCounts: {
    method: 'POST',
    path: '/api/v1/pat/analysis',
    audit: { action: 'analyze', dataTypes: ['analyses'] },
    slashTwin: true,
    auth: 'write-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    summary: 'Analyse activity counts with their timestamps',
    rateLimit: 'analysis',
    idempotency: 'key',
    body: {
      kind: 'json',
      codec: AnalysisRequest,
      example: {
        data_points: [
          { timestamp: '2025-01-06T08:00:00+01:00', value: 0 },
          { timestamp: '2025-01-06T08:01:00+01:00', value: 231.5 },
        ],
        timezone: 'Europe/Berlin',
        non_wear: 'choi',
      },
    },
    responses: { 200: { kind: 'json', codec: AnalysisResponse, description: 'Analysed and kept.' } },
    problems: [
      'insufficient-data',
      'validation-error',
      'malformed-json',
      'payload-too-large',
      'storage-quota-exceeded',
    ],
  },
  readAnalysis: {
    method: 'GET',
    path: '/api/v1/pat/analysis/{processing_id}',
    audit: { action: 'read', dataTypes: ['analyses'] },
    auth: 'read-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    conditional: 'etag',
    summary: 'The analysis of an upload; ?week=YYYY-MM-DD (a Monday from "weeks") for one of its complete weeks',
    params,
    query,
    responses: { 200: { kind: 'json', codec: PatAnalysisResponse, description: 'The result, or how far it is.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  readReport: {
    method: 'GET',
    path: '/api/v1/pat/analysis/{processing_id}/report',
    audit: { action: 'read', dataTypes: ['analyses'] },
    auth: 'read-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    conditional: 'etag',
    summary: 'The same as one self-contained HTML page to look at',
    params,
    query,
    responses: { 200: { kind: 'text', mediaType: 'text/html; charset=utf-8', description: 'The report.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  modelsInfo: {
    method: 'GET',
    path: '/api/v1/pat/models/info',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    summary: 'Which encoder is installed, where it came from, what runs it, and what it needs',
    responses: { 200: { kind: 'json', codec: ModelsInfo, description: 'Read just now.' } },
    problems: [],
  },
  patHealth: {
    method: 'GET',
    path: '/api/v1/pat/health',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Analysis',
    feature: 'analysis',
    summary: 'Whether analyses can be made, and with which model',
    responses: {
      200: {
        kind: 'json',
        codec: object('PatHealth', {
          service: t.string,
          status: oneOf('healthy', 'unhealthy'),
          timestamp: t.string,
          version: t.string,
          inference_engine: InferenceEngine,
          pat_model: object('PatModelHealth', {
            initialized: t.boolean,
            model_type: t.string,
            status: ModelStatus,
            message: t.string,
          }),
        }),
        description: 'Read just now.',
      },
    },
    problems: [],
  },
});
