import { systemClock } from '../../adapters/node/clock.ts';
import { EVENT_TOKENS } from '../wiring/events-module.ts';
import { workModules, type GraphInput } from '../wiring/modules.ts';
import { newCounting } from '../wiring/observe/counting.ts';
import { factLines } from '../wiring/observe/facts.ts';
import { metricsServerOf } from '../wiring/observe/metrics-server.ts';
import { observedInput } from '../wiring/observe/observed-input.ts';
import { openTracing } from '../wiring/observe/open-tracing.ts';
import { TOKENS } from '../wiring/tokens.ts';
import { resolver } from '../wiring/typed-container.ts';
import { watchModels, type ModelState } from '../wiring/watch-models.ts';

/** A process's share of the work on uploads. */
export interface Worker {
  /** The model's state when the worker started. */
  readonly model: ModelState;
  /** Where its metrics are shown; null where the operator has named no port for them. */
  readonly metricsUrl: string | null;
  /** Takes no other job, lets those in hand finish for at most 15 seconds, and closes the storage. */
  readonly stop: () => Promise<void>;
}

/** What is not finished by then is worked on again by another worker, or by this one when it is back. */
const DRAIN_MS = 15_000;

/** Wires the graph, drains the job queue of the storage and sends the webhooks that are due, until it is stopped. */
export async function startWorker(given: GraphInput): Promise<Worker> {
  const { config, logger, storage } = given;
  const tracing = await openTracing(config, 'clarity-worker');
  const noteFact = factLines(config.observe.embeddedMetrics, logger, systemClock);
  const counting = newCounting({ tracing, noteFact });
  const get = resolver(...workModules(observedInput(given, counting)));
  const model = get(TOKENS.workerModel);
  counting.metrics.models.showWeeksInHand(() => model.statistics().weeksInHand);
  const models = await watchModels(model, logger, (seen) => {
    counting.metrics.models.described(seen);
  });
  const metrics = await metricsServerOf(config, counting.metrics);
  const runner = get(TOKENS.jobRunner);
  runner.start();
  const webhooks = get(EVENT_TOKENS.webhookRunner);
  webhooks.start();
  return {
    model: models.atStart,
    metricsUrl: metrics?.url ?? null,
    stop: async () => {
      clearInterval(models.timer);
      await Promise.all([runner.stop(DRAIN_MS), webhooks.stop(DRAIN_MS)]);
      await metrics?.stop();
      await model.close();
      await storage.close();
      await tracing.close();
    },
  };
}
