import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { EncoderStatistics } from '../../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { EMPTY_CATALOGUE, type Catalogue, type ModelEntry } from '../../../core/pat/installed/catalogue.ts';
import { MISSING_MINUTE_POLICY, MOST_ENCODED_DAYS, MOST_MISSING_SHARE } from '../../../core/pat/prepare-week.ts';
import type { ActigraphyModel, ModelDescription, ModelRepository } from '../../../core/pat/ports.ts';
import type { Health } from '../health.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface ModelEndpointDeps {
  readonly model: ActigraphyModel;
  readonly models: ModelRepository;
  readonly encoderStatistics: () => EncoderStatistics;
  readonly health: Health;
  readonly clock: Clock;
  readonly version: string;
}

type ModelEndpoints = Pick<Endpoints, 'modelsInfo' | 'patHealth'>;

const CAPABILITIES = ['rest_activity_rhythm', 'sleep_wake_scoring', 'week_embedding', 'attention_importance'];

/** Which of them need an encoder that is ready. */
const NEED_ENCODER = new Set(['week_embedding', 'attention_importance']);

const INPUT_REQUIREMENTS = {
  sampling_rate: 'one value a local minute; readings are binned by their timestamps',
  duration: `1 to ${String(MOST_ENCODED_DAYS)} whole local days, 7 by default: what the encoder was pretrained on`,
  data_format: 'activity counts a minute; steps a minute are a proxy and labelled so',
  missing_minutes: `at most ${String(MOST_MISSING_SHARE * 100)} %; ${MISSING_MINUTE_POLICY}`,
};

export function modelEndpoints(deps: ModelEndpointDeps): ModelEndpoints {
  const engineFacts = (status: ModelDescription['status']) => {
    const { weeksEncoded, callsFailed, weeksInHand } = deps.encoderStatistics();
    return {
      requests_processed: weeksEncoded,
      cache_hits: 0,
      cache_hit_rate_percent: 0,
      error_count: callsFailed,
      is_running: status === 'ready',
      queue_size: weeksInHand,
    };
  };
  return {
    modelsInfo: () =>
      ResultAsync.combine([deps.model.describe(), catalogueOf(deps.models)]).map(
        ([{ status, message, engine, entry }, catalogue]) => {
          const isReady = status === 'ready';
          return {
            status: 200 as const,
            body: {
              model_type: 'PAT',
              version: deps.version,
              initialized: isReady,
              status,
              message,
              model: entry === null ? null : wireModel(entry),
              engine,
              capabilities: [
                ...CAPABILITIES.filter((capability) => isReady || !NEED_ENCODER.has(capability)),
                ...new Set(catalogue.heads.map(({ task }) => `head:${task}`)),
              ],
              input_requirements: INPUT_REQUIREMENTS,
              performance: engineFacts(status),
              ...installed(catalogue),
            },
          };
        },
      ),
    patHealth: () =>
      ResultAsync.combine([deps.model.describe(), deps.health.of(['database', 'jobs'])]).map(
        ([{ status, message }, health]) => ({
          status: 200,
          body: {
            service: 'PAT Analysis API',
            status: health,
            timestamp: isoUtc(deps.clock.now()),
            version: deps.version,
            inference_engine: engineFacts(status),
            pat_model: { initialized: status === 'ready', model_type: 'PAT', status, message },
          },
        }),
      ),
  };
}

/** A manifest that cannot be made sense of is what the model's status and message are about. */
const catalogueOf = (models: ModelRepository): ResultAsync<Catalogue, PortUnavailable> =>
  models
    .catalogue()
    .orElse((error) => (error.kind === 'model-unavailable' ? okAsync(EMPTY_CATALOGUE) : errAsync(error)));

const installed = ({ models, populations, heads }: Catalogue) => ({
  installed: models.map(wireModel),
  reference_populations: populations.map(({ name, signal, sha256 }) => ({ name, signal, sha256 })),
  heads: heads.map(({ id, task, sha256 }) => ({ id, task, sha256 })),
});

/** The manifest's entry without what only a self-test reads. */
const wireModel = ({ architecture: _, golden: __, ...entry }: ModelEntry) => entry;
