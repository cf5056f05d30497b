import { err, errAsync, ok, type Result, ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../kernel/errors.ts';
import { processingId, type Ids, type UserId } from '../kernel/ids.ts';
import type { Upload } from './model.ts';
import { rawUploadKey } from './object-keys.ts';
import type { ExportUnreadable, ObjectTooLarge } from './ports.ts';
import { enqueueProcessing, newUpload, type UploadPorts } from './receive-upload.ts';

export interface AcceptExportCommand {
  readonly owner: UserId;
  readonly content: AsyncIterable<Uint8Array>;
  readonly limitBytes: number;
  readonly timezone: string | null;
}

export interface AcceptExportPorts extends UploadPorts {
  readonly ids: Ids;
}

/** Enough bytes to tell a zip from XML, behind a byte order mark and some white space. */
const SNIFF_BYTES = 64;

/**
 * Streams an export file to the object store and queues its import. Only what can be told from the first bytes is
 * refused here (an empty file, something that is neither zip nor XML); the rest is found while importing, and then the
 * file is still there.
 */
export function acceptExport(ports: AcceptExportPorts) {
  return (command: AcceptExportCommand): ResultAsync<Upload, ExportUnreadable | ObjectTooLarge | PortUnavailable> => {
    const { owner } = command;
    const nowMs = ports.clock.now();
    const id = processingId(ports.ids.uuid());
    return sniffed(command.content).andThen(({ format, content }) => {
      const key = rawUploadKey(owner, id, nowMs, format);
      const upload = newUpload({
        owner,
        processingId: id,
        kind: 'healthkit-export',
        uploadSource: 'apple_health_export',
        timezone: command.timezone,
        syncToken: null,
        nowMs,
      });
      return ports.objects.put(owner, key, content, command.limitBytes).andThen(({ sha256, bytes }) => {
        const kept: Upload = { ...upload, raw: { key, sha256, bytes } };
        return ports.uploads
          .insert(kept)
          .andThen(() => enqueueProcessing(ports)(kept, 'The file is kept; its import is queued.'));
      });
    });
  };
}

interface Sniffed {
  readonly format: 'zip' | 'xml';
  /** The whole stream, the sniffed bytes included. */
  readonly content: AsyncIterable<Uint8Array>;
}

function sniffed(content: AsyncIterable<Uint8Array>): ResultAsync<Sniffed, ExportUnreadable | PortUnavailable> {
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
    (size): Result<Sniffed, ExportUnreadable> | ResultAsync<Sniffed, ExportUnreadable> => {
      if (size === 0) return errAsync(unreadable('empty-file', 'the file is empty'));
      const format = formatOf(concat(head, size));
      if (format === null) {
        return err(unreadable('not-an-export', 'the file is neither a zip archive nor an XML document'));
      }
      return ok({ format, content: rejoin(head, iterator) });
    },
  );
}

const unreadable = (code: ExportUnreadable['code'], message: string): ExportUnreadable => ({
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

function concat(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function formatOf(head: Uint8Array): 'zip' | 'xml' | null {
  if (head[0] === 0x50 && head[1] === 0x4b) return 'zip';
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  while (at < head.length && [0x20, 0x09, 0x0a, 0x0d].includes(head[at] as number)) at++;
  return head[at] === 0x3c ? 'xml' : null;
}
