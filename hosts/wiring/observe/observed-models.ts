import type { ExportReader } from '../../../core/health-data/ports.ts';
import type { Narrator } from '../../../core/insights/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ActigraphyModel, ModelRepository, ModelUnavailable } from '../../../core/pat/ports.ts';
import type { Counting } from './counting.ts';
import { engineName, type InferenceBy } from './model-metrics.ts';
import { observed } from './observed-methods.ts';
import { noteAccessDenied } from './watch-port.ts';
import { outcomeName } from './watched-calls.ts';

const BY_NOTHING: InferenceBy = { engine: 'none', size: 'none' };

/** The encoder with its calls counted, timed and told of, and its failures noted. */
export const observedModel = (
  model: ActigraphyModel,
  { metrics, ledger, tracing, clock, elapsedMs }: Counting,
): ActigraphyModel =>
  observed(model, {
    encode: () => {
      const startedMs = elapsedMs();
      const span = tracing.part({ kind: 'internal', name: 'encode', fields: { port: 'ActigraphyModel' } });
      return (outcome) => {
        const ended = outcomeName(outcome);
        const first = outcome.isOk() ? outcome.value[0]?.by : undefined;
        const by = first === undefined ? BY_NOTHING : { engine: engineName(first.engine), size: first.entry.size };
        metrics.models.inference(ended, by, (elapsedMs() - startedMs) / 1000);
        const fields = { engine: by.engine, model_size: by.size };
        span?.end({ failure: ended === 'success' ? null : ended, fields });
        if (outcome.isOk() || outcome.error.kind === 'not-encodable') return;
        const { error } = outcome;
        // Without an encoder every analysis goes without an embedding; that is a state, and the state says so.
        if (error.kind === 'model-unavailable') return;
        ledger.failed({ atMs: clock.now(), operation: 'encode', model: null, reason: unanswered(error) });
      };
    },
  });

/** The model folder with every reading of weights noted, and every file told of that is not what was installed. */
export function observedModels(models: ModelRepository, counting: Counting): ModelRepository {
  const { metrics, ledger, noteFact, clock, elapsedMs } = counting;
  const noteCorrupt = (error: ModelUnavailable | PortUnavailable): void => {
    if (error.kind !== 'model-unavailable' || error.status !== 'weights_corrupt') return;
    metrics.models.corruptFile();
    noteFact('modelIntegrity');
  };
  return observed(models, {
    revision: () => (outcome) => {
      noteAccessDenied(counting, outcome);
    },
    catalogue: () => (outcome) => {
      noteAccessDenied(counting, outcome);
      if (outcome.isErr()) noteCorrupt(outcome.error);
    },
    readText: () => (outcome) => {
      noteAccessDenied(counting, outcome);
      if (outcome.isErr()) noteCorrupt(outcome.error);
    },
    readWeights: ({ id }) => {
      const startedMs = elapsedMs();
      return (outcome) => {
        const nowMs = clock.now();
        const tookMs = elapsedMs() - startedMs;
        noteAccessDenied(counting, outcome);
        if (outcome.isOk()) {
          metrics.models.load('success', tookMs / 1000);
          ledger.loaded(id, nowMs, tookMs);
          return;
        }
        const { error } = outcome;
        noteCorrupt(error);
        if (error.kind === 'model-unavailable') {
          metrics.models.load(error.status, tookMs / 1000);
          ledger.notLoaded(id, nowMs, 'corrupt', error.message);
        } else {
          metrics.models.load(error.kind, tookMs / 1000);
          ledger.notLoaded(id, nowMs, 'unanswered', unanswered(error));
        }
      };
    },
  });
}

/** The narrator with its narratives counted by what wrote them; where none was written, that is not known. */
export const observedNarrator = (narrator: Narrator, { metrics, tracing, elapsedMs }: Counting): Narrator =>
  observed(narrator, {
    narrate: () => {
      const startedMs = elapsedMs();
      const span = tracing.part({ kind: 'internal', name: 'narrate', fields: { port: 'Narrator' } });
      return (outcome) => {
        const ended = outcomeName(outcome);
        const model = outcome.isOk() ? outcome.value.generator : 'unknown';
        metrics.models.narrative(ended, model, (elapsedMs() - startedMs) / 1000);
        span?.end({ failure: ended === 'success' ? null : ended });
      };
    },
  });

/** The reader of exports with its readings told of. */
export const observedExports = (exports: ExportReader, { tracing }: Counting): ExportReader =>
  observed(exports, {
    read: () => {
      const span = tracing.part({ kind: 'internal', name: 'read export', fields: { port: 'ExportReader' } });
      return (outcome) => {
        const ended = outcomeName(outcome);
        span?.end({ failure: ended === 'success' ? null : ended });
      };
    },
  });

/** What clients may read of it: a technology's own words are for the log. */
const unanswered = ({ port, operation }: PortUnavailable): string => `${port}.${operation} did not answer`;
