import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ArchiveWriter, OutgoingFile } from '../../core/archive/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';

/** Lines compress to a tenth at any level; the higher ones mostly take time. */
const COMPRESSION_LEVEL = 4;
/** A plain file that its owner may write and everybody may read. */
const FILE_MODE = 0o100644;

/** Packs files into a zip while they are made; files of more than 4 GiB and more than 65,535 of them are fine (ZIP64). */
export class ZipArchiveWriter implements ArchiveWriter {
  async *write(files: AsyncIterable<OutgoingFile>, madeAtMs: EpochMs): AsyncGenerator<Uint8Array> {
    const zip = new ZipFile();
    const output = zip.outputStream as NodeJS.ReadableStream & { destroy(cause: Error): void };
    const state: { current: Readable | null; isLeft: boolean } = { current: null, isLeft: false };
    const pack = async (): Promise<void> => {
      for await (const { name, compressible, content } of files) {
        state.current = Readable.from(content, { objectMode: false });
        const compressionLevel = compressible ? COMPRESSION_LEVEL : 0;
        const done = readToItsEnd(state.current);
        zip.addReadStream(state.current, name, { mtime: new Date(madeAtMs), mode: FILE_MODE, compressionLevel });
        await done;
        if (state.isLeft) return;
      }
      zip.end();
    };
    const packing = pack().catch((cause: unknown) => {
      output.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    });
    try {
      for await (const bytes of output) yield bytes as Uint8Array;
    } finally {
      state.isLeft = true;
      state.current?.destroy();
      await packing;
    }
  }
}

/** Settles when the stream has ended, was destroyed, or failed. */
const readToItsEnd = (stream: Readable): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('close', resolve);
  });
