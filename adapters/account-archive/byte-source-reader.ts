import { RandomAccessReader } from 'yauzl';
import { ArchiveFault } from '../../core/archive/ports.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { sourceBytes, SourceWindow } from '../../core/health-data/source-window.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';

const unavailable = (cause: unknown): ArchiveFault => new ArchiveFault(portUnavailable('ObjectStore', 'open', cause));

/** The bytes of the source from `start` to `end`; throws an `ArchiveFault` where they cannot be had. */
export const bytesOf = (file: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> =>
  sourceBytes(file, start, end, unavailable);

/** Gives yauzl random access to the directory of an archive. */
export class ByteSourceReader extends RandomAccessReader {
  readonly #window: SourceWindow;

  constructor(file: ByteSource) {
    super();
    this.#window = new SourceWindow(file, unavailable);
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
