import { EVENT_TOKENS } from '../wiring/events-module.ts';
import { workModules, type GraphInput } from '../wiring/modules.ts';
import { TOKENS } from '../wiring/tokens.ts';
import { resolver } from '../wiring/typed-container.ts';
import { watchModels, type ModelState } from '../wiring/watch-models.ts';

/** A process's share of the work on uploads. */
export interface Worker {
  /** The model's state when the worker started. */
  readonly model: ModelState;
  /** Takes no other job, lets those in hand finish for at most 15 seconds, and closes the storage. */
  readonly stop: () => Promise<void>;
}

/** What is not finished by then is worked on again by another worker, or by this one when it is back. */
const DRAIN_MS = 15_000;

/** Wires the graph, drains the job queue of the storage and sends the webhooks that are due, until it is stopped. */
export async function startWorker(input: GraphInput): Promise<Worker> {
  const get = resolver(...workModules(input));
  const model = get(TOKENS.workerModel);
  const models = await watchModels(model, input.logger);
  const runner = get(TOKENS.jobRunner);
  runner.start();
  const webhooks = get(EVENT_TOKENS.webhookRunner);
  webhooks.start();
  return {
    model: models.atStart,
    stop: async () => {
      clearInterval(models.timer);
      await Promise.all([runner.stop(DRAIN_MS), webhooks.stop(DRAIN_MS)]);
      await model.close();
      await input.storage.close();
    },
  };
}
