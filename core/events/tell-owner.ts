import { okAsync, ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { Ids, UserId } from '../kernel/ids.ts';
import { newDeliveryId, type Webhook } from '../webhooks/model.ts';
import type { WebhookStore } from '../webhooks/ports.ts';
import { eventPayload } from './event-payload.ts';
import { eventNumberOf, type OwnerEvent, type OwnerEventDraft } from './model.ts';
import type { OwnerEventLog, TellingObserver } from './ports.ts';

export interface TellOwnerPorts {
  readonly ownerEvents: OwnerEventLog;
  readonly webhooks: Pick<WebhookStore, 'list' | 'addDelivery'>;
  readonly ids: Ids;
  readonly observer: TellingObserver;
}

/** Tells a person what happened to their data. It cannot fail, because the work does not depend on it. */
export type TellOwner = (owner: UserId, event: OwnerEventDraft) => ResultAsync<void, never>;

/** The log is looked through for events that are too old at every such event. */
const EVENTS_A_LOOK = 50;

/**
 * Appends the event to the owner's log and queues a delivery for each enabled webhook that wants its type. An event is a
 * hint that something is there to be read: where it cannot be told, the observer hears why, and the work goes on.
 */
export function tellOwner(ports: TellOwnerPorts): TellOwner {
  return (owner, draft) =>
    ports.ownerEvents
      .append(owner, draft)
      .andThen((event) =>
        queued(ports, owner, event).andThen((deliveries) => {
          ports.observer.told(owner, deliveries);
          return forgotten(ports, owner, event);
        }),
      )
      .orElse((error) => {
        ports.observer.untold(draft, error);
        return okAsync(undefined);
      });
}

const forgotten = (
  { ownerEvents }: TellOwnerPorts,
  owner: UserId,
  { id, atMs }: OwnerEvent,
): ResultAsync<void, PortUnavailable> =>
  eventNumberOf(id) % EVENTS_A_LOOK === 0 ? ownerEvents.forgetOld(owner, atMs) : okAsync(undefined);

/** How many deliveries were queued. */
const queued = (ports: TellOwnerPorts, owner: UserId, event: OwnerEvent): ResultAsync<number, PortUnavailable> =>
  ports.webhooks
    .list(owner)
    .andThen((webhooks) =>
      ResultAsync.combine(
        webhooks.filter((webhook) => wants(webhook, event)).map((webhook) => deliveryQueued(ports, webhook, event)),
      ),
    )
    .map((deliveries) => deliveries.length);

const wants = ({ enabled, eventTypes }: Webhook, { type }: OwnerEvent): boolean =>
  enabled && (eventTypes?.includes(type) ?? true);

const deliveryQueued = (
  { webhooks, ids }: TellOwnerPorts,
  { owner, webhookId }: Webhook,
  event: OwnerEvent,
): ResultAsync<void, PortUnavailable> =>
  webhooks.addDelivery({
    owner,
    webhookId,
    deliveryId: newDeliveryId(ids, event.atMs),
    eventId: event.id,
    eventType: event.type,
    payload: JSON.stringify(eventPayload(event)),
    status: 'pending',
    createdAtMs: event.atMs,
    dueAtMs: event.atMs,
    attempts: [],
    attemptCount: 0,
  });
