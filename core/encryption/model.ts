import type { UserId } from '../kernel/ids.ts';

declare const brand: unique symbol;

/** Whose data key it is: a person's, or the installation's own. */
export type KeyHolder = string & { readonly [brand]: 'KeyHolder' };
export const keyHolder = (text: string): KeyHolder => text as KeyHolder;
export const ownerHolder = (owner: UserId): KeyHolder => keyHolder(`owner:${owner}`);
/** Holds the key of what must be found again without knowing whose it is, such as the index of e-mail addresses. */
export const INSTALLATION: KeyHolder = keyHolder('installation');

/** 256 bits, as AES-256 takes them. */
export const DATA_KEY_BYTES = 32;

/** A key that data are encrypted with. It leaves the process only wrapped. */
export interface DataKey {
  /** Made of the key itself, one way: it tells keys apart and nothing of what they are. Lower-case hexadecimal. */
  readonly keyId: string;
  readonly secret: Uint8Array;
}

/** A data key, encrypted under a master key. */
export interface WrappedKey {
  /** Which version of the master key opens it. */
  readonly masterVersion: string;
  readonly wrapped: Uint8Array;
}

/** What a ciphertext is bound to: moved to another place, it cannot be opened. */
export interface SealedPlace {
  readonly owner: UserId;
  /** Which field of which kind of record, such as `webhook.secret`. */
  readonly purpose: string;
  /** The record's id, unique for the owner and purpose. */
  readonly record: string;
}

/** A version of the master key, as a local installation keeps it. */
export interface MasterKey {
  /** From 1; the highest wraps, all unwrap. */
  readonly version: number;
  readonly secret: Uint8Array;
}

/** How wrappings name a version of a local master key. */
export const localVersionName = (version: number): string => `local-${String(version)}`;
