import { okAsync, type ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { KeyRing } from './key-ring.ts';
import type { SealedPlace } from './model.ts';
import type { Cipher, Damaged } from './ports.ts';

/** What stores that encrypt stand on. */
export interface Encryption {
  readonly keys: KeyRing;
  readonly cipher: Cipher;
}

/** A fact about stored data as the store's own error. Trying again does not mend it. */
export const asUnavailable =
  (port: string, operation: string) =>
  ({ reason }: Damaged): PortUnavailable =>
    portUnavailable(port, operation, `damaged: it ${reason}`, false);

/** Encrypts and decrypts the text fields of one store's records. */
export class SealedFields {
  readonly #port: string;
  readonly #encryption: Encryption;

  /** `port` is the store's name in errors. */
  constructor(port: string, encryption: Encryption) {
    this.#port = port;
    this.#encryption = encryption;
  }

  /** What seals texts of the owner's; the key is fetched once for all of them. */
  sealer(owner: UserId): ResultAsync<(purpose: string, record: string, text: string) => string, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys
      .ofOwner(owner)
      .map((key) => (purpose, record, text) => cipher.sealText(key, { owner, purpose, record }, text));
  }

  /** The text as it was before it was sealed; null for one that is not sealed. */
  openIfSealed(place: SealedPlace, stored: string, operation: string): ResultAsync<string | null, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    const failed = asUnavailable(this.#port, operation);
    return cipher
      .textHead(stored)
      .mapErr(failed)
      .asyncAndThen((head): ResultAsync<string | null, PortUnavailable> =>
        head.kind === 'plain'
          ? okAsync(null)
          : keys
              .ofOwnerNamed(place.owner, head.keyId)
              .andThen((key) => cipher.openText(key, place, stored).mapErr(failed)),
      );
  }

  /** The same, where what an older version stored in plain form is answered as it is, and null as null. */
  open<Text extends string | null>(
    place: SealedPlace,
    stored: Text,
    operation: string,
  ): ResultAsync<Text, PortUnavailable> {
    if (stored === null) return okAsync(stored);
    return this.openIfSealed(place, stored, operation).map((text) => (text ?? stored) as Text);
  }
}
