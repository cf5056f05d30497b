import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from '../../core/health-data/ports.ts';

/** The bytes could not be had: the store or the disk failed, not the file. */
export class ByteSourceFailure extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.name = 'ByteSourceFailure';
  }
}

/** The bytes of the source from `start` to `end`; throws `ByteSourceFailure`. */
export async function* bytesOf(file: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  const stream = file.stream({ start, end })[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await stream.next().catch((cause: unknown) => {
        isDone = true;
        throw new ByteSourceFailure(cause);
      });
      if (next.done === true) {
        isDone = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!isDone) await stream.return?.();
  }
}

/** All bytes from `start` to `end`, or as many as there are; throws `ByteSourceFailure`. */
export async function readBytes(file: ByteSource, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytesOf(file, start, Math.min(end, file.sizeBytes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * The directory of a zip is read in steps of some fifty bytes. Reading this much at once makes one request to an object
 * store out of thousands.
 */
const WINDOW_BYTES = 262_144;

/** Gives yauzl random access to a byte source. */
export class ByteSourceReader extends RandomAccessReader {
  readonly #file: ByteSource;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: ByteSource) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(bytesOf(this.#file, start, end), { objectMode: false });
  }

  /** Hands `done` the number of bytes read, which is less than `length` at the end of the file. */
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#read(buffer, offset, length, position).then(
      (bytesRead) => {
        done(null, bytesRead);
      },
      (cause: unknown) => {
        done(cause instanceof Error ? cause : new ByteSourceFailure(cause));
      },
    );
  }

  async #read(buffer: Buffer, offset: number, length: number, position: number): Promise<number> {
    if (position >= this.#file.sizeBytes) return 0;
    const isInWindow = position >= this.#windowStart && position + length <= this.#windowStart + this.#window.length;
    if (!isInWindow) {
      this.#window = await readBytes(this.#file, position, position + Math.max(length, WINDOW_BYTES));
      this.#windowStart = position;
    }
    const from = position - this.#windowStart;
    return this.#window.copy(buffer, offset, from, from + length);
  }
}
