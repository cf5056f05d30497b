import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

const CHUNK_BYTES = 262_144;

/** The bytes of a file on disk. A folder, or a file that cannot be looked at, is `port-unavailable`, not retryable. */
export function fileByteSource(path: string): ResultAsync<ByteSource, PortUnavailable> {
  return ResultAsync.fromPromise(stat(path), (cause) => portUnavailable('ByteSource', 'open', cause, false)).andThen(
    (facts) =>
      facts.isFile()
        ? okAsync(byteSourceOf(path, facts.size))
        : errAsync(portUnavailable('ByteSource', 'open', 'it is not a file', false)),
  );
}

/** The bytes of a file of known size. */
export const byteSourceOf = (path: string, sizeBytes: number): ByteSource => ({
  sizeBytes,
  async *stream(range = { start: 0, end: sizeBytes }): AsyncGenerator<Uint8Array> {
    if (!(range.start >= 0 && range.start <= range.end && range.end <= sizeBytes)) {
      throw new RangeError(`no bytes ${String(range.start)} to ${String(range.end)} in a file of ${String(sizeBytes)}`);
    }
    if (range.start === range.end) return;
    // The end of a read stream is inclusive.
    const bytes = createReadStream(path, { start: range.start, end: range.end - 1, highWaterMark: CHUNK_BYTES });
    yield* bytes as AsyncIterable<Uint8Array>;
  },
});
