import type { EpochMs } from '../kernel/clock.ts';
import type { ProcessingId } from '../kernel/ids.ts';

declare const brand: unique symbol;

/** The place of an event in its owner's log: digits of equal length, so that text order is the order of the log. */
export type EventId = string & { readonly [brand]: 'EventId' };
export const eventId = (text: string): EventId => text as EventId;

const ID_DIGITS = 16;

/** The id of the event with this number in its owner's log; the first is 1. */
export const eventIdOf = (number: number): EventId => eventId(String(number).padStart(ID_DIGITS, '0'));
/** The number of an event; the ids must be one that `eventIdOf` made. */
export const eventNumberOf = (id: EventId): number => Number(id);
/** Before every event. */
export const BEFORE_ALL_EVENTS = eventIdOf(0);

/** Reads what a client sent as an id; null where no event can have it. */
export function readEventId(text: string): EventId | null {
  const isOne = text.length === ID_DIGITS && /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
  return isOne ? eventId(text) : null;
}

export const OWNER_EVENT_TYPES = [
  'processing.updated',
  'processing.completed',
  'processing.failed',
  'analysis.completed',
  'insight.completed',
  'data.deleted',
  'access.emergency',
] as const;
export type OwnerEventType = (typeof OWNER_EVENT_TYPES)[number];

/** Something that happened to a person's data. It carries ids and states, never a measurement. */
export interface OwnerEventDraft {
  readonly type: OwnerEventType;
  readonly atMs: EpochMs;
  /** The upload it is about; null where there is none. */
  readonly upload: ProcessingId | null;
  /** The id of the processing, the analysis, the insight or the emergency access. */
  readonly subject: string;
  /** Small facts such as `status`, `progress` (0 to 1) and `message`. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** An event of the log. */
export interface OwnerEvent extends OwnerEventDraft {
  readonly id: EventId;
}
