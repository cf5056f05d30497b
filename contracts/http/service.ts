import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, oneOf } from '../scalars.ts';
import { NotComputedList } from '../not-computed.ts';

const few = { min: 0, max: 1000 };

/** A field that is null, and why. */

export const ApiInfo = object('ApiInfo', {
  version: t.string,
  description: t.string,
  endpoints: object('ApiAreas', {
    auth: t.string,
    health: t.string,
    health_data: t.string,
    healthkit: t.string,
    pat_analysis: t.string,
    insights: t.string,
    metrics: t.string,
    websocket: t.string,
  }),
});

/** An encoder that this process has loaded; in `loaded_models` under its size: small, medium or large. */
const LoadedModel = object(
  'LoadedModel',
  { id: t.string, version: t.string, checksum: t.string, sha256: t.string, cache_status: oneOf('loaded') },
  { loaded_at: t.string },
);

/** How loading and running the encoder goes in the process that answers. */
export const ModelHealth = object(
  'ModelHealth',
  {
    status: oneOf('healthy', 'degraded', 'unhealthy'),
    loaded_models: t.record(t.string, LoadedModel),
    cache_status: object(
      'ModelCache',
      { size: t.number, memory_usage_mb: t.number, eviction_count: t.number },
      { hit_rate: t.number },
    ),
    integrity_status: t.record(t.string, t.boolean),
    recent_failures: list(
      object(
        'ModelFailure',
        { timestamp: t.string, operation: oneOf('load', 'encode'), reason: t.string },
        { model: t.string },
      ),
      few,
    ),
    alerts: list(
      object(
        'ModelAlert',
        { severity: oneOf('warning', 'critical'), message: t.string, timestamp: t.string },
        { affected_models: list(t.string, few) },
      ),
      few,
    ),
    not_computed: NotComputedList,
  },
  { health_score: t.number },
);

/** Counted by the process that answers, since it started. */
export const ModelMetrics = object('ModelMetrics', {
  timestamp: t.string,
  metrics: object(
    'ModelCounters',
    {
      model_loads: object(
        'ModelLoads',
        { total: t.number, successful: t.number, failed: t.number },
        { success_rate: t.number },
      ),
      checksum_verifications: object(
        'ChecksumVerifications',
        { total: t.number, passed: t.number, failed: t.number },
        { failure_rate: t.number },
      ),
      cache_performance: object(
        'ModelCachePerformance',
        {},
        { hit_rate: t.number, miss_rate: t.number, average_load_time_ms: t.number },
      ),
      s3_operations: object(
        'ModelFileTransfers',
        {},
        { downloads: t.number, average_download_time_s: t.number, total_bytes_downloaded: t.number },
      ),
    },
    { recent_security_violations: t.number },
  ),
  not_computed: NotComputedList,
});

/** The version of the text format that Prometheus reads. */
export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const prometheusText = {
  200: { kind: 'text', mediaType: PROMETHEUS_TEXT, description: 'The metrics of the process that answers.' },
} as const;

export const serviceRoutes = routes({
  apiInfo: {
    method: 'GET',
    path: '/api/v1',
    audit: 'none',
    slashTwin: true,
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'Which areas the API has',
    responses: {
      200: {
        kind: 'json',
        codec: ApiInfo,
        description: 'The areas, each with its path.',
        example: {
          version: '0.1.0',
          description: 'Keeps wearable health data and computes rest-activity, sleep and circadian measures.',
          endpoints: {
            auth: '/api/v1/auth',
            health: '/api/v1/health',
            health_data: '/api/v1/health-data',
            healthkit: '/api/v1/healthkit',
            pat_analysis: '/api/v1/pat',
            insights: '/api/v1/insights',
            metrics: '/api/v1/metrics/metrics',
            websocket: '/api/v1/ws',
          },
        },
      },
    },
    problems: [],
  },
  redoc: {
    method: 'GET',
    path: '/api/v1/redoc',
    audit: 'none',
    auth: 'none',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'Where the documentation used to be',
    responses: { 308: { kind: 'empty', description: 'It is at /api/v1/docs, as Location says.' } },
    problems: [],
  },
  modelHealth: {
    method: 'GET',
    path: '/api/v1/health/pat',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Service',
    summary:
      'Which encoder this process has loaded, whether its weights are those that were installed, what went wrong',
    responses: {
      200: {
        kind: 'json',
        codec: ModelHealth,
        description: 'Read just now.',
        example: {
          status: 'degraded',
          health_score: null,
          loaded_models: {},
          cache_status: { size: 0, memory_usage_mb: 0, hit_rate: null, eviction_count: 0 },
          integrity_status: {},
          recent_failures: [],
          alerts: [
            {
              severity: 'warning',
              message: "the encoder's weights are not installed, so no embedding is given",
              timestamp: '2025-02-05T08:00:00+00:00',
              affected_models: null,
            },
          ],
          not_computed: [
            { field: 'health_score', reason: 'no published rule makes one number of these facts' },
            { field: 'cache_status.hit_rate', reason: 'there is no cache' },
          ],
        },
      },
    },
    problems: [],
  },
  modelMetrics: {
    method: 'GET',
    path: '/api/v1/health/metrics/pat',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'Service',
    summary: 'What this process has counted about loading the encoder since it started',
    responses: {
      200: {
        kind: 'json',
        codec: ModelMetrics,
        description: 'Read just now.',
        example: {
          timestamp: '2025-02-05T08:00:00+00:00',
          metrics: {
            model_loads: { total: 2, successful: 1, failed: 1, success_rate: 0.5 },
            checksum_verifications: { total: 2, passed: 1, failed: 1, failure_rate: 0.5 },
            cache_performance: { hit_rate: null, miss_rate: null, average_load_time_ms: 41.5 },
            s3_operations: { downloads: null, average_download_time_s: null, total_bytes_downloaded: null },
            recent_security_violations: null,
          },
          not_computed: [{ field: 'metrics.cache_performance.hit_rate', reason: 'there is no cache' }],
        },
      },
    },
    problems: [],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    audit: 'none',
    slashTwin: true,
    auth: 'read-own-data',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'Metrics for Prometheus; without a token on a private port, where the operator set METRICS_PORT',
    responses: prometheusText,
    problems: [],
  },
  apiMetrics: {
    method: 'GET',
    path: '/api/v1/metrics/metrics',
    audit: 'none',
    auth: 'read-own-data',
    rateLimit: 'none',
    tag: 'Service',
    summary: 'The same metrics where they used to be',
    responses: prometheusText,
    problems: [],
  },
});
