import { joinedBytes } from '../kernel/joined-bytes.ts';
import type { ByteSource } from './ports.ts';

/**
 * The bytes of the source from `start` to `end`. What the source itself throws becomes what `failure` makes of it; what a
 * reader throws into this generator is left as it is.
 */
export async function* sourceBytes(
  file: ByteSource,
  start: number,
  end: number,
  failure: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const parts = file.stream({ start, end })[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      const next = await parts.next().catch((cause: unknown) => {
        isOpen = false;
        throw failure(cause);
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

/**
 * The directory of a zip is read in steps of some fifty bytes. Reading this much at once makes one request to an object
 * store out of thousands.
 */
const WINDOW_BYTES = 262_144;

/** Reads a source by place, with what lies around it, so that the next place is often at hand already. */
export class SourceWindow {
  readonly #file: ByteSource;
  readonly #failure: (cause: unknown) => Error;
  #bytes = new Uint8Array();
  #start = 0;

  /** `failure` as for `sourceBytes`. */
  constructor(file: ByteSource, failure: (cause: unknown) => Error) {
    this.#file = file;
    this.#failure = failure;
  }

  /** `length` bytes from `position`, or fewer where the source ends. */
  async read(position: number, length: number): Promise<Uint8Array> {
    if (position >= this.#file.sizeBytes) return new Uint8Array();
    const isAtHand = position >= this.#start && position + length <= this.#start + this.#bytes.length;
    if (!isAtHand) {
      const end = Math.min(position + Math.max(length, WINDOW_BYTES), this.#file.sizeBytes);
      this.#bytes = await wholeOf(sourceBytes(this.#file, position, end, this.#failure));
      this.#start = position;
    }
    const from = position - this.#start;
    return this.#bytes.subarray(from, from + length);
  }
}

async function wholeOf(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const read: Uint8Array[] = [];
  for await (const part of parts) read.push(part);
  return joinedBytes(read);
}
