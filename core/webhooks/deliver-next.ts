import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { MOST_ATTEMPTS_KEPT, type Delivery, type DeliveryAttempt, type DeliveryState } from './model.ts';
import type { ClaimedDelivery, SendOutcome, WebhookSender, WebhookSigner, WebhookStore } from './ports.ts';
import { messageHeaders } from './sign-message.ts';

/** A delivery is handed out this long: more than an attempt takes. */
export const DELIVERY_LEASE_MS = 60_000;

const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;

/** The waits before the second, third, ... attempt, as the Standard Webhooks specification proposes them. */
export const RETRY_WAITS_MS: readonly number[] = [
  5 * S,
  5 * MIN,
  30 * MIN,
  2 * H,
  5 * H,
  10 * H,
  14 * H,
  20 * H,
  24 * H,
];

/** So much of a wait is added at most, so that what failed together is not tried again together. */
const JITTER = 0.1;

/** The receiver wants no more (RFC 9110, section 15.5.11). */
const GONE = 410;

/** The error of a delivery whose webhook is turned off; nothing was sent. */
export const WEBHOOK_DISABLED = 'webhook-disabled';

export interface DeliverPorts {
  readonly webhooks: WebhookStore;
  readonly sender: WebhookSender;
  readonly signer: WebhookSigner;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1. */
  readonly random: () => number;
}

/** What became of an attempt. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** There will be another attempt at `retryAtMs`. */
  | { readonly kind: 'postponed'; readonly error: string; readonly retryAtMs: EpochMs }
  | { readonly kind: 'failed'; readonly error: string }
  /** The delivery was claimed by somebody else, replayed or removed meanwhile; nothing was written down. */
  | { readonly kind: 'lost' };

/** Hands out the next delivery that is due, or null. */
export const claimDelivery = ({
  webhooks,
  clock,
}: Pick<DeliverPorts, 'webhooks' | 'clock'>): ResultAsync<ClaimedDelivery | null, PortUnavailable> =>
  webhooks.claimDue(clock.now(), DELIVERY_LEASE_MS);

/**
 * Makes one attempt at a claimed delivery and writes down what came of it. A 2xx is a success; anything else is tried
 * again after the next of `RETRY_WAITS_MS`, and has failed when there is none. A 410 turns the webhook off. What is
 * written down too late, because the process ended, is sent again: a message may arrive twice, under the same id.
 */
export function deliver(ports: DeliverPorts) {
  return (claimed: ClaimedDelivery): ResultAsync<DeliveryOutcome, PortUnavailable> => {
    const startedMs = ports.clock.now();
    const { delivery, webhook } = claimed;
    if (!webhook.enabled) {
      return settled(ports, claimed, attempted(delivery, startedMs, 0, { status: null, error: WEBHOOK_DISABLED }));
    }
    return ports.sender
      .send({
        url: webhook.url,
        headers: messageHeaders(ports.signer, webhook.secret, delivery, startedMs),
        body: delivery.payload,
      })
      .andThen((outcome) =>
        turnedOff(ports, claimed, outcome).andThen(() =>
          settled(ports, claimed, attempted(delivery, startedMs, ports.clock.now() - startedMs, outcome)),
        ),
      );
  };
}

interface Attempted {
  readonly attempt: DeliveryAttempt;
  readonly attempts: readonly DeliveryAttempt[];
  readonly attemptCount: number;
}

function attempted(delivery: Delivery, atMs: EpochMs, durationMs: number, outcome: SendOutcome): Attempted {
  const attempt = { atMs, ...outcome, durationMs: Math.max(0, durationMs) };
  return {
    attempt,
    attempts: [...delivery.attempts, attempt].slice(-MOST_ATTEMPTS_KEPT),
    attemptCount: delivery.attemptCount + 1,
  };
}

/** A webhook whose receiver is gone is turned off; one that was removed meanwhile is fine. */
const turnedOff = (
  { webhooks }: DeliverPorts,
  { webhook: { owner, webhookId } }: ClaimedDelivery,
  { status }: SendOutcome,
): ResultAsync<void, PortUnavailable> =>
  status === GONE
    ? webhooks
        .change(owner, webhookId, { enabled: false })
        .map(() => undefined)
        .orElse((error) => (error.kind === 'not-found' ? okAsync(undefined) : errAsync(error)))
    : okAsync(undefined);

function settled(
  ports: DeliverPorts,
  claimed: ClaimedDelivery,
  { attempt, attempts, attemptCount }: Attempted,
): ResultAsync<DeliveryOutcome, PortUnavailable> {
  const outcome = outcomeOf(ports, attempt, attemptCount);
  const state: DeliveryState = {
    status: outcome.kind === 'postponed' ? 'pending' : outcome.kind,
    dueAtMs: outcome.kind === 'postponed' ? outcome.retryAtMs : null,
    attempts,
    attemptCount,
  };
  return ports.webhooks
    .settle(claimed, state)
    .map((): DeliveryOutcome => outcome)
    .orElse((error) => (error.kind === 'delivery-lost' ? okAsync<DeliveryOutcome>({ kind: 'lost' }) : errAsync(error)));
}

function outcomeOf(
  { clock, random }: DeliverPorts,
  { status, error }: DeliveryAttempt,
  attemptCount: number,
): Exclude<DeliveryOutcome, { readonly kind: 'lost' }> {
  if (error === null) return { kind: 'delivered' };
  const waitMs = RETRY_WAITS_MS[attemptCount - 1];
  if (status === GONE || error === WEBHOOK_DISABLED || waitMs === undefined) return { kind: 'failed', error };
  return { kind: 'postponed', error, retryAtMs: clock.now() + Math.round(waitMs * (1 + JITTER * random())) };
}
