import { randomUUID } from 'node:crypto';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { deliveryId, webhookId, type Delivery, type DeliveryId, type WebhookId } from '../../../core/webhooks/model.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';

/** The partition of all places in the queue: one for everybody, in the order of time. */
const PARTITION = 'WEBHOOKDUE';
/** Places that are looked at a request. */
const PAGE = 25;

/** A place in the queue, and the delivery that it was made for. */
export interface DuePlace {
  readonly dueKey: string;
  readonly dueAtMs: EpochMs;
  readonly owner: UserId;
  readonly webhook: WebhookId;
  readonly delivery: DeliveryId;
}

/**
 * Places of deliveries in the order in which they are due: items `<instant>#<token>` of one partition. A place holds only
 * while its delivery's item names it; it is made before it is named, and removed after it is not named any more.
 */
export class WebhookQueue {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  /** A new place for the delivery; its key is a new one every time. */
  async add(
    { owner, webhookId: webhook, deliveryId: id }: Pick<Delivery, 'owner' | 'webhookId' | 'deliveryId'>,
    dueAtMs: EpochMs,
  ): Promise<string> {
    const dueKey = `${instantText(dueAtMs)}#${randomUUID()}`;
    await this.#table.put({ ...placeKey(dueKey), user_id: owner, webhook_id: webhook, delivery_id: id });
    return dueKey;
  }

  /** The places that are due, the one that is due the longest first. */
  async *due(nowMs: EpochMs): AsyncGenerator<DuePlace, void, undefined> {
    const range = { pk: PARTITION, from: '0', to: `${instantText(nowMs)}#~`, pageSize: PAGE };
    for await (const item of this.#table.query(range)) yield placeOf(item);
  }

  async remove(dueKey: string): Promise<void> {
    await this.#table.delete(placeKey(dueKey));
  }

  async removeMany(dueKeys: readonly string[]): Promise<void> {
    if (dueKeys.length > 0) await this.#table.writeMany([], dueKeys.map(placeKey));
  }
}

const instantText = (ms: EpochMs): string => String(Math.floor(ms)).padStart(16, '0');

const placeKey = (dueKey: string): ItemKey => ({ pk: PARTITION, sk: dueKey });

const placeOf = (item: Item): DuePlace => ({
  dueKey: item.sk,
  dueAtMs: Number(item.sk.split('#')[0]),
  owner: userId(String(item['user_id'])),
  webhook: webhookId(String(item['webhook_id'])),
  delivery: deliveryId(String(item['delivery_id'])),
});
