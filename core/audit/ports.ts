import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { AuditDay, AuditPlace, Pseudonym, SignedHead, StoredEntry } from './model.ts';

/** New entries, and what becomes of the heads with them. */
export interface LogExtension {
  /** The hash of the head that the log ends with; null where it has none yet. */
  readonly after: string | null;
  /** At least one, all of one day, in order. */
  readonly entries: readonly StoredEntry[];
  /** The last head of the day before, where the entries begin another one. */
  readonly closed: SignedHead | null;
  /** What the log ends with from now on. */
  readonly end: SignedHead;
}

/** A day of the log, and the head that was closed over it; null for the newest day, whose head is the end of the log. */
export interface KnownDay {
  readonly day: AuditDay;
  readonly head: SignedHead | null;
}

/**
 * Where the audit log is kept. The store knows nothing of hashes and signatures; it keeps texts as they are, and sees to it
 * that the log has one end, whoever extends it.
 */
export interface AuditStore {
  /** What the log ends with; null where nothing was ever written. */
  end(): ResultAsync<SignedHead | null, PortUnavailable>;
  /**
   * All of the extension is durable, or nothing of it happened: true where the log ended as `after` says, false where it did
   * not, because somebody else has extended it.
   */
  extend(extension: LogExtension): ResultAsync<boolean, PortUnavailable>;
  /** The days that have entries or a head, the oldest first. */
  days(): ResultAsync<readonly KnownDay[], PortUnavailable>;
  /** Entries of a day whose numbers are above `after`, in the order of their numbers. */
  entries(day: AuditDay, after: number, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable>;
  /** Entries about somebody that lie before a place, or the newest; the newest first. */
  about(
    subject: Pseudonym,
    before: AuditPlace | null,
    limit: number,
  ): ResultAsync<readonly StoredEntry[], PortUnavailable>;
  /** Entries of all days that lie before a place, or the newest; the newest first. */
  newest(before: AuditPlace | null, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable>;
}

/** Who is meant by which pseudonym. Nothing but this leads from one to the other, in either direction. */
export interface AuditPseudonyms extends ErasesOwner {
  /** The person's pseudonym; null where they have none. */
  known(owner: UserId): ResultAsync<Pseudonym | null, PortUnavailable>;
  /** The person's pseudonym, which is `fresh` where they had none: whoever asks at the same time is answered the same. */
  assign(owner: UserId, fresh: Pseudonym): ResultAsync<Pseudonym, PortUnavailable>;
  /** Whose pseudonyms these are; those of nobody who is still here are left out. */
  owners(pseudonyms: readonly Pseudonym[]): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable>;
}

/** What proves that a head comes from this installation. */
export interface HeadSignature {
  readonly keyId: string;
  readonly signature: string;
}

/** Signs heads with a key that is not kept where the log is. */
export interface HeadSigner {
  sign(text: string): ResultAsync<HeadSignature, PortUnavailable>;
  /** Whether the text was signed with a key of this installation. */
  isGenuine(text: string, signature: HeadSignature): ResultAsync<boolean, PortUnavailable>;
}
