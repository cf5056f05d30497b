import type { Logger } from 'pino';
import { claimDelivery, deliver, type DeliveryOutcome, type DeliverPorts } from '../../core/webhooks/deliver-next.ts';
import type { ClaimedDelivery } from '../../core/webhooks/ports.ts';
import type { EventBell } from './event-bell.ts';
import type { ReportError } from './observe/report-errors.ts';

export interface WebhookRunnerDeps extends DeliverPorts {
  readonly logger: Logger;
  readonly bell: EventBell;
  /** Attempts that are under way at once; four where left out. */
  readonly attemptsAtOnce?: number;
  readonly reportError?: ReportError | undefined;
}

const AT_ONCE = 4;
/** How long an idle runner waits before it looks for what is due, unless something is told. */
const IDLE_MS = 1000;
/** How long it waits after the store did not answer. */
const TROUBLE_MS = 2000;

/** Sends webhooks when they are due, so many at a time. */
export class WebhookRunner {
  readonly #deps: WebhookRunnerDeps;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> | null = null;
  #inHand = 0;

  constructor(deps: WebhookRunnerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running ??= Promise.all(Array.from({ length: this.#deps.attemptsAtOnce ?? AT_ONCE }, () => this.#loop()));
  }

  /**
   * Takes nothing more and lets the attempts in hand finish, for at most `graceMs`. What is not finished by then is sent
   * again once its lease is over.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    let timer: NodeJS.Timeout | undefined;
    const graceOver = new Promise<'over'>((resolve) => {
      timer = setTimeout(() => {
        resolve('over');
      }, graceMs);
    });
    const ended = await Promise.race([this.#running, graceOver]);
    clearTimeout(timer);
    if (ended === 'over' && this.#inHand > 0) {
      this.#deps.logger.warn({ grace_ms: graceMs }, 'a webhook was left unfinished; it will be sent again');
    }
  }

  /** A port that throws instead of answering is a bug; it costs a pause, and never the process with everybody's requests. */
  async #loop(): Promise<void> {
    const { bell, logger } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#lookOnce();
      } catch (cause) {
        logger.error({ err: cause }, 'unexpected error in the webhook runner');
        this.#deps.reportError?.(cause, { place: 'webhook' });
        await bell.wait(null, bell.rings, TROUBLE_MS, signal);
      }
    }
  }

  async #lookOnce(): Promise<void> {
    const { bell, logger } = this.#deps;
    const { signal } = this.#stopping;
    const rings = bell.rings;
    const claimed = await claimDelivery(this.#deps);
    if (claimed.isErr()) {
      const { port, cause } = claimed.error;
      logger.error({ port, cause }, 'the store of webhooks does not answer');
      await bell.wait(null, bell.rings, TROUBLE_MS, signal);
    } else if (claimed.value === null) await bell.wait(null, rings, IDLE_MS, signal);
    else if (signal.aborted) await this.#giveBack(claimed.value);
    else await this.#attempt(claimed.value);
  }

  /** What was handed out while the runner was told to stop is due at once, so that nobody waits for its lease. */
  async #giveBack(claimed: ClaimedDelivery): Promise<void> {
    const { webhooks, clock } = this.#deps;
    await webhooks.settle(claimed, { ...claimed.delivery, dueAtMs: clock.now() });
  }

  async #attempt(claimed: ClaimedDelivery): Promise<void> {
    const { logger } = this.#deps;
    const { deliveryId: delivery } = claimed.delivery;
    this.#inHand += 1;
    try {
      const outcome = await deliver(this.#deps)(claimed);
      outcome.match(
        (what) => {
          this.#report(claimed, what);
        },
        ({ port, cause }) => {
          logger.error({ delivery, port, cause }, 'what came of a webhook could not be written down');
        },
      );
    } catch (cause) {
      logger.error({ err: cause, delivery }, 'unexpected error in a webhook');
      this.#deps.reportError?.(cause, { place: 'webhook', delivery });
    } finally {
      this.#inHand -= 1;
    }
  }

  /** Where it goes to is the owner's business and may hold a secret; it is not logged. */
  #report({ delivery: { deliveryId: delivery, attemptCount } }: ClaimedDelivery, outcome: DeliveryOutcome): void {
    const line = { delivery, attempt: attemptCount + 1 };
    if (outcome.kind === 'delivered') this.#deps.logger.info(line, 'webhook delivered');
    else if (outcome.kind === 'lost') this.#deps.logger.info(line, 'webhook delivery was changed while it was sent');
    else if (outcome.kind === 'postponed')
      this.#deps.logger.warn({ ...line, error: outcome.error }, 'webhook postponed');
    else this.#deps.logger.warn({ ...line, error: outcome.error }, 'webhook failed');
  }
}
