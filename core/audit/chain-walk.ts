import type { Digest } from '../kernel/digest.ts';
import { entryContent } from './entry-text.ts';
import type { AuditDay, AuditPlace, SignedHead, StoredEntry } from './model.ts';

/** Something of the log that is not as it was written. */
export type AuditFault =
  /** An entry whose text, hash, place and subject do not belong together. */
  | (AuditPlace & { readonly kind: 'altered' })
  /** An entry that does not follow on the one before it: one of the two was put in the place of another. */
  | (AuditPlace & { readonly kind: 'unlinked' })
  /** An entry that comes after one of the same or a higher number, or whose number is none. */
  | (AuditPlace & { readonly kind: 'misplaced' })
  /** Entries that were removed, `to` included. */
  | (AuditPlace & { readonly kind: 'removed'; readonly to: number })
  /** Entries that were added after the day's last one, `to` included. */
  | (AuditPlace & { readonly kind: 'inserted'; readonly to: number })
  /** A day that has entries and no head: the head was removed, or the day was inserted. */
  | { readonly kind: 'head-missing'; readonly day: AuditDay }
  /** A head that this installation has not signed. */
  | { readonly kind: 'head-forged'; readonly day: AuditDay }
  /** A day whose head does not follow on the days before it: something of them was removed or put in its place. */
  | { readonly kind: 'day-unlinked'; readonly day: AuditDay }
  /** The last entry of the day is not the one that the head was signed over: the day, or its end, was written anew. */
  | { readonly kind: 'rewritten'; readonly day: AuditDay }
  /** Here an operator had the log go on although its end was not signed by this installation. */
  | (AuditPlace & { readonly kind: 'resealed' })
  /** There are entries, but nothing that says where the log ends. */
  | { readonly kind: 'end-missing' };

/** A head, and whether its signature was found to be one of this installation. */
export interface CheckedHead {
  readonly head: SignedHead;
  readonly isGenuine: boolean;
}

/** Where the log stands before a day. Null where nothing sure is known of it. */
interface Before {
  readonly hash: string;
  readonly total: number;
}

/**
 * Walks along the log, day after day and entry after entry, in the order in which they are kept, and names what is not as it
 * was written. Nothing of a head is believed that is not signed, and nothing of an entry that does not fit its hash.
 */
export class ChainWalk {
  readonly faults: AuditFault[] = [];
  readonly #digest: Digest;
  #before: Before | null;
  #day: AuditDay = '';
  /** The day's head, where it is genuine. */
  #head: SignedHead | null = null;
  #lastNumber = 0;
  /** The hash of the entry that was walked over last; null where it is not sure. */
  #lastHash: string | null = null;

  /** `start` is null for a walk that does not begin with the first day of the log. */
  constructor(digest: Digest, start: Before | null) {
    this.#digest = digest;
    this.#before = start;
  }

  /** `isNewest`: the log ends in this day, and its head is the end of the log. */
  beginDay(day: AuditDay, checked: CheckedHead | null, isNewest: boolean): void {
    this.#day = day;
    this.#head = this.#believed(day, checked, isNewest);
    this.#lastNumber = 0;
    this.#lastHash = this.#head?.previous ?? this.#before?.hash ?? null;
    if (this.#head === null || this.#before === null) return;
    const { previous, total, count } = this.#head;
    if (previous !== this.#before.hash || total - count !== this.#before.total) {
      this.faults.push({ kind: 'day-unlinked', day });
    }
  }

  entry(entry: StoredEntry): void {
    const { day, number, hash } = entry;
    const content = entryContent(entry.text);
    const isWhole =
      content !== null &&
      this.#digest.sha256Hex(entry.text) === hash &&
      content.day === day &&
      content.number === number &&
      content.event.subject === entry.subject;
    if (!isWhole) this.faults.push({ kind: 'altered', day, number });
    else if (content.event.action === 'reseal') this.faults.push({ kind: 'resealed', day, number });
    if (day !== this.#day || !Number.isSafeInteger(number) || number <= this.#lastNumber) {
      this.faults.push({ kind: 'misplaced', day, number });
      return;
    }
    const isNext = number === this.#lastNumber + 1;
    if (!isNext) this.faults.push({ kind: 'removed', day, number: this.#lastNumber + 1, to: number - 1 });
    const follows = !isNext || !isWhole || this.#lastHash === null || content.previous === this.#lastHash;
    if (!follows) this.faults.push({ kind: 'unlinked', day, number });
    this.#lastNumber = number;
    this.#lastHash = isWhole ? hash : null;
  }

  /** `grown` is the newest day's head where that has moved on since the day was begun. */
  endDay(grown: CheckedHead | null = null): void {
    const day = this.#day;
    const last = this.#lastNumber;
    const head = grown === null ? this.#head : this.#believed(day, grown, true);
    if (head === null) {
      this.#before =
        this.#before === null || this.#lastHash === null
          ? null
          : { hash: this.#lastHash, total: this.#before.total + last };
      return;
    }
    const { count, hash, total } = head;
    if (last < count) this.faults.push({ kind: 'removed', day, number: last + 1, to: count });
    else if (last > count) this.faults.push({ kind: 'inserted', day, number: count + 1, to: last });
    else if (this.#lastHash !== null && this.#lastHash !== hash) this.faults.push({ kind: 'rewritten', day });
    this.#before = { hash, total };
  }

  #believed(day: AuditDay, checked: CheckedHead | null, isNewest: boolean): SignedHead | null {
    if (checked === null) {
      this.faults.push({ kind: 'head-missing', day });
      return null;
    }
    const { head, isGenuine } = checked;
    if (isGenuine && head.day === day && head.state === (isNewest ? 'open' : 'closed')) return head;
    this.faults.push({ kind: 'head-forged', day });
    return null;
  }
}
