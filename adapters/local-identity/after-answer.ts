import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { WorkQueue } from './work-queue.ts';

const MOST_AT_ONCE = 4;
const MOST_WAITING = 1000;

/**
 * Does what an answer must not wait for, because how long it takes would tell whether there is an account. The work begins
 * in a later turn of the event loop, when the answer is on its way.
 */
export class AfterAnswer {
  readonly #queue = new WorkQueue({ concurrent: MOST_AT_ONCE, maxWaiting: MOST_WAITING });
  readonly #underWay = new Set<Promise<void>>();
  readonly #failed: (error: PortUnavailable) => void;

  /** `failed` is told of work that was not done, which nobody waits for any more. */
  constructor(failed: (error: PortUnavailable) => void) {
    this.#failed = failed;
  }

  /** `name` is what the error of work that found no place any more calls it. */
  do(name: string, work: () => ResultAsync<unknown, PortUnavailable>): void {
    const done = this.#later(name, work).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  /** Resolves once all work, and the work that it gave rise to, has been done or has failed. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #later(name: string, work: () => ResultAsync<unknown, PortUnavailable>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const outcome = await this.#queue.run(() => settledWork(name, work));
    if (outcome.isOk()) return;
    const { error } = outcome;
    this.#failed(
      error.kind === 'queue-full' ? portUnavailable('IdentityProvider', name, 'too much waits to be done') : error,
    );
  }
}

/** A bug in the work is told too: nobody else is there to catch it. */
const settledWork = (
  name: string,
  work: () => ResultAsync<unknown, PortUnavailable>,
): ResultAsync<unknown, PortUnavailable> =>
  ResultAsync.fromPromise((async () => work())(), (bug) =>
    portUnavailable('IdentityProvider', name, bug, false),
  ).andThen((outcome) => outcome);
