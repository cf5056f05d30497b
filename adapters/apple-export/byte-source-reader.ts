import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { sourceBytes, SourceWindow } from '../../core/health-data/source-window.ts';

/** The bytes could not be had: the store or the disk failed, not the file. */
export class ByteSourceFailure extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.name = 'ByteSourceFailure';
  }
}

const failureOf = (cause: unknown): ByteSourceFailure => new ByteSourceFailure(cause);

/** The bytes of the source from `start` to `end`; throws `ByteSourceFailure`. */
export const bytesOf = (file: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> =>
  sourceBytes(file, start, end, failureOf);

/** All bytes from `start` to `end`, or as many as there are; throws `ByteSourceFailure`. */
export async function readBytes(file: ByteSource, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytesOf(file, start, Math.min(end, file.sizeBytes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Gives yauzl random access to a byte source. */
export class ByteSourceReader extends RandomAccessReader {
  readonly #file: ByteSource;
  readonly #window: SourceWindow;

  constructor(file: ByteSource) {
    super();
    this.#file = file;
    this.#window = new SourceWindow(file, failureOf);
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
    this.#window.read(position, length).then(
      (bytes) => {
        buffer.set(bytes, offset);
        done(null, bytes.length);
      },
      (cause: unknown) => {
        done(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  }
}
