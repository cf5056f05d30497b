import type { Result, ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { DataKey, KeyHolder, MasterKey, SealedPlace, WrappedKey } from './model.ts';

/** Not what was written: it was changed, cut short, or put in another place, or another key is needed. */
export interface Damaged {
  readonly kind: 'damaged';
  /** Fits after "it ", such as `was cut short`. */
  readonly reason: string;
}

export const damaged = (reason: string): Damaged => ({ kind: 'damaged', reason });

/** Keeps the versions of a local master key. Whoever has these and the data can read the data. */
export interface MasterKeys {
  /** Ascending; empty where none was made yet. */
  versions(): ResultAsync<readonly MasterKey[], PortUnavailable>;
  /** Makes version 1 where there is none, and answers all. Of several who start at once, one makes it. */
  versionsOrFirst(): ResultAsync<readonly MasterKey[], PortUnavailable>;
  /** Makes one version more, durably, and answers it; it is nobody else's, however many ask at once. */
  addVersion(): ResultAsync<MasterKey, PortUnavailable>;
  /** Forgets a version, durably, whatever it still wraps; gone already is fine. The newest stays: then, and only then, false. */
  removeVersion(version: number): ResultAsync<boolean, PortUnavailable>;
}

/**
 * Wraps data keys under a master key that data never meet. `holder` is bound to the wrapping: under another one it does
 * not open.
 */
export interface KeyWrapper {
  /** A fresh random data key, with its wrapping under the newest version of the master key. */
  newKey(
    holder: KeyHolder,
  ): ResultAsync<{ readonly secret: Uint8Array; readonly wrapping: WrappedKey }, PortUnavailable>;
  /** A wrapping that does not open is `port-unavailable`, not retryable. */
  unwrap(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<Uint8Array, PortUnavailable>;
  /** The same data key under the newest version. */
  rewrap(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable>;
}

/** A wrapped key with its holder. */
export interface HeldKey {
  readonly holder: KeyHolder;
  readonly wrapping: WrappedKey;
}

/** Keeps one wrapped data key a holder. What was encrypted with a key that is erased cannot be read by anybody again. */
export interface DataKeys extends ErasesOwner {
  find(holder: KeyHolder): ResultAsync<WrappedKey | null, PortUnavailable>;
  /** Keeps the key, durably, unless the holder has one; answers the one that is kept. */
  insertOnce(holder: KeyHolder, wrapping: WrappedKey): ResultAsync<WrappedKey, PortUnavailable>;
  /** Puts another wrapping in the place of `before`; false, and nothing happens, where another one is there, or none. */
  replace(holder: KeyHolder, before: WrappedKey, after: WrappedKey): ResultAsync<boolean, PortUnavailable>;
  /** At most `limit` keys that follow `after`, in an order of the technology's own that does not change. */
  list(after: KeyHolder | null, limit: number): ResultAsync<readonly HeldKey[], PortUnavailable>;
}

/** Encrypts the segments of one object, each for its place in it. */
export interface SegmentSealer {
  /** Goes before the segments. */
  readonly header: Uint8Array;
  seal(index: number, isLast: boolean, plain: Uint8Array): Uint8Array;
}

/** Opens segments of one object, in any order. */
export interface SegmentOpener {
  open(index: number, isLast: boolean, sealed: Uint8Array): Result<Uint8Array, Damaged>;
}

/** What the beginning of stored bytes says of them. */
export type ObjectHead = { readonly kind: 'plain' } | { readonly kind: 'sealed'; readonly keyId: string };

/** What a stored text says of itself. */
export type TextHead = ObjectHead;

/**
 * Authenticated encryption, provided by the host: AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces for texts, and
 * for objects the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) with a key derived for each object.
 */
export interface Cipher {
  /** The id of a key. */
  keyId(secret: Uint8Array): string;
  /** A text that says which key it needs; the same text twice is sealed differently. */
  sealText(key: DataKey, place: SealedPlace, text: string): string;
  /** Whether a stored text is sealed, and with which key; what older versions stored is plain. */
  textHead(stored: string): Result<TextHead, Damaged>;
  openText(key: DataKey, place: SealedPlace, sealed: string): Result<string, Damaged>;
  /** A text of fixed length, equal for equal texts, that says nothing of them to whoever has not the key. */
  blindIndex(key: DataKey, purpose: string, text: string): string;
  /** The length of an object's header. */
  readonly headerBytes: number;
  sealSegments(key: DataKey, place: SealedPlace): SegmentSealer;
  /** Whether stored bytes are sealed; `beginning` is their first `headerBytes`, or all where they are fewer. */
  objectHead(beginning: Uint8Array): Result<ObjectHead, Damaged>;
  openSegments(key: DataKey, place: SealedPlace, header: Uint8Array): SegmentOpener;
}
