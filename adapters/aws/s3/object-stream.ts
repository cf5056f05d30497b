import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ByteSource } from '../../../core/health-data/ports.ts';
import type { AwsCaller } from '../aws-caller.ts';

/** One object of the bucket, as it was when it was opened. */
export interface OpenedObject {
  readonly bucket: string;
  readonly s3Key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Lower-case hexadecimal; null where nobody noted it. */
  readonly sha256: string | null;
}

/** How a stream holds on. */
export interface StreamPatience {
  readonly caller: AwsCaller;
  /** A connection that gives nothing for so long is given up. */
  readonly idleMs: number;
}

/** A stream that breaks is taken up again where it broke, so often in a row. */
const MOST_RESUMPTIONS = 5;
/** A connection that gave so much was a good one. */
const GOOD_BYTES = 1024 * 1024;

/**
 * The bytes of the object. A stream fails, instead of mixing two contents, when the object was replaced since; a stream
 * of the whole object fails at its end when the bytes are not those that were stored.
 */
export const objectSource = (client: S3Client, object: OpenedObject, patience: StreamPatience): ByteSource => ({
  sizeBytes: object.sizeBytes,
  async *stream(range = { start: 0, end: object.sizeBytes }): AsyncGenerator<Uint8Array, void, undefined> {
    const { start, end } = range;
    if (!(start >= 0 && start <= end && end <= object.sizeBytes)) {
      throw new RangeError(`no bytes ${String(start)} to ${String(end)} in an object of ${String(object.sizeBytes)}`);
    }
    const isWhole = start === 0 && end === object.sizeBytes;
    const hash = isWhole && object.sha256 !== null ? createHash('sha256') : null;
    for await (const part of resumed(client, object, patience, { start, end })) {
      hash?.update(part);
      yield part;
    }
    if (hash !== null && hash.digest('hex') !== object.sha256) {
      throw new Error(`the object ${object.s3Key} is not what was stored: its SHA-256 differs`);
    }
  },
});

async function* resumed(
  client: S3Client,
  object: OpenedObject,
  patience: StreamPatience,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = start;
  let resumptions = 0;
  let resumedAt = start;
  while (at < end) {
    const connection = await connect(client, object, patience, at, end);
    try {
      for (;;) {
        const next = await connection.next();
        if (next === null) break;
        const part = next.subarray(0, end - at);
        at += part.byteLength;
        yield part;
        if (at >= end) return;
      }
      throw new Error('the connection ended before the object did');
    } catch (cause) {
      if (at - resumedAt >= GOOD_BYTES) resumptions = 0;
      if (resumptions === MOST_RESUMPTIONS) throw cause;
      resumptions += 1;
      resumedAt = at;
    } finally {
      connection.release();
    }
    await patience.caller.pause(resumptions);
  }
}

interface Connection {
  /** The next bytes, or null at the end. */
  readonly next: () => Promise<Uint8Array | null>;
  readonly release: () => void;
}

async function connect(
  client: S3Client,
  { bucket, s3Key, etag }: OpenedObject,
  { caller, idleMs }: StreamPatience,
  at: number,
  end: number,
): Promise<Connection> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: s3Key,
    // The end of a range of HTTP is inclusive.
    Range: `bytes=${String(at)}-${String(end - 1)}`,
    IfMatch: etag,
  });
  const { body, connection } = await caller.call(async (abortSignal) => {
    // A try's time is for its answer; the content that follows may take as long as it keeps coming.
    const connection = new AbortController();
    const giveUp = (): void => {
      connection.abort();
    };
    abortSignal.addEventListener('abort', giveUp, { once: true });
    try {
      const { Body: body } = await client.send(command, { abortSignal: connection.signal });
      if (body === undefined) throw new Error('S3 answered without a content');
      return { body: body as AsyncIterable<Uint8Array>, connection };
    } finally {
      abortSignal.removeEventListener('abort', giveUp);
    }
  });
  const iterator = body[Symbol.asyncIterator]();
  return {
    next: async () => {
      const idle = setTimeout(() => {
        connection.abort();
      }, idleMs);
      try {
        const next = await iterator.next();
        return next.done === true ? null : next.value;
      } finally {
        clearTimeout(idle);
      }
    },
    release: () => {
      connection.abort();
    },
  };
}
