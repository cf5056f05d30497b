import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

const CHUNK_BYTES = 262_144;

/** The bytes of a file on disk. A folder, or a file that cannot be looked at, is `port-unavailable`, not retryable. */
export function fileByteSource(path: string): ResultAsync<ByteSource, PortUnavailable> {
  return ResultAsync.fromPromise(stat(path), (cause) => portUnavailable('ByteSource', 'open', cause, false)).andThen(
    (facts) =>
      facts.isFile()
        ? okAsync(byteSourceOf(path, facts))
        : errAsync(portUnavailable('ByteSource', 'open', 'it is not a file', false)),
  );
}

/**
 * The bytes of the file that had these facts when it was looked at. A stream fails, instead of mixing two contents, when
 * the file was replaced, changed or cut short since.
 */
export const byteSourceOf = (path: string, facts: Stats): ByteSource => ({
  sizeBytes: facts.size,
  async *stream(range = { start: 0, end: facts.size }): AsyncGenerator<Uint8Array> {
    const { start, end } = range;
    if (!(start >= 0 && start <= end && end <= facts.size)) {
      throw new RangeError(`no bytes ${start} to ${end} in a file of ${facts.size}`);
    }
    const handle = await open(path, 'r');
    try {
      const now = await handle.stat();
      if (now.ino !== facts.ino || now.size !== facts.size || now.mtimeMs !== facts.mtimeMs) {
        throw new Error('the file changed after it was opened');
      }
      if (start === end) return;
      let bytes = 0;
      // The end of a read stream is inclusive.
      const stream = handle.createReadStream({ start, end: end - 1, highWaterMark: CHUNK_BYTES, autoClose: false });
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        bytes += chunk.byteLength;
        yield chunk;
      }
      if (bytes < end - start) throw new Error('the file was cut short while it was read');
    } finally {
      await handle.close();
    }
  },
});
