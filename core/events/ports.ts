import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ProcessingId, UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { EventId, OwnerEvent, OwnerEventDraft } from './model.ts';

/** Events older than this, and those before the newest so many of an owner, may be forgotten. */
export const EVENTS_KEPT_MS = 7 * 86_400_000;
export const MOST_EVENTS_KEPT = 1000;

/**
 * What happened to each person's data, in order. A reader who has seen the event at one place sees every later one: an
 * event never appears before one that was already read, and a place is never used again, also where its event is
 * forgotten.
 */
export interface OwnerEventLog extends ErasesOwner {
  /** Adds the event after all others, durably. Of the owner's events, only the newest `MOST_EVENTS_KEPT` stay. */
  append(owner: UserId, event: OwnerEventDraft): ResultAsync<OwnerEvent, PortUnavailable>;
  /** The oldest first, at most `limit` that follow `after`; null is before all that are still kept. */
  after(owner: UserId, after: EventId | null, limit: number): ResultAsync<readonly OwnerEvent[], PortUnavailable>;
  /** The place of the newest event, also where that was forgotten; null where there never was one. */
  newest(owner: UserId): ResultAsync<EventId | null, PortUnavailable>;
  /** Forgets events about this upload but for `data.deleted`. */
  deleteUpload(owner: UserId, upload: ProcessingId): ResultAsync<void, PortUnavailable>;
  /** Forgets the owner's events that are older than `EVENTS_KEPT_MS` by now. */
  forgetOld(owner: UserId, nowMs: EpochMs): ResultAsync<void, PortUnavailable>;
}

/** Hears what became of telling, at once; must not throw. The host wakes who waits, and logs what went wrong. */
export interface TellingObserver {
  /** The event is in the log, and on its way to every webhook that wants it: so many of them. */
  told(owner: UserId, deliveries: number): void;
  /** The event is not in the log, or not every webhook that wants it will get it. */
  untold(event: OwnerEventDraft, error: PortUnavailable): void;
}
