import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import type {
  Delivery,
  DeliveryId,
  DeliveryState,
  Webhook,
  WebhookChange,
  WebhookId,
} from '../../../core/webhooks/model.ts';
import type { ClaimedDelivery, DeliveryLost, WebhookStore } from '../../../core/webhooks/ports.ts';
import { orUnavailable } from '../aws-caller.ts';
import { ABSENT, PRESENT, type DynamoTable, type Expression, type Item, type ItemRange } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';
import {
  deliveriesOf,
  DELIVERY_PREFIX,
  deliveryItem,
  deliveryKey,
  deliveryOf,
  setting,
  stateAttributes,
  ttlOf,
  WEBHOOK_PREFIX,
  webhookAttributes,
  webhookItem,
  webhookKey,
  webhookOf,
} from './webhook-items.ts';
import { WebhookQueue, type DuePlace } from './webhook-queue.ts';

/** Whoever makes a place in the queue names it in the delivery well within this time, or never. */
const NAMED_WITHIN_MS = 60_000;

/**
 * Webhooks (`WEBHOOK#<id>`) and their deliveries (`DELIVERY#<webhook>#<delivery>`) in their owner's partition. The
 * attribute `due_key` of a pending delivery names its place in the queue, and is the proof of holding it.
 */
export class DynamoWebhookStore implements WebhookStore {
  readonly #table: DynamoTable;
  readonly #queue: WebhookQueue;

  constructor(table: DynamoTable) {
    this.#table = table;
    this.#queue = new WebhookQueue(table);
  }

  put(webhook: Webhook): ResultAsync<void, PortUnavailable> {
    const work = this.#table.put(webhookItem(structuredClone(webhook))).then(() => undefined);
    return orUnavailable('WebhookStore', 'put', work);
  }

  get(owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable> {
    const work = this.#table.get(webhookKey(owner, id)).then((item) => foundWebhook(item, id));
    return orUnavailable('WebhookStore', 'get', work).andThen((found) => found);
  }

  list(owner: UserId): ResultAsync<readonly Webhook[], PortUnavailable> {
    const work = async (): Promise<readonly Webhook[]> => {
      const webhooks: Webhook[] = [];
      for await (const item of this.#table.query(rangeOf(owner, WEBHOOK_PREFIX))) webhooks.push(webhookOf(item));
      return webhooks.sort((a, b) => a.createdAtMs - b.createdAtMs || compareCodePoints(a.webhookId, b.webhookId));
    };
    return orUnavailable('WebhookStore', 'list', work());
  }

  change(owner: UserId, id: WebhookId, change: WebhookChange): ResultAsync<Webhook, NotFound | PortUnavailable> {
    const attributes = webhookAttributes(structuredClone(change));
    if (Object.keys(attributes).length === 0) return this.get(owner, id);
    const work = this.#table
      .update(webhookKey(owner, id), setting(attributes), PRESENT)
      .then((item) => foundWebhook(item, id));
    return orUnavailable('WebhookStore', 'change', work).andThen((found) => found);
  }

  delete(owner: UserId, id: WebhookId): ResultAsync<void, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<void, NotFound>> => {
      const key = webhookKey(owner, id);
      const item = await this.#table.get(key);
      if (item === null) return err(notFound('webhook', id));
      await this.#eraseDeliveries(owner, deliveriesOf(id));
      await this.#table.delete(key);
      // Of events that were told meanwhile.
      await this.#eraseDeliveries(owner, deliveriesOf(id));
      return ok(undefined);
    };
    return orUnavailable('WebhookStore', 'delete', work()).andThen((deleted) => deleted);
  }

  addDelivery(delivery: Delivery): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      if ((await this.#table.get(webhookKey(delivery.owner, delivery.webhookId))) === null) return;
      const dueKey = delivery.dueAtMs === null ? null : await this.#queue.add(delivery, delivery.dueAtMs);
      const item = deliveryItem(delivery, dueKey);
      if ((await this.#table.put(item, ABSENT)) || dueKey === null) return;
      // The answer to an earlier try may have been lost after it took effect.
      if ((await this.#table.get(item))?.['due_key'] !== dueKey) await this.#queue.remove(dueKey);
    };
    return orUnavailable('WebhookStore', 'addDelivery', work());
  }

  getDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable> {
    const work = this.#table.get(deliveryKey(owner, webhook, id)).then((item) => foundDelivery(item, id));
    return orUnavailable('WebhookStore', 'getDelivery', work).andThen((found) => found);
  }

  deliveries(
    owner: UserId,
    webhook: WebhookId,
    { after, limit }: { readonly after: DeliveryId | null; readonly limit: number },
  ): ResultAsync<readonly Delivery[], PortUnavailable> {
    const work = async (): Promise<readonly Delivery[]> => {
      const deliveries: Delivery[] = [];
      if (limit <= 0) return deliveries;
      const prefix = deliveriesOf(webhook);
      const to = after === null ? endOf(prefix) : prefix + keyText(after);
      const range = { ...rangeOf(owner, prefix), to, descending: true, pageSize: limit + 1 };
      for await (const item of this.#table.query(range)) {
        if (item['delivery_id'] !== after && deliveries.push(deliveryOf(item)) === limit) break;
      }
      return deliveries;
    };
    return orUnavailable('WebhookStore', 'deliveries', work());
  }

  requeue(
    owner: UserId,
    webhook: WebhookId,
    id: DeliveryId,
    dueAtMs: EpochMs,
  ): ResultAsync<Delivery, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<Delivery, NotFound>> => {
      const before = await this.#table.get(deliveryKey(owner, webhook, id));
      if (before === null) return err(notFound('delivery', id));
      const dueKey = await this.#queue.add(deliveryOf(before), dueAtMs);
      const pending = { status: 'pending', due_at_ms: dueAtMs, due_key: dueKey };
      const after = await this.#table.update(before, setting(pending, ['ttl']), PRESENT);
      await this.#removePlace(after === null ? dueKey : before['due_key']);
      return foundDelivery(after, id);
    };
    return orUnavailable('WebhookStore', 'requeue', work()).andThen((queued) => queued);
  }

  claimDue(nowMs: EpochMs, leaseMs: number): ResultAsync<ClaimedDelivery | null, PortUnavailable> {
    const work = async (): Promise<ClaimedDelivery | null> => {
      for await (const place of this.#queue.due(nowMs)) {
        const claimed = await this.#claim(place, nowMs, leaseMs);
        if (claimed !== null) return claimed;
      }
      return null;
    };
    return orUnavailable('WebhookStore', 'claimDue', work());
  }

  settle(
    { delivery, claim }: ClaimedDelivery,
    state: DeliveryState,
  ): ResultAsync<void, DeliveryLost | PortUnavailable> {
    const { owner, webhookId, deliveryId, createdAtMs } = delivery;
    const work = async (): Promise<Result<void, DeliveryLost>> => {
      const key = deliveryKey(owner, webhookId, deliveryId);
      const dueKey = state.dueAtMs === null ? null : await this.#queue.add(delivery, state.dueAtMs);
      const attributes = { ...stateAttributes(state, dueKey), ...ttlOf({ ...state, createdAtMs }), settled_by: claim };
      const settled =
        (await this.#table.update(key, setting(attributes), holds(claim))) ??
        // The answer to an earlier try may have been lost after it took effect.
        (await this.#table.get(key));
      if (settled?.['settled_by'] !== claim) {
        await this.#removePlace(dueKey);
        return err({ kind: 'delivery-lost' });
      }
      await this.#queue.remove(claim);
      return ok(undefined);
    };
    return orUnavailable('WebhookStore', 'settle', work()).andThen((settled) => settled);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = erasePrefixes(this.#table, ownerKey(owner), [WEBHOOK_PREFIX]).then(() =>
      this.#eraseDeliveries(owner, DELIVERY_PREFIX),
    );
    return orUnavailable('WebhookStore', 'eraseOwner', work);
  }

  /** Takes the delivery of a place that is due; null where the place does not hold, or somebody else was faster. */
  async #claim(place: DuePlace, nowMs: EpochMs, leaseMs: number): Promise<ClaimedDelivery | null> {
    const { owner, webhook: id, delivery, dueKey, dueAtMs } = place;
    const item = await this.#table.get(deliveryKey(owner, id, delivery));
    if (item?.['due_key'] !== dueKey) {
      // Its maker may be about to name it.
      if (dueAtMs < nowMs - NAMED_WITHIN_MS) await this.#queue.remove(dueKey);
      return null;
    }
    const webhook = await this.#table.get(webhookKey(owner, id));
    if (webhook === null) {
      await this.#table.delete(item, holds(dueKey));
      await this.#queue.remove(dueKey);
      return null;
    }
    const untilMs = nowMs + leaseMs;
    const claim = await this.#queue.add(deliveryOf(item), untilMs);
    const held =
      (await this.#table.update(item, setting({ due_at_ms: untilMs, due_key: claim }), holds(dueKey))) ??
      (await this.#table.get(item));
    if (held?.['due_key'] !== claim) {
      await this.#queue.remove(claim);
      return null;
    }
    await this.#queue.remove(dueKey);
    return { delivery: deliveryOf(held), webhook: webhookOf(webhook), claim };
  }

  /** The places go before the deliveries that name them, so that one that ended early can go on. */
  async #eraseDeliveries(owner: UserId, prefix: string): Promise<void> {
    const dueKeys: string[] = [];
    for await (const { due_key: dueKey } of this.#table.query({ ...rangeOf(owner, prefix), only: ['due_key'] })) {
      if (typeof dueKey === 'string') dueKeys.push(dueKey);
    }
    await this.#queue.removeMany(dueKeys);
    await erasePrefixes(this.#table, ownerKey(owner), [prefix]);
  }

  async #removePlace(dueKey: unknown): Promise<void> {
    if (typeof dueKey === 'string') await this.#queue.remove(dueKey);
  }
}

const rangeOf = (owner: UserId, prefix: string): ItemRange => ({
  pk: ownerKey(owner),
  from: prefix,
  to: endOf(prefix),
});

/** The delivery's item still names this place. */
const holds = (dueKey: string): Expression => ({
  text: '#due_key = :due_key',
  names: { '#due_key': 'due_key' },
  values: { ':due_key': dueKey },
});

const foundWebhook = (item: Item | null, id: WebhookId): Result<Webhook, NotFound> =>
  item === null ? err(notFound('webhook', id)) : ok(webhookOf(item));

const foundDelivery = (item: Item | null, id: DeliveryId): Result<Delivery, NotFound> =>
  item === null ? err(notFound('delivery', id)) : ok(deliveryOf(item));
