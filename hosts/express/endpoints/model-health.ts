import { okAsync } from 'neverthrow';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { ActigraphyModel, ModelDescription } from '../../../core/pat/ports.ts';
import type { ModelLedger } from '../../wiring/observe/model-ledger.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface ModelHealthEndpointDeps {
  readonly model: ActigraphyModel;
  readonly ledger: ModelLedger;
  readonly clock: Clock;
}

type ModelHealthEndpoints = Pick<Endpoints, 'modelHealth' | 'modelMetrics'>;

/** The sizes as the contract's clients know them. */
const SIZE_NAMES = { S: 'small', M: 'medium', L: 'large' } as const;

type State = Pick<ModelDescription, 'message' | 'entry'> & {
  readonly health: 'healthy' | 'degraded' | 'unhealthy';
};

/** Without an encoder there are analyses, only no embeddings; with one that cannot be trusted something is wrong. */
const healthOf = (status: ModelDescription['status']): State['health'] =>
  status === 'ready' ? 'healthy' : status === 'weights_not_installed' ? 'degraded' : 'unhealthy';

const UNANSWERED: State = { health: 'unhealthy', message: 'the model folder does not answer', entry: null };

/** The operations about the encoder in this process, from what was seen of it and from nothing else. */
export function modelHealthEndpoints({ model, ledger, clock }: ModelHealthEndpointDeps): ModelHealthEndpoints {
  return {
    modelHealth: () =>
      model
        .describe()
        .map(({ status, message, entry }): State => ({ health: healthOf(status), message, entry }))
        .orElse(() => okAsync(UNANSWERED))
        .map((state) => ({ status: 200 as const, body: healthBody(state, ledger, clock.now()) })),
    modelMetrics: () => okAsync({ status: 200, body: metricsBody(ledger, clock.now()) }),
  };
}

const NO_CACHE = 'there is no cache: an encoder stays in memory from when it is loaded until another takes its place';

function healthBody({ health, message, entry }: State, ledger: ModelLedger, nowMs: number) {
  const weights = ledger.weights();
  const damaged = [...weights].filter(([, { intact }]) => intact === false).map(([id]) => id);
  const note = entry === null ? undefined : weights.get(entry.id);
  return {
    status: health,
    health_score: null,
    loaded_models:
      entry === null
        ? {}
        : {
            [SIZE_NAMES[entry.size]]: {
              id: entry.id,
              version: entry.name,
              checksum: entry.converted.sha256,
              sha256: entry.converted.sha256,
              loaded_at: note === undefined ? null : isoUtc(note.atMs),
              cache_status: 'loaded' as const,
            },
          },
    cache_status: { size: 0, memory_usage_mb: 0, hit_rate: null, eviction_count: 0 },
    integrity_status: Object.fromEntries(
      [...weights].flatMap(([id, { intact }]) => (intact === null ? [] : [[id, intact]])),
    ),
    recent_failures: ledger.failures().map(({ atMs, operation, model, reason }) => ({
      timestamp: isoUtc(atMs),
      operation,
      model,
      reason,
    })),
    alerts:
      health === 'healthy'
        ? []
        : [
            {
              severity: health === 'degraded' ? ('warning' as const) : ('critical' as const),
              message,
              timestamp: isoUtc(nowMs),
              affected_models: damaged.length === 0 ? null : damaged,
            },
          ],
    not_computed: [
      {
        field: 'health_score',
        reason: 'no published rule makes one number of these facts; status says what they mean',
      },
      { field: 'cache_status.hit_rate', reason: NO_CACHE },
    ],
  };
}

const NOTHING_READ = 'no weights have been read since this process started';
const NOT_COUNTED_APART = 'reading weights is counted as model_loads wherever they lie';

function metricsBody(ledger: ModelLedger, nowMs: number) {
  const { successful, corrupt, unanswered, averageMs } = ledger.loads();
  const total = successful + corrupt + unanswered;
  const checked = successful + corrupt;
  return {
    timestamp: isoUtc(nowMs),
    metrics: {
      model_loads: {
        total,
        successful,
        failed: corrupt + unanswered,
        success_rate: total === 0 ? null : successful / total,
      },
      checksum_verifications: {
        total: checked,
        passed: successful,
        failed: corrupt,
        failure_rate: checked === 0 ? null : corrupt / checked,
      },
      cache_performance: { hit_rate: null, miss_rate: null, average_load_time_ms: averageMs },
      s3_operations: { downloads: null, average_download_time_s: null, total_bytes_downloaded: null },
      recent_security_violations: null,
    },
    not_computed: [
      ...(total === 0 ? [unknown('model_loads.success_rate', NOTHING_READ)] : []),
      ...(checked === 0 ? [unknown('checksum_verifications.failure_rate', NOTHING_READ)] : []),
      unknown('cache_performance.hit_rate', NO_CACHE),
      unknown('cache_performance.miss_rate', NO_CACHE),
      ...(averageMs === null ? [unknown('cache_performance.average_load_time_ms', NOTHING_READ)] : []),
      unknown('s3_operations.downloads', NOT_COUNTED_APART),
      unknown('s3_operations.average_download_time_s', NOT_COUNTED_APART),
      unknown('s3_operations.total_bytes_downloaded', NOT_COUNTED_APART),
      unknown('recent_security_violations', 'the one that can be seen is in checksum_verifications.failed'),
    ],
  };
}

const unknown = (field: string, reason: string) => ({ field: `metrics.${field}`, reason });
