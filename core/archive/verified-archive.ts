import { err, ok, ResultAsync, safeTry, type Result } from 'neverthrow';
import type { ByteSource } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import { joinedBytes } from '../kernel/joined-bytes.ts';
import { manifestOf } from './manifest.ts';
import { IMPORTED_KINDS, MANIFEST_NAME, type ArchiveManifest, type ImportedKind, type ManifestFile } from './model.ts';
import {
  ArchiveFault,
  archiveUnreadable,
  type ArchivedFile,
  type ArchiveDigests,
  type ArchiveReader,
  type ArchiveUnreadable,
  type ImportCancelled,
} from './ports.ts';

/** A manifest of 200,000 raw files has half of this. */
const MOST_MANIFEST_BYTES = 128 * 1024 ** 2;

/** A file of the archive whose content is what the manifest says. */
export interface VerifiedFile extends ManifestFile {
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** An archive whose importable files are all what the manifest says. */
export interface VerifiedArchive {
  readonly manifest: ArchiveManifest;
  /** In the order of the manifest. */
  readonly filesOf: (kind: ImportedKind) => readonly VerifiedFile[];
}

/** Opens an archive and reads all that an import takes once, to compare it with the manifest. */
export function verifiedArchive(
  { archives, streamDigest }: ArchiveDigests & { readonly archives: ArchiveReader },
  file: ByteSource,
  goOn: () => ResultAsync<void, ImportCancelled>,
): ResultAsync<VerifiedArchive, ArchiveUnreadable | ImportCancelled | PortUnavailable> {
  return safeTry(async function* () {
    const files = yield* archives.open(file);
    const manifest = yield* await readManifest(files.get(MANIFEST_NAME));
    const verified: VerifiedFile[] = [];
    for (const listed of manifest.files) {
      if (!isImported(listed.kind)) continue;
      yield* goOn();
      const archived = files.get(listed.name);
      if (archived === undefined) {
        return err(
          archiveUnreadable('missing-file', 'A file that the manifest names is not in the archive.', listed.name),
        );
      }
      const digest = streamDigest.begin();
      const bytes = yield* readAll(archived, (part) => {
        digest.add(part);
        return true;
      });
      if (bytes !== listed.bytes || digest.sha256Hex() !== listed.sha256) {
        const message = 'A file is not what the manifest says: its SHA-256 or its size is another. Nothing was stored.';
        return err(archiveUnreadable('hash-mismatch', message, listed.name));
      }
      verified.push({ ...listed, content: () => archived.content() });
    }
    return ok({ manifest, filesOf: (kind: ImportedKind) => verified.filter((one) => one.kind === kind) });
  });
}

const isImported = (kind: string): boolean => (IMPORTED_KINDS as readonly string[]).includes(kind);

async function readManifest(
  file: ArchivedFile | undefined,
): Promise<Result<ArchiveManifest, ArchiveUnreadable | PortUnavailable>> {
  if (file === undefined) {
    const message = 'The archive has no manifest.json; it is not an export of this service, or it is cut off.';
    return err(archiveUnreadable('not-an-export', message, MANIFEST_NAME));
  }
  const parts: Uint8Array[] = [];
  let held = 0;
  const read = await readAll(file, (part) => {
    held += part.length;
    parts.push(part);
    return held <= MOST_MANIFEST_BYTES;
  });
  if (read.isErr()) return err(read.error);
  if (read.value > MOST_MANIFEST_BYTES) {
    return err(archiveUnreadable('too-large', 'The manifest is longer than any that is read.', MANIFEST_NAME));
  }
  // What is not UTF-8 becomes U+FFFD, and is then refused as what it stands in.
  return manifestOf(new TextDecoder().decode(joinedBytes(parts)));
}

/** Reads a file until `take` has enough, and answers how many bytes that were; the reader's faults are values again. */
function readAll(
  file: Pick<ArchivedFile, 'content'>,
  take: (part: Uint8Array) => boolean,
): ResultAsync<number, ArchiveUnreadable | PortUnavailable> {
  const read = async (): Promise<number> => {
    let bytes = 0;
    for await (const part of file.content()) {
      bytes += part.length;
      if (!take(part)) break;
    }
    return bytes;
  };
  return ResultAsync.fromPromise(read(), faultOf);
}

/** The fault that was thrown while an archived file was read. Anything else is a bug, and goes on as one. */
export function faultOf(cause: unknown): ArchiveUnreadable | PortUnavailable {
  if (cause instanceof ArchiveFault) return cause.fault;
  throw cause;
}
