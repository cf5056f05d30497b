import { err, errAsync, ok, okAsync } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';
import type {
  Delivery,
  DeliveryId,
  DeliveryState,
  Webhook,
  WebhookChange,
  WebhookId,
} from '../../core/webhooks/model.ts';
import {
  DELIVERIES_KEPT_MS,
  type ClaimedDelivery,
  type DeliveryLost,
  type WebhookStore,
} from '../../core/webhooks/ports.ts';

interface KeptDelivery {
  delivery: Delivery;
  /** Of whoever holds it. */
  claim: string | null;
}

interface KeptWebhook {
  webhook: Webhook;
  readonly deliveries: Map<DeliveryId, KeptDelivery>;
}

/** Webhooks and their deliveries in the process's memory. */
export class MemoryWebhookStore implements WebhookStore {
  readonly #owners = new Map<UserId, Map<WebhookId, KeptWebhook>>();
  #claims = 0;

  put(webhook: Webhook): ResultAsync<void, PortUnavailable> {
    const webhooks = this.#owners.get(webhook.owner) ?? new Map<WebhookId, KeptWebhook>();
    this.#owners.set(webhook.owner, webhooks);
    const deliveries = webhooks.get(webhook.webhookId)?.deliveries ?? new Map<DeliveryId, KeptDelivery>();
    webhooks.set(webhook.webhookId, { webhook: structuredClone(webhook), deliveries });
    return okAsync(undefined);
  }

  get(owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable> {
    return this.#find(owner, id).asyncMap(({ webhook }) => Promise.resolve(structuredClone(webhook)));
  }

  list(owner: UserId): ResultAsync<readonly Webhook[], PortUnavailable> {
    const webhooks = [...(this.#owners.get(owner)?.values() ?? [])].map(({ webhook }) => structuredClone(webhook));
    const oldestFirst = (a: Webhook, b: Webhook): number =>
      a.createdAtMs - b.createdAtMs || compareCodePoints(a.webhookId, b.webhookId);
    return okAsync(webhooks.sort(oldestFirst));
  }

  change(owner: UserId, id: WebhookId, change: WebhookChange): ResultAsync<Webhook, NotFound | PortUnavailable> {
    return this.#find(owner, id).asyncMap((kept) => {
      kept.webhook = { ...kept.webhook, ...structuredClone(change) };
      return Promise.resolve(structuredClone(kept.webhook));
    });
  }

  delete(owner: UserId, id: WebhookId): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#owners.get(owner)?.delete(id) === true ? okAsync(undefined) : errAsync(notFound('webhook', id));
  }

  addDelivery(delivery: Delivery): ResultAsync<void, PortUnavailable> {
    const deliveries = this.#owners.get(delivery.owner)?.get(delivery.webhookId)?.deliveries;
    if (deliveries === undefined || deliveries.has(delivery.deliveryId)) return okAsync(undefined);
    const oldest = delivery.createdAtMs - DELIVERIES_KEPT_MS;
    for (const [id, { delivery: old }] of deliveries) {
      if (old.status !== 'pending' && old.createdAtMs < oldest) deliveries.delete(id);
    }
    deliveries.set(delivery.deliveryId, { delivery: structuredClone(delivery), claim: null });
    return okAsync(undefined);
  }

  getDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable> {
    return this.#findDelivery(owner, webhook, id).asyncMap(({ delivery }) =>
      Promise.resolve(structuredClone(delivery)),
    );
  }

  deliveries(
    owner: UserId,
    webhook: WebhookId,
    { after, limit }: { readonly after: DeliveryId | null; readonly limit: number },
  ): ResultAsync<readonly Delivery[], PortUnavailable> {
    const all = [...(this.#owners.get(owner)?.get(webhook)?.deliveries.values() ?? [])].map(({ delivery }) => delivery);
    const following = all
      .filter(({ deliveryId: id }) => after === null || compareCodePoints(id, after) < 0)
      .sort((a, b) => compareCodePoints(b.deliveryId, a.deliveryId));
    return okAsync(structuredClone(following.slice(0, limit)));
  }

  requeue(
    owner: UserId,
    webhook: WebhookId,
    id: DeliveryId,
    dueAtMs: EpochMs,
  ): ResultAsync<Delivery, NotFound | PortUnavailable> {
    return this.#findDelivery(owner, webhook, id).asyncMap((kept) => {
      kept.delivery = { ...kept.delivery, status: 'pending', dueAtMs };
      kept.claim = null;
      return Promise.resolve(structuredClone(kept.delivery));
    });
  }

  claimDue(nowMs: EpochMs, leaseMs: number): ResultAsync<ClaimedDelivery | null, PortUnavailable> {
    let first: { readonly kept: KeptDelivery; readonly webhook: Webhook; readonly dueAtMs: EpochMs } | null = null;
    for (const webhooks of this.#owners.values()) {
      for (const { webhook, deliveries } of webhooks.values()) {
        for (const kept of deliveries.values()) {
          const { dueAtMs } = kept.delivery;
          if (dueAtMs !== null && dueAtMs <= nowMs && (first === null || dueAtMs < first.dueAtMs)) {
            first = { kept, webhook, dueAtMs };
          }
        }
      }
    }
    if (first === null) return okAsync(null);
    const { kept, webhook } = first;
    this.#claims += 1;
    const claim = String(this.#claims);
    kept.claim = claim;
    kept.delivery = { ...kept.delivery, dueAtMs: nowMs + leaseMs };
    return okAsync(structuredClone({ delivery: kept.delivery, webhook, claim }));
  }

  settle(claimed: ClaimedDelivery, state: DeliveryState): ResultAsync<void, DeliveryLost | PortUnavailable> {
    const { owner, webhookId, deliveryId } = claimed.delivery;
    const found = this.#findDelivery(owner, webhookId, deliveryId);
    if (found.isErr() || found.value.claim !== claimed.claim) return errAsync({ kind: 'delivery-lost' });
    found.value.delivery = { ...found.value.delivery, ...structuredClone(state) };
    found.value.claim = null;
    return okAsync(undefined);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }

  #find(owner: UserId, id: WebhookId): Result<KeptWebhook, NotFound> {
    const kept = this.#owners.get(owner)?.get(id);
    return kept === undefined ? err(notFound('webhook', id)) : ok(kept);
  }

  #findDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): Result<KeptDelivery, NotFound> {
    const kept = this.#owners.get(owner)?.get(webhook)?.deliveries.get(id);
    return kept === undefined ? err(notFound('delivery', id)) : ok(kept);
  }
}
