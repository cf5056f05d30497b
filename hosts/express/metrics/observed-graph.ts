import type { Clock } from '../../../core/kernel/clock.ts';
import type { Narrator } from '../../../core/insights/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ActigraphyModel, ModelRepository } from '../../../core/pat/ports.ts';
import type { GraphInput } from '../../wiring/modules.ts';
import type { Storage } from '../../wiring/storage.ts';
import { ModelLedger } from './model-ledger.ts';
import { observed } from './observed.ts';
import { ServiceMetrics } from './service-metrics.ts';

/** Who counts what goes through the graph of one process, and by which clocks. */
export interface Counting {
  readonly metrics: ServiceMetrics;
  readonly ledger: ModelLedger;
  readonly clock: Clock;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** Nothing counted yet. */
export const newCounting = (clock: Clock, elapsedMs: () => number): Counting => ({
  metrics: new ServiceMetrics(),
  ledger: new ModelLedger(),
  clock,
  elapsedMs,
});

/** The input of a graph in which everything that the metrics speak of is counted. */
export const observedInput = (input: GraphInput, counting: Counting): GraphInput => ({
  ...input,
  storage: observedStorage(input.storage, counting),
  observeModel: (model) => observedModel(model, counting),
  observeModels: (models) => observedModels(models, counting),
  observeNarrator: (narrator) => observedNarrator(narrator, counting),
  observeTokenReuse: () => {
    counting.metrics.recordTokenReuse();
  },
});

/** The storage with uploads, metrics, samples and jobs counted on their way through. */
export function observedStorage<S extends Storage>(storage: S, counting: Counting): S {
  const { metrics, elapsedMs } = counting;
  /** When the jobs in hand were taken, by receipt. */
  const taken = new Map<string, number>();
  const settles = ({ receipt }: { readonly receipt: string }) => {
    const settled = (): void => {
      const takenMs = taken.get(receipt);
      if (takenMs === undefined) return;
      taken.delete(receipt);
      metrics.recordJobSettled((elapsedMs() - takenMs) / 1000);
    };
    return settled;
  };
  return {
    ...storage,
    uploads: observed(storage.uploads, {
      insert: (upload) => (outcome) => {
        if (outcome.isOk()) metrics.recordUpload('received', upload.kind);
      },
      change: (_owner, _id, change) => (outcome) => {
        if (outcome.isErr() || change.status === undefined) return;
        const { kind, failure } = outcome.value;
        metrics.recordUpload(change.status, kind);
        if (change.status === 'failed') metrics.recordFailedUpload(kind, failure?.code ?? 'unknown');
      },
    }),
    metrics: observed(storage.metrics, {
      append: (_owner, batch) => (outcome) => {
        if (outcome.isErr()) return;
        const stored = new Map<string, number>();
        batch.forEach(({ metricType }, i) => {
          if (outcome.value[i] === 'stored') stored.set(metricType, (stored.get(metricType) ?? 0) + 1);
        });
        for (const [type, count] of stored) metrics.recordStoredMetrics(type, count);
      },
    }),
    samples: observed(storage.samples, {
      append: () => (outcome) => {
        if (outcome.isErr()) return;
        for (const { type, stored } of outcome.value) if (stored > 0) metrics.recordStoredSamples(type, stored);
      },
    }),
    queue: observed(storage.queue, {
      claim: () => (outcome) => {
        if (outcome.isErr() || outcome.value === null) return;
        taken.set(outcome.value.receipt, elapsedMs());
        metrics.recordJobTaken();
      },
      // However settling ends, this process has no more to do with the job.
      complete: settles,
      release: settles,
      giveUp: settles,
    }),
  };
}

/** The encoder with its calls counted and timed, and its failures noted. */
export const observedModel = (
  model: ActigraphyModel,
  { metrics, ledger, clock, elapsedMs }: Counting,
): ActigraphyModel =>
  observed(model, {
    encode: () => {
      const startedMs = elapsedMs();
      return (outcome) => {
        metrics.recordInference(outcome.isOk() ? 'success' : outcome.error.kind, (elapsedMs() - startedMs) / 1000);
        if (outcome.isOk() || outcome.error.kind === 'not-encodable') return;
        const { error } = outcome;
        // Without an encoder every analysis goes without an embedding; that is a state, and the state says so.
        if (error.kind === 'model-unavailable') return;
        ledger.failed({ atMs: clock.now(), operation: 'encode', model: null, reason: unanswered(error) });
      };
    },
  });

/** The model folder with every reading of weights noted. */
export const observedModels = (
  models: ModelRepository,
  { metrics, ledger, clock, elapsedMs }: Counting,
): ModelRepository =>
  observed(models, {
    readWeights: ({ id }) => {
      const startedMs = elapsedMs();
      return (outcome) => {
        const nowMs = clock.now();
        if (outcome.isOk()) {
          metrics.recordModelLoad('success');
          ledger.loaded(id, nowMs, elapsedMs() - startedMs);
        } else if (outcome.error.kind === 'model-unavailable') {
          const { status, message } = outcome.error;
          metrics.recordModelLoad(status);
          ledger.notLoaded(id, nowMs, 'corrupt', message);
        } else {
          metrics.recordModelLoad(outcome.error.kind);
          ledger.notLoaded(id, nowMs, 'unanswered', unanswered(outcome.error));
        }
      };
    },
  });

/** The narrator with its narratives counted by what wrote them; where none was written, that is not known. */
export const observedNarrator = (narrator: Narrator, { metrics }: Counting): Narrator =>
  observed(narrator, {
    narrate: () => (outcome) => {
      if (outcome.isOk()) metrics.recordNarrative('success', outcome.value.generator);
      else metrics.recordNarrative(outcome.error.kind, 'unknown');
    },
  });

/** What clients may read of it: a technology's own words are for the log. */
const unanswered = ({ port, operation }: PortUnavailable): string => `${port}.${operation} did not answer`;
