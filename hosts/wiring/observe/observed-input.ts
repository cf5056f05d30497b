import { ResultAsync, type Result } from 'neverthrow';
import type { JobOutcome } from '../../../core/analysis/run-next-job.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { ObserveJob } from '../job-runner.ts';
import type { GraphInput } from '../modules.ts';
import type { Counting } from './counting.ts';
import { observedExports, observedModel, observedModels, observedNarrator } from './observed-models.ts';
import { observedStorage } from './observed-storage.ts';
import { timedPorts, type StageTimes } from './stage-times.ts';

/** The input of a graph in which everything that metrics and traces speak of is looked at. */
export function observedInput(input: GraphInput, counting: Counting): GraphInput {
  const { metrics, noteFact } = counting;
  for (const name of ['insights', 'rate_counters'] as const) metrics.models.breaker(name);
  const { backlog } = input.storage;
  if (backlog !== null) {
    metrics.work.showOldestWait(async () => {
      const nowMs = counting.clock.now();
      return backlog.oldestDueMs(nowMs).match(
        (dueMs) => (dueMs === null ? 0 : Math.max(0, nowMs - dueMs)),
        () => null,
      );
    });
  }
  return {
    ...input,
    storage: observedStorage(input.storage, counting),
    observeModel: (model) => observedModel(model, counting),
    observeModels: (models) => observedModels(models, counting),
    observeNarrator: (narrator) => observedNarrator(narrator, counting),
    observeExports: (exports) => observedExports(exports, counting),
    observeJob: observedJob(counting),
    observeTokenReuse: () => {
      metrics.guards.tokenReused();
    },
    observeBreaker: (name, isOpen) => {
      metrics.models.breakerChanged(name, isOpen);
      if (name === 'insights' && isOpen) noteFact('breakerOpened');
    },
    reportError: (thrown, circumstances) => {
      metrics.guards.bug(circumstances.place);
      input.reportError?.(thrown, circumstances);
    },
  };
}

/** Tells what the time of a job went into, and makes a trace of it. */
const observedJob =
  ({ metrics: { work }, tracing, elapsedMs }: Counting): ObserveJob =>
  (job, ports, run) => {
    const span = tracing.root({ kind: 'consumer', name: 'job', fields: { job: job.id, attempt: job.attempt } });
    const times: StageTimes = { readMs: 0, storeMs: 0, encodeMs: 0 };
    const worked = async (): Promise<Result<JobOutcome, PortUnavailable>> => {
      const startedMs = elapsedMs();
      let failure: string | null = 'bug';
      try {
        const outcome = await span.run(() => run(timedPorts(ports, times, elapsedMs)));
        failure = outcome.match(
          ({ kind }) => (kind === 'done' ? null : `job-${kind}`),
          ({ kind }) => kind,
        );
        return outcome;
      } finally {
        const { readMs, storeMs, encodeMs } = times;
        const restMs = Math.max(0, elapsedMs() - startedMs - readMs - storeMs - encodeMs);
        work.stage('read', readMs / 1000);
        work.stage('store', storeMs / 1000);
        work.stage('encode', encodeMs / 1000);
        work.stage('analyse', restMs / 1000);
        span.end({ failure });
      }
    };
    return new ResultAsync(worked());
  };
