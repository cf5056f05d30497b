import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { joinedBytes } from '../kernel/joined-bytes.ts';
import type { ExportUnreadable } from './ports.ts';

/** Enough bytes to tell a zip from XML, behind a byte order mark and some white space. */
export const SNIFF_BYTES = 64;

/** A stream of which the beginning has been looked at. */
export interface Sniffed {
  readonly format: 'zip' | 'xml';
  /** The whole stream, the sniffed bytes included. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Tells from the first bytes whether a file may be an export; an empty one, and one that is neither zip nor XML, is not.
 * A stream that breaks before that is `port-unavailable`.
 */
export function sniffed(content: AsyncIterable<Uint8Array>): ResultAsync<Sniffed, ExportUnreadable | PortUnavailable> {
  const iterator = content[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  const readHead = async (): Promise<number> => {
    let size = 0;
    while (size < SNIFF_BYTES) {
      const next = await iterator.next();
      if (next.done === true) break;
      head.push(next.value);
      size += next.value.byteLength;
    }
    return size;
  };
  return ResultAsync.fromPromise(readHead(), (cause) => portUnavailable('upload stream', 'read', cause)).andThen(
    (size): Result<Sniffed, ExportUnreadable> => {
      if (size === 0) return err(unreadable('empty-file', 'the file is empty'));
      const format = formatOf(joinedBytes(head));
      if (format === null) {
        return err(unreadable('not-an-export', 'the file is neither a zip archive nor an XML document'));
      }
      return ok({ format, content: rejoin(head, iterator) });
    },
  );
}

/** What is said of a file whose first bytes are no export's. */
export const unreadable = (code: 'empty-file' | 'not-an-export', message: string): ExportUnreadable => ({
  kind: 'export-unreadable',
  code,
  message,
  place: 'byte 0',
});

async function* rejoin(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function formatOf(head: Uint8Array): 'zip' | 'xml' | null {
  if (head[0] === 0x50 && head[1] === 0x4b) return 'zip';
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (at < head.length && [0x20, 0x09, 0x0a, 0x0d].includes(head[at] as number)) at++;
  return head[at] === 0x3c ? 'xml' : null;
}
