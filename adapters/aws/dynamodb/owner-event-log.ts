import { randomUUID } from 'node:crypto';
import type { ResultAsync } from 'neverthrow';
import {
  eventIdOf,
  eventNumberOf,
  type EventId,
  type OwnerEvent,
  type OwnerEventDraft,
  type OwnerEventType,
} from '../../../core/events/model.ts';
import { EVENTS_KEPT_MS, MOST_EVENTS_KEPT, type OwnerEventLog } from '../../../core/events/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { orUnavailable } from '../aws-caller.ts';
import { untilUncontended } from './contended.ts';
import { ABSENT, type DynamoTable, type Item, type ItemKey } from './dynamo-table.ts';
import { erasePrefixes } from './erase-prefixes.ts';
import { endOf, ownerKey } from './key-text.ts';
import { type Retention, ttlFact } from './retention.ts';

const PREFIX = 'OWNEREVENT#';

/**
 * Event logs in the single table: one item an event at `OWNEREVENT#<number>` in the owner's partition. A number is taken by
 * a write to the first free place after the newest item, which only one writer can do, so that no event ever appears
 * before another. The newest item is never removed, for its place would be taken again: it is emptied instead.
 */
export class DynamoOwnerEventLog implements OwnerEventLog {
  readonly #table: DynamoTable;
  readonly #retention: Retention;

  constructor(table: DynamoTable, retention: Retention) {
    this.#table = table;
    this.#retention = retention;
  }

  append(owner: UserId, draft: OwnerEventDraft): ResultAsync<OwnerEvent, PortUnavailable> {
    return orUnavailable('OwnerEventLog', 'append', this.#append(owner, structuredClone(draft)));
  }

  after(owner: UserId, after: EventId | null, limit: number): ResultAsync<readonly OwnerEvent[], PortUnavailable> {
    const work = async (): Promise<readonly OwnerEvent[]> => {
      const events: OwnerEvent[] = [];
      if (limit <= 0) return events;
      const from = PREFIX + eventIdOf((after === null ? 0 : eventNumberOf(after)) + 1);
      for await (const item of this.#table.query({ ...allOf(owner), from, pageSize: limit })) {
        const event = eventOf(item);
        if (event !== null && events.push(event) === limit) break;
      }
      return events;
    };
    return orUnavailable('OwnerEventLog', 'after', work());
  }

  newest(owner: UserId): ResultAsync<EventId | null, PortUnavailable> {
    const work = this.#newest(owner).then((number) => (number === null ? null : eventIdOf(number)));
    return orUnavailable('OwnerEventLog', 'newest', work);
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<void, PortUnavailable> {
    const goes = (event: OwnerEvent): boolean => event.upload === upload && event.type !== 'data.deleted';
    return orUnavailable('OwnerEventLog', 'deleteUpload', this.#forget(owner, goes));
  }

  forgetOld(owner: UserId, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    const goes = ({ atMs }: OwnerEvent): boolean => atMs < nowMs - EVENTS_KEPT_MS;
    return orUnavailable('OwnerEventLog', 'forgetOld', this.#forget(owner, goes));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return orUnavailable('OwnerEventLog', 'eraseOwner', erasePrefixes(this.#table, ownerKey(owner), [PREFIX]));
  }

  async #append(owner: UserId, draft: OwnerEventDraft): Promise<OwnerEvent> {
    const token = randomUUID();
    const number = await untilUncontended(this.#table, 'the end of an event log', async () => {
      const next = ((await this.#newest(owner)) ?? 0) + 1;
      const item = { ...itemOf(owner, next, draft), token, ...ttlFact(this.#retention) };
      if (await this.#table.put(item, ABSENT)) return next;
      // The answer to an earlier try may have been lost after it took effect.
      return (await this.#table.get(item))?.['token'] === token ? next : null;
    });
    if (number > MOST_EVENTS_KEPT) await this.#table.delete(keyOf(owner, number - MOST_EVENTS_KEPT));
    return { ...draft, id: eventIdOf(number) };
  }

  async #newest(owner: UserId): Promise<number | null> {
    const last = { ...allOf(owner), descending: true, pageSize: 1, only: ['sk'] };
    for await (const item of this.#table.query(last)) return numberOf(item);
    return null;
  }

  /** Removes events. What is the newest when it is read stays, emptied; whatever comes meanwhile comes after it. */
  async #forget(owner: UserId, goes: (event: OwnerEvent) => boolean): Promise<void> {
    const gone: ItemKey[] = [];
    let newest: Item | null = null;
    const isGone = (item: Item): boolean => {
      const event = eventOf(item);
      return event === null || goes(event);
    };
    for await (const item of this.#table.query(allOf(owner))) {
      if (newest !== null && isGone(newest)) gone.push({ pk: newest.pk, sk: newest.sk });
      newest = item;
    }
    if (newest !== null && isGone(newest)) await this.#table.put({ pk: newest.pk, sk: newest.sk });
    if (gone.length > 0) await this.#table.writeMany([], gone);
  }
}

const allOf = (owner: UserId) => ({ pk: ownerKey(owner), from: PREFIX, to: endOf(PREFIX) });

const keyOf = (owner: UserId, number: number): ItemKey => ({ pk: ownerKey(owner), sk: PREFIX + eventIdOf(number) });

const numberOf = ({ sk }: ItemKey): number => Number(sk.slice(PREFIX.length));

const itemOf = (owner: UserId, number: number, { type, atMs, upload, subject, data }: OwnerEventDraft): Item => ({
  ...keyOf(owner, number),
  type,
  at_ms: atMs,
  upload_id: upload,
  subject,
  data: JSON.stringify(data),
});

/** Null for a place whose event was forgotten. */
function eventOf(item: Item): OwnerEvent | null {
  const { type, at_ms: atMs, upload_id: upload, subject, data } = item;
  if (typeof type !== 'string') return null;
  return {
    id: eventIdOf(numberOf(item)),
    type: type as OwnerEventType,
    atMs: Number(atMs),
    upload: typeof upload === 'string' ? processingId(upload) : null,
    subject: String(subject),
    data: JSON.parse(String(data)) as OwnerEvent['data'],
  };
}
