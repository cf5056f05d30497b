import { RandomAccessReader } from 'yauzl';
import { ArchiveFault } from '../../core/archive/ports.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';

/** Bytes of the directory that are read at once: one request to an object store instead of thousands. */
const WINDOW_BYTES = 262_144;

/** The bytes of the source from `start` to `end`; throws an `ArchiveFault` where they cannot be had. */
export async function* bytesOf(file: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  // Only what the source throws is its own: what a reader throws into this generator is left as it is.
  const parts = file.stream({ start, end })[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      const next = await parts.next().catch((cause: unknown) => {
        isOpen = false;
        throw new ArchiveFault(portUnavailable('ObjectStore', 'open', cause));
      });
      if (next.done === true) {
        isOpen = false;
        return;
      }
      yield next.value;
    }
  } finally {
    if (isOpen) await parts.return?.();
  }
}

/** Gives yauzl random access to the directory of an archive. */
export class ByteSourceReader extends RandomAccessReader {
  readonly #file: ByteSource;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: ByteSource) {
    super();
    this.#file = file;
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
        done(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  }

  async #read(buffer: Buffer, offset: number, length: number, position: number): Promise<number> {
    if (position >= this.#file.sizeBytes) return 0;
    const windowEnd = this.#windowStart + this.#window.length;
    if (position < this.#windowStart || position + length > windowEnd) {
      const end = Math.min(position + Math.max(length, WINDOW_BYTES), this.#file.sizeBytes);
      const parts: Uint8Array[] = [];
      for await (const part of bytesOf(this.#file, position, end)) parts.push(part);
      this.#window = Buffer.concat(parts);
      this.#windowStart = position;
    }
    const from = position - this.#windowStart;
    return this.#window.copy(buffer, offset, from, from + length);
  }
}
