import { okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import {
  eventIdOf,
  eventNumberOf,
  type EventId,
  type OwnerEvent,
  type OwnerEventDraft,
} from '../../core/events/model.ts';
import { EVENTS_KEPT_MS, MOST_EVENTS_KEPT, type OwnerEventLog } from '../../core/events/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ProcessingId, UserId } from '../../core/kernel/ids.ts';

interface Log {
  last: number;
  events: readonly OwnerEvent[];
}

/** Event logs in the process's memory. */
export class MemoryOwnerEventLog implements OwnerEventLog {
  readonly #logs = new Map<UserId, Log>();

  append(owner: UserId, draft: OwnerEventDraft): ResultAsync<OwnerEvent, PortUnavailable> {
    const log = this.#logs.get(owner) ?? { last: 0, events: [] };
    this.#logs.set(owner, log);
    log.last += 1;
    const event: OwnerEvent = { ...structuredClone(draft), id: eventIdOf(log.last) };
    const oldest = log.last - MOST_EVENTS_KEPT;
    log.events = [...log.events.filter(({ id }) => eventNumberOf(id) > oldest), event];
    return okAsync(structuredClone(event));
  }

  after(owner: UserId, after: EventId | null, limit: number): ResultAsync<readonly OwnerEvent[], PortUnavailable> {
    const events = this.#logs.get(owner)?.events ?? [];
    const following = events.filter(({ id }) => after === null || id > after);
    return okAsync(structuredClone(following.slice(0, limit)));
  }

  newest(owner: UserId): ResultAsync<EventId | null, PortUnavailable> {
    const log = this.#logs.get(owner);
    return okAsync(log === undefined ? null : eventIdOf(log.last));
  }

  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<void, PortUnavailable> {
    return this.#keep(owner, (event) => event.upload !== upload || event.type === 'data.deleted');
  }

  forgetOld(owner: UserId, nowMs: EpochMs): ResultAsync<void, PortUnavailable> {
    return this.#keep(owner, ({ atMs }) => atMs >= nowMs - EVENTS_KEPT_MS);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#logs.delete(owner);
    return okAsync(undefined);
  }

  #keep(owner: UserId, stays: (event: OwnerEvent) => boolean): ResultAsync<void, PortUnavailable> {
    const log = this.#logs.get(owner);
    if (log !== undefined) log.events = log.events.filter(stays);
    return okAsync(undefined);
  }
}
