import type { Logger } from 'pino';
import type { WorkerActigraphyModel } from '../../adapters/worker-threads/worker-actigraphy-model.ts';
import type { ModelDescription, ModelStatus } from '../../core/pat/ports.ts';

/** Whether the encoder can answer, and a sentence about it. */
export interface ModelState {
  readonly status: ModelStatus | 'unreadable';
  readonly message: string;
}

/** How often the manifest is looked at, so that a model installed meanwhile shows without anybody asking for it. */
const MODEL_WATCH_MS = 2000;

/**
 * Loads the installed model before the first work, and again whenever the manifest changes, until `timer` is cleared.
 * `described` is told what every look found; null where the model folder did not answer.
 */
export async function watchModels(
  model: WorkerActigraphyModel,
  logger: Logger,
  described: (seen: ModelDescription | null) => void = () => undefined,
): Promise<{ readonly atStart: ModelState; readonly timer: NodeJS.Timeout }> {
  let said = '';
  const look = async (): Promise<ModelState> => {
    const seen = await model.describe();
    described(seen.unwrapOr(null));
    const state: ModelState = seen.isOk() ? seen.value : { status: 'unreadable', message: seen.error.cause };
    if (state.message !== said) {
      const line = { status: state.status, state: state.message };
      if (state.status === 'ready') logger.info(line, 'the model can be used');
      else logger.warn(line, 'the model cannot be used');
    }
    said = state.message;
    return state;
  };
  const atStart = await look();
  return { atStart, timer: setInterval(() => void look(), MODEL_WATCH_MS).unref() };
}
