import { err, ok, type Result } from 'neverthrow';
import type { ByteSource } from '../health-data/ports.ts';
import { SEGMENT_BYTES, type ObjectLayout } from './object-layout.ts';
import { damaged, type Damaged, type SegmentOpener } from './ports.ts';

/** The stored bytes of a range as one array. */
export async function bytesOf(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  for await (const part of source.stream({ start, end })) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes.subarray(0, filled);
}

/** A sealed object as it was before; its stream rejects at the first segment that is not what was written. */
export class SealedByteSource implements ByteSource {
  readonly sizeBytes: number;
  readonly #stored: ByteSource;
  readonly #layout: ObjectLayout;
  readonly #opener: SegmentOpener;
  /** Of an object of one segment: its content, which had to be read to open it. */
  #whole: Uint8Array | null = null;

  constructor(stored: ByteSource, layout: ObjectLayout, opener: SegmentOpener) {
    this.sizeBytes = layout.plainBytes;
    this.#stored = stored;
    this.#layout = layout;
    this.#opener = opener;
  }

  /**
   * Whether the end is what was written, and so the size: an object that was cut short at the end of a segment has a last
   * one that was not sealed as the last. `beginning` is what was read of the stored bytes already, from their start.
   */
  async checkEnd(beginning: Uint8Array): Promise<Result<void, Damaged>> {
    const last = this.#layout.segments - 1;
    const { start, end } = this.#layout.placeOf(last);
    const sealed = end <= beginning.length ? beginning.subarray(start, end) : await bytesOf(this.#stored, start, end);
    return this.#opened(last, sealed).map((plain) => {
      if (last === 0) this.#whole = plain;
    });
  }

  async *stream(range = { start: 0, end: this.sizeBytes }): AsyncGenerator<Uint8Array, void, undefined> {
    const { start, end } = range;
    if (!(start >= 0 && start <= end && end <= this.sizeBytes)) {
      throw new RangeError(`no bytes ${start} to ${end} in an object of ${this.sizeBytes}`);
    }
    if (start === end) return;
    if (this.#whole !== null) {
      // A copy: whoever reads may change what they were given.
      yield this.#whole.slice(start, end);
      return;
    }
    const first = Math.floor(start / SEGMENT_BYTES);
    const last = Math.floor((end - 1) / SEGMENT_BYTES);
    let index = first;
    for await (const sealed of this.#segments(first, last)) {
      const plain = this.#opened(index, sealed);
      if (plain.isErr()) throw new Error(`damaged: segment ${index} ${plain.error.reason}`);
      const from = Math.max(0, start - index * SEGMENT_BYTES);
      yield plain.value.subarray(from, Math.min(plain.value.length, end - index * SEGMENT_BYTES));
      index++;
    }
    if (index <= last) throw new Error('damaged: it was cut short');
  }

  #opened(index: number, sealed: Uint8Array): Result<Uint8Array, Damaged> {
    const { start, end } = this.#layout.placeOf(index);
    if (sealed.length !== end - start) return err(damaged('was cut short'));
    return this.#opener.open(index, index === this.#layout.segments - 1, sealed).andThen((plain) => ok(plain));
  }

  /** The stored segments, cut out of one stream. */
  async *#segments(first: number, last: number): AsyncGenerator<Uint8Array, void, undefined> {
    const range = { start: this.#layout.placeOf(first).start, end: this.#layout.placeOf(last).end };
    let index = first;
    const sizeOf = (): number => this.#layout.placeOf(index).end - this.#layout.placeOf(index).start;
    let segment = new Uint8Array(sizeOf());
    let filled = 0;
    for await (const part of this.#stored.stream(range)) {
      for (let from = 0; from < part.length && index <= last;) {
        const taken = Math.min(part.length - from, segment.length - filled);
        segment.set(part.subarray(from, from + taken), filled);
        filled += taken;
        from += taken;
        if (filled < segment.length) continue;
        yield segment;
        index++;
        filled = 0;
        if (index <= last) segment = new Uint8Array(sizeOf());
      }
    }
  }
}
