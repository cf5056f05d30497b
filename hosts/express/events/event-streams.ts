import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { ServerSentEvent } from '../../../contracts/route.ts';
import type { InvalidToken } from '../../../core/auth/errors.ts';
import { eventPayload } from '../../../core/events/event-payload.ts';
import { BEFORE_ALL_EVENTS, type EventId, type OwnerEventType } from '../../../core/events/model.ts';
import type { OwnerEventLog } from '../../../core/events/ports.ts';
import type { Clock, EpochMs } from '../../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { EventBell } from '../../wiring/event-bell.ts';

/** The person has as many streams open, in this process, as they may have. */
export interface TooManyStreams {
  readonly kind: 'too-many-streams';
  readonly limit: number;
}

export interface EventStreamsDeps {
  readonly ownerEvents: OwnerEventLog;
  readonly bell: EventBell;
  readonly clock: Clock;
}

/** Who listens, to what, and for how long. */
export interface Listener {
  readonly owner: UserId;
  /** Null: begin with the next event. */
  readonly after: EventId | null;
  /** Null: every type. */
  readonly types: readonly OwnerEventType[] | null;
  /** The access token's end. */
  readonly endsAtMs: EpochMs;
  /** Asked now and then: an erased person's token is good no longer. */
  readonly verify: () => ResultAsync<unknown, InvalidToken | PortUnavailable>;
  readonly cancelled: AbortSignal;
}

export const MOST_STREAMS = 5;
/** What is told in another process is seen at the next look. */
const LOOK_MS = 1000;
const HEARTBEAT_MS = 15_000;
const VERIFY_MS = 60_000;
/** Told to clients: how long to wait before they connect again. */
const RETRY_MS = 3000;
const EVENTS_A_LOOK = 100;

/** Streams of people's event logs. The log is the truth, so that it does not matter which process told an event. */
export class EventStreams {
  readonly #deps: EventStreamsDeps;
  readonly #open = new Map<UserId, number>();

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps;
  }

  /** A stream from the listener's place on. It counts as open from its first reading to its end. */
  open(listener: Listener): ResultAsync<AsyncIterable<ServerSentEvent>, TooManyStreams | PortUnavailable> {
    const { owner, after } = listener;
    if (this.#isFull(owner)) return errAsync({ kind: 'too-many-streams', limit: MOST_STREAMS });
    return this.#deps.ownerEvents.newest(owner).andThen((newest) => {
      const end = newest ?? BEFORE_ALL_EVENTS;
      // A place behind the end is of a log that was begun anew since.
      const from = after === null ? end : after > end ? BEFORE_ALL_EVENTS : after;
      return okAsync(this.#stream(listener, from));
    });
  }

  /** How many streams are open, of all people. */
  count(): number {
    let open = 0;
    for (const streams of this.#open.values()) open += streams;
    return open;
  }

  #isFull(owner: UserId): boolean {
    return (this.#open.get(owner) ?? 0) >= MOST_STREAMS;
  }

  async *#stream(listener: Listener, from: EventId): AsyncGenerator<ServerSentEvent, void, undefined> {
    const { owner } = listener;
    // Several may have been let in before the first of them was read.
    if (this.#isFull(owner)) return;
    this.#open.set(owner, (this.#open.get(owner) ?? 0) + 1);
    try {
      // The id lets a client that loses the line before its first event come back to this place.
      yield { id: from, event: 'ready', data: { after: from }, retryMs: RETRY_MS };
      yield* this.#events(listener, from);
    } finally {
      const left = (this.#open.get(owner) ?? 1) - 1;
      if (left > 0) this.#open.set(owner, left);
      else this.#open.delete(owner);
    }
  }

  async *#events(listener: Listener, from: EventId): AsyncGenerator<ServerSentEvent, void, undefined> {
    const { ownerEvents, bell, clock } = this.#deps;
    const { owner, types, endsAtMs, verify, cancelled } = listener;
    let place = from;
    let lastSentMs = clock.now();
    let lastVerifiedMs = lastSentMs;
    for (;;) {
      const nowMs = clock.now();
      if (cancelled.aborted || nowMs >= endsAtMs) return;
      if (nowMs - lastVerifiedMs >= VERIFY_MS) {
        lastVerifiedMs = nowMs;
        const verified = await verify();
        if (verified.isErr() && verified.error.kind === 'invalid-token') return;
      }
      const rings = bell.rings;
      // A log that does not answer now may do so at the next look; a client could only ask the same.
      const events = (await ownerEvents.after(owner, place, EVENTS_A_LOOK)).unwrapOr([]);
      for (const event of events) {
        place = event.id;
        if (types !== null && !types.includes(event.type)) continue;
        yield { id: event.id, event: event.type, data: eventPayload(event) };
        lastSentMs = clock.now();
      }
      if (events.length > 0) continue;
      if (clock.now() - lastSentMs >= HEARTBEAT_MS) {
        yield { id: null, event: null, data: null, comment: 'still here' };
        lastSentMs = clock.now();
      }
      await bell.wait(owner, rings, Math.max(1, Math.min(LOOK_MS, endsAtMs - clock.now())), cancelled);
    }
  }
}
