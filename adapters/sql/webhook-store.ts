import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { err, ok, okAsync } from 'neverthrow';
import type { Result, ResultAsync } from 'neverthrow';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
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
import type { SqlDatabase } from './database.ts';
import { eraseOwnerRows } from './erase-owner-rows.ts';
import type { Tables, WebhookDeliveryRow } from './tables.ts';
import { orUnavailable } from './unavailable.ts';
import { deliveryOf, deliveryRow, stateColumns, webhookColumns, webhookOf, webhookRow } from './webhook-rows.ts';

/** Webhooks and their deliveries in a database; a webhook's deliveries go with it. */
export class SqlWebhookStore implements WebhookStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  put(webhook: Webhook): ResultAsync<void, PortUnavailable> {
    const row = webhookRow(webhook);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      await transaction
        .insertInto('webhook')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'webhook_id']).doUpdateSet(row))
        .execute();
    };
    return orUnavailable('WebhookStore', 'put', this.#database.write(work));
  }

  get(owner: UserId, id: WebhookId): ResultAsync<Webhook, NotFound | PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => find(transaction, owner, id);
    return orUnavailable('WebhookStore', 'get', this.#database.read(work)).andThen((found) => found);
  }

  list(owner: UserId): ResultAsync<readonly Webhook[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Webhook[]> => {
      const rows = await transaction
        .selectFrom('webhook')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('created_at_ms')
        .orderBy('webhook_id')
        .execute();
      return rows.map(webhookOf);
    };
    return orUnavailable('WebhookStore', 'list', this.#database.read(work));
  }

  change(owner: UserId, id: WebhookId, change: WebhookChange): ResultAsync<Webhook, NotFound | PortUnavailable> {
    const columns = webhookColumns(change);
    if (Object.keys(columns).length === 0) return this.get(owner, id);
    const work = async (transaction: Transaction<Tables>): Promise<Result<Webhook, NotFound>> => {
      await transaction
        .updateTable('webhook')
        .set(columns)
        .where('owner', '=', owner)
        .where('webhook_id', '=', id)
        .execute();
      return find(transaction, owner, id);
    };
    return orUnavailable('WebhookStore', 'change', this.#database.write(work)).andThen((changed) => changed);
  }

  delete(owner: UserId, id: WebhookId): ResultAsync<void, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, NotFound>> => {
      const { numDeletedRows } = await transaction
        .deleteFrom('webhook')
        .where('owner', '=', owner)
        .where('webhook_id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 0n ? err(notFound('webhook', id)) : ok(undefined);
    };
    return orUnavailable('WebhookStore', 'delete', this.#database.write(work)).andThen((deleted) => deleted);
  }

  addDelivery(delivery: Delivery): ResultAsync<void, PortUnavailable> {
    const { owner, webhookId } = delivery;
    const row = deliveryRow(delivery);
    const work = async (transaction: Transaction<Tables>): Promise<void> => {
      if ((await find(transaction, owner, webhookId)).isErr()) return;
      await transaction
        .deleteFrom('webhook_delivery')
        .where('owner', '=', owner)
        .where('webhook_id', '=', webhookId)
        .where('status', '!=', 'pending')
        .where('created_at_ms', '<', delivery.createdAtMs - DELIVERIES_KEPT_MS)
        .execute();
      await transaction
        .insertInto('webhook_delivery')
        .values(row)
        .onConflict((conflict) => conflict.columns(['owner', 'webhook_id', 'delivery_id']).doNothing())
        .execute();
    };
    return orUnavailable('WebhookStore', 'addDelivery', this.#database.write(work));
  }

  getDelivery(owner: UserId, webhook: WebhookId, id: DeliveryId): ResultAsync<Delivery, NotFound | PortUnavailable> {
    const work = (transaction: Transaction<Tables>) => findDelivery(transaction, owner, webhook, id);
    return orUnavailable('WebhookStore', 'getDelivery', this.#database.read(work))
      .andThen((found) => found)
      .map(deliveryOf);
  }

  deliveries(
    owner: UserId,
    webhook: WebhookId,
    { after, limit }: { readonly after: DeliveryId | null; readonly limit: number },
  ): ResultAsync<readonly Delivery[], PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<readonly Delivery[]> => {
      const all = transaction
        .selectFrom('webhook_delivery')
        .selectAll()
        .where('owner', '=', owner)
        .where('webhook_id', '=', webhook)
        .orderBy('delivery_id', 'desc')
        .limit(limit);
      const rows = await (after === null ? all : all.where('delivery_id', '<', after)).execute();
      return rows.map(deliveryOf);
    };
    return orUnavailable('WebhookStore', 'deliveries', this.#database.read(work));
  }

  requeue(
    owner: UserId,
    webhook: WebhookId,
    id: DeliveryId,
    dueAtMs: EpochMs,
  ): ResultAsync<Delivery, NotFound | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<WebhookDeliveryRow, NotFound>> => {
      await transaction
        .updateTable('webhook_delivery')
        .set({ status: 'pending', due_at_ms: dueAtMs, claim: null })
        .where('owner', '=', owner)
        .where('webhook_id', '=', webhook)
        .where('delivery_id', '=', id)
        .execute();
      return findDelivery(transaction, owner, webhook, id);
    };
    return orUnavailable('WebhookStore', 'requeue', this.#database.write(work))
      .andThen((queued) => queued)
      .map(deliveryOf);
  }

  claimDue(nowMs: EpochMs, leaseMs: number): ResultAsync<ClaimedDelivery | null, PortUnavailable> {
    const due = (transaction: Transaction<Tables>) =>
      transaction
        .selectFrom('webhook_delivery')
        .selectAll()
        .where('due_at_ms', 'is not', null)
        .where('due_at_ms', '<=', nowMs)
        .orderBy('due_at_ms')
        .orderBy('delivery_id')
        .limit(1)
        .executeTakeFirst();
    const claim = async (transaction: Transaction<Tables>): Promise<ClaimedDelivery | null> => {
      const first = await due(transaction);
      if (first === undefined) return null;
      const held = { due_at_ms: nowMs + leaseMs, claim: randomUUID() };
      await transaction
        .updateTable('webhook_delivery')
        .set(held)
        .where('owner', '=', first.owner)
        .where('webhook_id', '=', first.webhook_id)
        .where('delivery_id', '=', first.delivery_id)
        .execute();
      const webhook = await transaction
        .selectFrom('webhook')
        .selectAll()
        .where('owner', '=', first.owner)
        .where('webhook_id', '=', first.webhook_id)
        .executeTakeFirstOrThrow();
      return { delivery: deliveryOf({ ...first, ...held }), webhook: webhookOf(webhook), claim: held.claim };
    };
    // Most looks find nothing, and those need no write lock.
    return orUnavailable('WebhookStore', 'claimDue', this.#database.read(due)).andThen((first) =>
      first === undefined ? okAsync(null) : orUnavailable('WebhookStore', 'claimDue', this.#database.write(claim)),
    );
  }

  settle(
    { delivery, claim }: ClaimedDelivery,
    state: DeliveryState,
  ): ResultAsync<void, DeliveryLost | PortUnavailable> {
    const work = async (transaction: Transaction<Tables>): Promise<Result<void, DeliveryLost>> => {
      const { numUpdatedRows } = await transaction
        .updateTable('webhook_delivery')
        .set(stateColumns(state))
        .where('owner', '=', delivery.owner)
        .where('webhook_id', '=', delivery.webhookId)
        .where('delivery_id', '=', delivery.deliveryId)
        .where('claim', '=', claim)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 0n ? err({ kind: 'delivery-lost' }) : ok(undefined);
    };
    return orUnavailable('WebhookStore', 'settle', this.#database.write(work)).andThen((settled) => settled);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = (transaction: Transaction<Tables>) =>
      eraseOwnerRows(transaction, owner, ['webhook_delivery', 'webhook']);
    return orUnavailable('WebhookStore', 'eraseOwner', this.#database.write(work));
  }
}

async function find(database: Kysely<Tables>, owner: UserId, id: WebhookId): Promise<Result<Webhook, NotFound>> {
  const row = await database
    .selectFrom('webhook')
    .selectAll()
    .where('owner', '=', owner)
    .where('webhook_id', '=', id)
    .executeTakeFirst();
  return row === undefined ? err(notFound('webhook', id)) : ok(webhookOf(row));
}

async function findDelivery(
  database: Kysely<Tables>,
  owner: UserId,
  webhook: WebhookId,
  id: DeliveryId,
): Promise<Result<WebhookDeliveryRow, NotFound>> {
  const row = await database
    .selectFrom('webhook_delivery')
    .selectAll()
    .where('owner', '=', owner)
    .where('webhook_id', '=', webhook)
    .where('delivery_id', '=', id)
    .executeTakeFirst();
  return row === undefined ? err(notFound('delivery', id)) : ok(row);
}
