import { canonicalText } from '../account/canonical-text.ts';
import type { Digest } from '../kernel/digest.ts';
import { isoDate, MS_PER_DAY } from '../kernel/local-time.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { AuditDay, AuditEvent, AuditPlace, DayHead, StoredEntry } from './model.ts';

/** What an entry's text says. */
export interface EntryContent extends AuditPlace {
  readonly version: 1;
  /** The hash of the entry before it, in whatever day that is. */
  readonly previous: string;
  readonly event: AuditEvent;
}

/**
 * The text that an entry is hashed over: JSON in the canonical form of RFC 8785 (names in the order of their UTF-16 code
 * units, no white space, numbers and text as ECMAScript writes them).
 */
export const entryText = (place: AuditPlace, previous: string, event: AuditEvent): string =>
  canonicalText({ version: 1, day: place.day, number: place.number, previous, event } satisfies EntryContent);

/** The text that a head's signature is made over, in the same form. What it is for is in it, so that no other text can be shown instead. */
export const headText = ({ day, count, previous, hash, total, state }: DayHead): string =>
  canonicalText({ version: 1, what: 'clarity audit head', day, count, previous, hash, total, state });

/** What the text of an entry says; null where it is no such text. The event is taken as it is. */
export function entryContent(text: string): EntryContent | null {
  try {
    const content = JSON.parse(text) as Partial<EntryContent> | null;
    const { day, number, previous, event } = content ?? {};
    if (typeof day !== 'string' || typeof number !== 'number' || typeof previous !== 'string') return null;
    return typeof event === 'object' && (event as unknown) !== null ? (content as EntryContent) : null;
  } catch {
    return null;
  }
}

export function storedEntry(digest: Digest, place: AuditPlace, previous: string, event: AuditEvent): StoredEntry {
  const text = entryText(place, previous, event);
  return { ...place, subject: event.subject, text, hash: digest.sha256Hex(text) };
}

/** The UTC day of an instant. */
export const auditDayOf = (atMs: EpochMs): AuditDay => isoDate(Math.floor(atMs / MS_PER_DAY));
