import { err, errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import type { StreamDigest } from '../account/account-side.ts';
import type { ByteSource, ObjectStore, ObjectTooLarge } from '../health-data/ports.ts';
import { portUnavailable, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { SealedPlace } from './model.ts';
import { layoutOf, SEALED_SEGMENT_BYTES } from './object-layout.ts';
import { damaged, type Damaged } from './ports.ts';
import { bytesOf, SealedByteSource } from './sealed-byte-source.ts';
import { asUnavailable, type Encryption } from './sealed-fields.ts';
import { sealedStream } from './sealed-object-stream.ts';

const placeOf = (owner: UserId, key: string): SealedPlace => ({ owner, purpose: 'object', record: key });

const failed = asUnavailable('ObjectStore', 'open');

/**
 * An object store of which only ciphertext is kept. What is put is encrypted, segment by segment; what is opened may be
 * that, or a plain object that an older version stored or a client sent past the service. Keys are kept as they are.
 */
export class EncryptedObjectStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #encryption: Encryption;
  readonly #streamDigest: StreamDigest;

  constructor(store: ObjectStore, encryption: Encryption, streamDigest: StreamDigest) {
    this.#store = store;
    this.#encryption = encryption;
    this.#streamDigest = streamDigest;
  }

  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<{ readonly sha256: string; readonly bytes: number }, ObjectTooLarge | PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    const digest = this.#streamDigest.begin();
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const part of content) {
        bytes += part.length;
        if (bytes > limitBytes) throw new Error(`it has more than ${limitBytes} bytes`);
        digest.add(part);
        yield part;
      }
    }
    return keys
      .ofOwner(owner)
      .andThen((dataKey) => {
        const sealed = sealedStream(counted(), cipher.sealSegments(dataKey, placeOf(owner, key)));
        return this.#store.put(owner, key, sealed, Number.MAX_SAFE_INTEGER);
      })
      .mapErr((error): ObjectTooLarge | PortUnavailable =>
        bytes > limitBytes ? { kind: 'object-too-large', limitBytes } : error,
      )
      .map(() => ({ sha256: digest.sha256Hex(), bytes }));
  }

  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable> {
    return this.#store.open(owner, key).andThen((stored) => this.#opened(placeOf(owner, key), stored));
  }

  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable> {
    return this.#store.delete(owner, key);
  }

  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable> {
    return this.#store.list(owner);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }

  #opened(place: SealedPlace, stored: ByteSource): ResultAsync<ByteSource, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    // Most objects have one segment, and are read whole by this.
    const headAndFirst = Math.min(stored.sizeBytes, cipher.headerBytes + SEALED_SEGMENT_BYTES);
    return reading(bytesOf(stored, 0, headAndFirst)).andThen((beginning) => {
      const header = beginning.subarray(0, cipher.headerBytes);
      return cipher
        .objectHead(header)
        .mapErr(failed)
        .asyncAndThen((head): ResultAsync<ByteSource, PortUnavailable> => {
          if (head.kind === 'plain') return okAsync(stored);
          const layout = layoutOf(stored.sizeBytes, cipher.headerBytes);
          if (layout === null) return errAsync(failed(damaged('was cut short')));
          return keys.ofOwnerNamed(place.owner, head.keyId).andThen((dataKey) => {
            const source = new SealedByteSource(stored, layout, cipher.openSegments(dataKey, place, header));
            return reading(source.checkEnd(beginning)).andThen((checked) => withSource(checked, source));
          });
        });
    });
  }
}

const reading = <T>(work: Promise<T>): ResultAsync<T, PortUnavailable> =>
  ResultAsync.fromPromise(work, (cause) => portUnavailable('ObjectStore', 'open', cause));

const withSource = (checked: Result<void, Damaged>, source: ByteSource): Result<ByteSource, PortUnavailable> =>
  checked.isErr() ? err(failed(checked.error)) : ok(source);
