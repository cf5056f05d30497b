import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { Delivery, DeliveryId, DeliveryState, Webhook, WebhookChange, WebhookId } from './model.ts';

export const MOST_WEBHOOKS_PER_OWNER = 10;
/** Deliveries that are not pending may be forgotten so long after they were made. */
export const DELIVERIES_KEPT_MS = 30 * 86_400_000;

/** A delivery in the hands of whoever sends it. */
export interface ClaimedDelivery {
  readonly delivery: Delivery;
  readonly webhook: Webhook;
  /** Proof of holding the delivery. */
  readonly claim: string;
}

/** Whoever says what became of a delivery does not hold it any more: it was claimed again, replayed or removed. */
export interface DeliveryLost {
  readonly kind: 'delivery-lost';
}

/** Keeps webhooks and the log of their deliveries, which is also the queue of those that are due. */
export interface WebhookStore extends ErasesOwner {
  /** Adds the webhook, durably, or replaces the owner's one of this id. */
  put(webhook: Webhook): ResultAsync<void, PortUnavailable>;
  get(owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable>;
  /** The oldest first, ties by id. */
  list(owner: UserId): ResultAsync<readonly Webhook[], PortUnavailable>;
  /** Sets the given fields of a webhook that is there, and answers it as it is then. */
  change(owner: UserId, id: WebhookId, change: WebhookChange): ResultAsync<Webhook, NotFound | PortUnavailable>;
  /** Removes it with its deliveries. */
  delete(owner: UserId, id: WebhookId): ResultAsync<void, NotFound | PortUnavailable>;
  /** Adds a delivery, durably; one of this id that is there is left as it is, and one of no webhook is never handed out. */
  addDelivery(delivery: Delivery): ResultAsync<void, PortUnavailable>;
  getDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable>;
  /** By id descending, so the newest first; at most `limit` that follow `after`. */
  deliveries(
    owner: UserId,
    webhook: WebhookId,
    page: { readonly after: DeliveryId | null; readonly limit: number },
  ): ResultAsync<readonly Delivery[], PortUnavailable>;
  /** Makes a delivery pending and due at `dueAtMs`, whatever became of it before; nobody holds it afterwards. */
  requeue(
    owner: UserId,
    webhook: WebhookId,
    id: DeliveryId,
    dueAtMs: EpochMs,
  ): ResultAsync<Delivery, NotFound | PortUnavailable>;
  /** Hands out the pending delivery that is due the longest, with its webhook, hidden until `nowMs + leaseMs`; or null. */
  claimDue(nowMs: EpochMs, leaseMs: number): ResultAsync<ClaimedDelivery | null, PortUnavailable>;
  /** Writes down what became of a claimed delivery, and lets go of it. */
  settle(claimed: ClaimedDelivery, state: DeliveryState): ResultAsync<void, DeliveryLost | PortUnavailable>;
}

/** The target is, or resolves to, an address that webhooks must not reach. */
export interface TargetRefused {
  readonly kind: 'target-refused';
  /** Fits after "the target ", such as `must be https`. */
  readonly reason: string;
}

/** What a receiver answered, or why none did. */
export interface SendOutcome {
  readonly status: number | null;
  /** Null for a 2xx only; otherwise a stable code. */
  readonly error: string | null;
}

/** Sends one webhook message over the network. */
export interface WebhookSender {
  /** Whether a person may name this target at all; looks the name up. */
  check(url: string): ResultAsync<void, TargetRefused | PortUnavailable>;
  /**
   * Posts the body. Whatever the receiver answers, or does not, is a value. The address is judged when the connection is
   * made, also after each redirect.
   */
  send(message: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): ResultAsync<SendOutcome, PortUnavailable>;
}

/** Makes signatures by the Standard Webhooks specification; the host provides the cryptography. */
export interface WebhookSigner {
  /** A new secret: `whsec_` and base64 of 24 to 64 random bytes. */
  newSecret(): string;
  /** The value of `webhook-signature`: `v1,<base64 HMAC-SHA256 of id.timestamp.body>`. */
  sign(secret: string, message: { readonly id: string; readonly timestampS: number; readonly body: string }): string;
}
