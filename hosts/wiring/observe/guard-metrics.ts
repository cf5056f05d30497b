import type { MetricRegistry } from './metric-registry.ts';

/** Where something was thrown that nobody expected. */
export type BugPlace = (typeof BUG_PLACES)[number];
const BUG_PLACES = ['request', 'job', 'webhook', 'socket', 'process'] as const;

/** What is counted of that which should not happen. */
export class GuardMetrics {
  readonly #lockouts;
  readonly #denied;
  readonly #notReady;
  readonly #reusedTokens;
  readonly #bugs;

  constructor(registry: MetricRegistry) {
    this.#lockouts = registry.counter(
      'clarity_login_lockouts_total',
      'Times that logins of an account began to be refused, after failures; with a user pool, logins that it refused for that',
      [],
    );
    this.#denied = registry.counter(
      'clarity_aws_access_denied_total',
      'Calls that AWS refused for want of a permission',
      [],
    );
    this.#notReady = registry.counter(
      'clarity_not_ready_total',
      'Looks at the process that found it not ready, but for those while it stops',
      [],
    );
    this.#reusedTokens = registry.counter(
      'clarity_refresh_tokens_reused_total',
      'Sessions ended because a refresh token was used twice: somebody else may have it',
      [],
    );
    this.#bugs = registry.counter('clarity_unexpected_errors_total', 'Errors that are faults of the program', [
      'place',
    ]);
    // A rate is seen from the first one on only where there was a zero before.
    for (const place of BUG_PLACES) this.#bugs.inc({ place }, 0);
  }

  lockedOut(): void {
    this.#lockouts.inc();
  }

  accessDenied(): void {
    this.#denied.inc();
  }

  notReady(): void {
    this.#notReady.inc();
  }

  tokenReused(): void {
    this.#reusedTokens.inc();
  }

  bug(place: BugPlace): void {
    this.#bugs.inc({ place });
  }
}
