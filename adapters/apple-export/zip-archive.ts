import { Readable, pipeline, type TransformOptions } from 'node:stream';
import { crc32, createInflateRaw, type ZlibOptions } from 'node:zlib';
import { err, ok, type Result } from 'neverthrow';
import { fromRandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import type { ByteSource, ExportUnreadable } from '../../core/health-data/ports.ts';
import { ByteSourceFailure, ByteSourceReader, bytesOf } from './byte-source-reader.ts';
import { tooLarge, unreadable, type ExportLimits, type XmlFault, type XmlSource } from './xml-sources.ts';

/** A workout has a route file and an electrocardiogram its own, so tens of thousands of entries are a long life. */
const MAX_ENTRIES = 200_000;
/** Bytes inflated at a time, and how many of them may wait to be read. */
const INFLATE_CHUNK_BYTES = 65_536;
const INFLATE_AHEAD_BYTES = 1_048_576;
/** The first bytes of anything compress well; a ratio means something from here on. */
const RATIO_FROM_BYTES = 1_048_576;

/**
 * The XML documents that may be the export, likeliest first: files ending in `.xml` at the top or in a folder at the top
 * (`apple_health_export/export.xml`, `apple_health_export/exportación.xml`), without the clinical document.
 */
export async function exportCandidates(
  file: ByteSource,
  limits: ExportLimits,
): Promise<Result<readonly XmlSource[], ExportUnreadable | ByteSourceFailure>> {
  const opened = await openZip(file);
  if (opened.isErr()) return err(opened.error);
  const zip = opened.value;
  const listed = await listEntries(zip);
  if (listed.isErr()) return err(listed.error);
  const candidates = listed.value.filter(isCandidate).sort(likeliestFirst);
  const readable = candidates.filter((entry) => !isEncrypted(entry));
  const [first] = candidates;
  if (first === undefined) {
    const message = 'The archive holds no export.xml; it is not an export of the Health app.';
    return err(unreadable('no-export-xml', message, `${String(listed.value.length)} entries`));
  }
  if (readable.length === 0) return err(encrypted(first.fileName));
  return ok(readable.map((entry) => new ZipEntrySource(file, zip, entry, limits)));
}

class ZipEntrySource implements XmlSource {
  readonly name: string;
  readonly bytesTotal: number;
  readonly #file: ByteSource;
  readonly #zip: ZipFile;
  readonly #entry: Entry;
  readonly #limits: ExportLimits;

  constructor(file: ByteSource, zip: ZipFile, entry: Entry, limits: ExportLimits) {
    this.name = printable(entry.fileName);
    this.bytesTotal = entry.uncompressedSize;
    this.#file = file;
    this.#zip = zip;
    this.#entry = entry;
    this.#limits = limits;
  }

  async *chunks(): AsyncGenerator<Result<Uint8Array, XmlFault>> {
    const { compressedSize, uncompressedSize, compressionMethod } = this.#entry;
    const refused = this.#refusal(compressedSize, uncompressedSize);
    if (refused !== null) {
      yield err(refused);
      return;
    }
    if (compressionMethod !== 0 && compressionMethod !== 8) {
      const message = `The archive uses compression method ${String(compressionMethod)}, which is not read.`;
      yield err(unreadable('broken-zip', message, this.name));
      return;
    }
    let expanded = 0;
    let checksum = 0;
    try {
      const start = await dataStart(this.#zip, this.#entry);
      const meter = { bytes: 0 };
      const stored = metered(bytesOf(this.#file, start, start + compressedSize), meter);
      for await (const chunk of compressionMethod === 8 ? inflated(stored) : stored) {
        expanded += chunk.length;
        const exceeded = this.#refusal(meter.bytes, expanded);
        if (exceeded !== null) {
          yield err(exceeded);
          return;
        }
        checksum = crc32(chunk, checksum);
        yield ok(chunk);
      }
    } catch (cause) {
      yield err(
        cause instanceof ByteSourceFailure
          ? { kind: 'source-failed', cause }
          : this.#truncated(`The archive is damaged (${messageOf(cause)})`, expanded),
      );
      return;
    }
    if (expanded !== uncompressedSize) {
      yield err(this.#truncated('The archive is shorter or longer than it says', expanded));
    } else if (checksum !== this.#entry.crc32) {
      const message = 'The content does not match the archive’s checksum; some of it may be wrong.';
      yield err({ kind: 'damaged', code: 'checksum-mismatch', message, place: this.name });
    }
  }

  #truncated(what: string, expanded: number): XmlFault {
    const message = `${what}; what comes before is kept.`;
    return { kind: 'damaged', code: 'truncated', message, place: `${this.name}, byte ${String(expanded)}` };
  }

  #refusal(compressed: number, expanded: number): ExportUnreadable | null {
    if (expanded > this.#limits.maxXmlBytes) return tooLarge(this.#limits, this.name);
    if (expanded < RATIO_FROM_BYTES || expanded <= compressed * this.#limits.maxRatio) return null;
    const message = `The archive expands to more than ${String(this.#limits.maxRatio)} times its size.`;
    return unreadable('compression-ratio', message, this.name);
  }
}

function openZip(file: ByteSource): Promise<Result<ZipFile, ExportUnreadable | ByteSourceFailure>> {
  return new Promise((resolve) => {
    // Entries are read after the listing, and the reader holds nothing that would have to be closed.
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(new ByteSourceReader(file), file.sizeBytes, options, (error, zip) => {
      resolve(error === null ? ok(zip) : err(zipFault(error, 'the archive’s directory')));
    });
  });
}

function listEntries(zip: ZipFile): Promise<Result<readonly Entry[], ExportUnreadable | ByteSourceFailure>> {
  return new Promise((resolve) => {
    const entries: Entry[] = [];
    zip.on('error', (error: Error) => {
      resolve(err(zipFault(error, `entry ${String(entries.length + 1)} of the archive’s directory`)));
    });
    zip.on('end', () => {
      resolve(ok(entries));
    });
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > MAX_ENTRIES) {
        const message = `The archive holds more than ${String(MAX_ENTRIES)} files.`;
        resolve(err(unreadable('broken-zip', message, 'the archive’s directory')));
      } else zip.readEntry();
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

function zipFault(error: Error, place: string): ExportUnreadable | ByteSourceFailure {
  if (error instanceof ByteSourceFailure) return error;
  if (error.message.includes('encryption')) return encrypted(place);
  return unreadable('broken-zip', 'The archive is damaged or cut off', place);
}

function encrypted(place: string): ExportUnreadable {
  return unreadable('encrypted-zip', 'The archive is protected by a password.', printable(place));
}

const isEncrypted = (entry: Entry): boolean => (entry.generalPurposeBitFlag & 1) !== 0;

/** zlib works on threads of its own; reading ahead keeps them busy while the main thread parses. */
function inflated(stored: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  // zlib hands these on to its stream, which its type does not say.
  const options: ZlibOptions & TransformOptions = {
    chunkSize: INFLATE_CHUNK_BYTES,
    readableHighWaterMark: INFLATE_AHEAD_BYTES,
  };
  const inflate = createInflateRaw(options);
  // Errors reach whoever iterates; `pipeline` only has to close both ends.
  pipeline(Readable.from(stored, { objectMode: false }), inflate, () => undefined);
  return inflate as AsyncIterable<Buffer>;
}

async function* metered(bytes: AsyncIterable<Uint8Array>, meter: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    meter.bytes += chunk.length;
    yield chunk;
  }
}

function isCandidate(entry: Entry): boolean {
  const folders = entry.fileName.split('/');
  const base = folders.pop() ?? '';
  return folders.length <= 1 && folders[0] !== '__MACOSX' && !base.startsWith('.') && /\.xml$/i.test(base);
}

function likeliestFirst(a: Entry, b: Entry): number {
  return likeliness(b) - likeliness(a) || b.uncompressedSize - a.uncompressedSize;
}

function likeliness(entry: Entry): number {
  if (/(?:^|\/)export\.xml$/i.test(entry.fileName)) return 2;
  return /cda\.xml$/i.test(entry.fileName) ? 0 : 1;
}

/** A file's name as it may stand in a message. */
function printable(name: string): string {
  return name.replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '?').slice(0, 200);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
