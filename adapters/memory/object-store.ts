import { createHash } from 'node:crypto';
import { err, errAsync, ok, okAsync, ResultAsync } from 'neverthrow';
import type { Result } from 'neverthrow';
import type { ByteSource, ObjectStore, ObjectTooLarge } from '../../core/health-data/ports.ts';
import { notFound, portUnavailable } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

interface Stored {
  readonly sha256: string;
  readonly bytes: number;
}

/** Objects in the process's memory. */
export class MemoryObjectStore implements ObjectStore {
  readonly #owners = new Map<UserId, Map<string, Uint8Array>>();

  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<Stored, ObjectTooLarge | PortUnavailable> {
    return ResultAsync.fromPromise(collect(content, limitBytes), (cause) =>
      portUnavailable('ObjectStore', 'put', cause),
    )
      .andThen((collected) => collected)
      .map((bytes) => {
        const objects = this.#owners.get(owner) ?? new Map<string, Uint8Array>();
        this.#owners.set(owner, objects.set(key, bytes));
        return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
      });
  }

  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable> {
    const bytes = this.#owners.get(owner)?.get(key);
    return bytes === undefined ? errAsync(notFound('object', key)) : okAsync(byteSourceOver(bytes));
  }

  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable> {
    this.#owners.get(owner)?.delete(key);
    return okAsync(undefined);
  }

  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable> {
    return okAsync([...(this.#owners.get(owner)?.keys() ?? [])].sort(compareCodePoints));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    this.#owners.delete(owner);
    return okAsync(undefined);
  }
}

async function collect(
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Result<Uint8Array, ObjectTooLarge>> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of content) {
    size += part.length;
    if (size > limitBytes) return err({ kind: 'object-too-large', limitBytes });
    // The producer may fill the same buffer again.
    parts.push(Buffer.from(part));
  }
  // A plain array: slices of a Buffer share its memory.
  return ok(new Uint8Array(Buffer.concat(parts, size)));
}

const STREAM_PART_BYTES = 65_536;

const byteSourceOver = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.length,
  async *stream(range = { start: 0, end: bytes.length }) {
    if (!(range.start >= 0 && range.start <= range.end && range.end <= bytes.length)) {
      throw new RangeError(`no bytes ${range.start} to ${range.end} in an object of ${bytes.length}`);
    }
    for (let at = range.start; at < range.end; at += STREAM_PART_BYTES) {
      yield bytes.slice(at, Math.min(at + STREAM_PART_BYTES, range.end));
    }
  },
});
