import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { fromRandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import {
  ArchiveFault,
  archiveUnreadable,
  type ArchivedFile,
  type ArchiveReader,
  type ArchiveUnreadable,
} from '../../core/archive/ports.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { ByteSourceReader, bytesOf } from './byte-source-reader.ts';

/** What an archive may at most be. */
export interface ArchiveLimits {
  readonly mostFiles: number;
  /** Of one file, before compression. */
  readonly mostBytesAFile: number;
  /** Of all files together, before compression. */
  readonly mostBytes: number;
  /** Expanded bytes of one file to compressed ones. */
  readonly mostRatio: number;
}

const GIBIBYTE = 1024 ** 3;

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  mostFiles: 200_000,
  mostBytesAFile: 16 * GIBIBYTE,
  mostBytes: 64 * GIBIBYTE,
  mostRatio: 200,
};

/** Below it nothing harms, and quiet weeks of minutes compress a thousandfold. */
const RATIO_FROM_BYTES = 16 * 1024 ** 2;
const STORED = 0;
const DEFLATED = 8;
const DIRECTORY = 'the archive’s directory';

type Fault = ArchiveUnreadable | PortUnavailable;

/**
 * Reads zips that anybody may have made: no more than the limits allow is expanded, sizes and checksums have to be what
 * the archive says, files that share bytes are refused, and names are never used as paths.
 */
export class ZipArchiveReader implements ArchiveReader {
  readonly #limits: ArchiveLimits;

  constructor(limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) {
    this.#limits = limits;
  }

  open(file: ByteSource): ResultAsync<ReadonlyMap<string, ArchivedFile>, Fault> {
    return new ResultAsync(this.#open(file));
  }

  async #open(file: ByteSource): Promise<Result<ReadonlyMap<string, ArchivedFile>, Fault>> {
    if (file.sizeBytes === 0) return err(archiveUnreadable('empty-file', 'The file is empty.', 'byte 0'));
    const opened = await openZip(file);
    if (opened.isErr()) return err(opened.error);
    const zip = opened.value;
    const listed = await listEntries(zip, this.#limits.mostFiles);
    if (listed.isErr()) return err(listed.error);
    const refused = this.#refusal(listed.value, file.sizeBytes);
    if (refused !== null) return err(refused);
    const files = new Map<string, ArchivedFile>();
    for (const entry of listed.value) {
      if (files.has(entry.fileName)) {
        return err(
          archiveUnreadable('broken-zip', 'The archive has two files of one name.', printable(entry.fileName)),
        );
      }
      files.set(entry.fileName, new ZippedFile(file, zip, entry, this.#limits));
    }
    return ok(files);
  }

  /** What can be told from the directory alone. */
  #refusal(entries: readonly Entry[], sizeBytes: number): ArchiveUnreadable | null {
    let compressed = 0;
    let expanded = 0;
    for (const entry of entries) {
      compressed += entry.compressedSize;
      expanded += entry.uncompressedSize;
      if ((entry.generalPurposeBitFlag & 1) !== 0) return encrypted(printable(entry.fileName));
    }
    if (compressed > sizeBytes) {
      return archiveUnreadable('broken-zip', 'Files of the archive share bytes, or the archive is cut off.', DIRECTORY);
    }
    return expanded > this.#limits.mostBytes ? tooLarge(this.#limits.mostBytes, DIRECTORY) : null;
  }
}

class ZippedFile implements ArchivedFile {
  readonly name: string;
  readonly bytes: number;
  readonly #file: ByteSource;
  readonly #zip: ZipFile;
  readonly #entry: Entry;
  readonly #limits: ArchiveLimits;

  constructor(file: ByteSource, zip: ZipFile, entry: Entry, limits: ArchiveLimits) {
    this.name = entry.fileName;
    this.bytes = entry.uncompressedSize;
    this.#file = file;
    this.#zip = zip;
    this.#entry = entry;
    this.#limits = limits;
  }

  async *content(): AsyncGenerator<Uint8Array> {
    const { compressedSize, uncompressedSize, compressionMethod } = this.#entry;
    const place = printable(this.name);
    const broken = (message: string): ArchiveFault => new ArchiveFault(archiveUnreadable('broken-zip', message, place));
    this.#refuse(compressedSize, uncompressedSize);
    if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
      throw broken(`The archive uses compression method ${String(compressionMethod)}, which is not read.`);
    }
    let expanded = 0;
    let checksum = 0;
    try {
      const start = await dataStart(this.#zip, this.#entry);
      const stored = bytesOf(this.#file, start, start + compressedSize);
      for await (const bytes of compressionMethod === DEFLATED ? inflated(stored) : stored) {
        expanded += bytes.length;
        if (expanded > uncompressedSize) break;
        this.#refuse(compressedSize, expanded);
        checksum = crc32(bytes, checksum);
        yield bytes;
      }
    } catch (cause) {
      throw cause instanceof ArchiveFault ? cause : broken(`The archive is damaged (${wordsOf(cause)}).`);
    }
    if (expanded !== uncompressedSize)
      throw broken('A file of the archive is shorter or longer than the archive says.');
    if (checksum !== this.#entry.crc32) throw broken('A file of the archive does not match its checksum.');
  }

  #refuse(compressed: number, expanded: number): void {
    const { mostBytesAFile, mostRatio } = this.#limits;
    const place = printable(this.name);
    if (expanded > mostBytesAFile) throw new ArchiveFault(tooLarge(mostBytesAFile, place));
    if (expanded < RATIO_FROM_BYTES || expanded <= compressed * mostRatio) return;
    const message = `A file of the archive expands to more than ${String(mostRatio)} times its size.`;
    throw new ArchiveFault(archiveUnreadable('compression-ratio', message, place));
  }
}

function openZip(file: ByteSource): Promise<Result<ZipFile, Fault>> {
  return new Promise((resolve) => {
    // Files are read after the listing, and the reader holds nothing that would have to be closed.
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(new ByteSourceReader(file), file.sizeBytes, options, (error, zip) => {
      resolve(error === null ? ok(zip) : err(zipFault(error, DIRECTORY)));
    });
  });
}

function listEntries(zip: ZipFile, mostFiles: number): Promise<Result<readonly Entry[], Fault>> {
  return new Promise((resolve) => {
    const entries: Entry[] = [];
    zip.on('error', (error: Error) => {
      resolve(err(zipFault(error, `entry ${String(entries.length + 1)} of ${DIRECTORY}`)));
    });
    zip.on('end', () => {
      resolve(ok(entries));
    });
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length <= mostFiles) zip.readEntry();
      else {
        resolve(
          err(archiveUnreadable('too-large', `The archive holds more than ${String(mostFiles)} files.`, DIRECTORY)),
        );
      }
    });
    zip.readEntry();
  });
}

function dataStart(zip: ZipFile, entry: Entry): Promise<number> {
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
      if (error === null) resolve(header.fileDataStart);
      else reject(error);
    });
  });
}

function zipFault(error: Error, place: string): Fault {
  if (error instanceof ArchiveFault) return error.fault;
  if (error.message.includes('encryption')) return encrypted(place);
  return archiveUnreadable('broken-zip', 'The file is no zip, or one that is damaged or cut off.', place);
}

const encrypted = (place: string): ArchiveUnreadable =>
  archiveUnreadable('encrypted-zip', 'The archive is protected by a password.', place);

const tooLarge = (bytes: number, place: string): ArchiveUnreadable =>
  archiveUnreadable('too-large', `The archive expands to more than ${String(bytes)} bytes.`, place);

/** Errors reach whoever iterates; `pipeline` only has to close both ends. */
function inflated(stored: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 65_536 });
  pipeline(Readable.from(stored, { objectMode: false }), inflate, () => undefined);
  return inflate as AsyncIterable<Buffer>;
}

/** A file's name as it may stand in a message. */
const printable = (name: string): string => name.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '?').slice(0, 200);

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
