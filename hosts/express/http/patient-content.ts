import type { Readable } from 'node:stream';

/**
 * The content of a request, chunk by chunk. Where nothing comes for `mostMs` while it is waited for, the connection is closed
 * and reading fails, as where the client has gone: an upload may take as long as it takes, but not stand still. The time that
 * whoever reads takes between two chunks does not count.
 */
export async function* patiently(
  stream: Readable,
  mostMs: number,
  connection: Pick<Readable, 'destroy'> = stream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => {
        stream.destroy(new Error('the client has stopped sending'));
        connection.destroy();
      }, mostMs);
      let next: IteratorResult<Uint8Array, unknown>;
      try {
        next = await chunks.next();
      } finally {
        clearTimeout(timer);
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
