import type { ResultAsync } from 'neverthrow';
import type { StreamDigest } from '../account/account-side.ts';
import type { AnalysisDocument } from '../analysis/document.ts';
import type { AnalysisStore } from '../analysis/ports.ts';
import type { ByteSource, MetricStore, ObjectStore, SampleStore, UploadStore } from '../health-data/ports.ts';
import type { InsightStore } from '../insights/ports.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import type { PortUnavailable } from '../kernel/errors.ts';

/** The stores that an archive is made of, and filled from. */
export interface ArchiveStores {
  readonly uploads: UploadStore;
  readonly objects: ObjectStore;
  readonly metrics: MetricStore;
  readonly samples: SampleStore;
  readonly analyses: AnalysisStore;
  readonly insights: InsightStore;
}

/** Where hashes come from. */
export interface ArchiveDigests {
  readonly digest: Digest;
  readonly streamDigest: StreamDigest;
}

/** A file on its way into an archive. */
export interface OutgoingFile {
  /** Relative, with `/` between folders; printable ASCII without `..`. */
  readonly name: string;
  /** Whether compressing is worth it; a zip inside of a zip only costs time. */
  readonly compressible: boolean;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Packs files while they are made. */
export interface ArchiveWriter {
  /**
   * The bytes of the archive, made as they are asked for. Each file is read to its end before the next one is asked
   * for. Whoever stops reading early stops the making. Throws what the files throw.
   */
  write(files: AsyncIterable<OutgoingFile>, madeAtMs: EpochMs): AsyncIterable<Uint8Array>;
}

/** The archive cannot be read, or is not what it says; `place` is where that was seen. Nothing of it was stored. */
export interface ArchiveUnreadable {
  readonly kind: 'archive-unreadable';
  readonly code:
    | 'empty-file'
    | 'not-an-export'
    | 'unknown-format'
    | 'broken-zip'
    | 'encrypted-zip'
    | 'too-large'
    | 'compression-ratio'
    | 'missing-file'
    | 'hash-mismatch';
  readonly message: string;
  readonly place: string;
}

export const archiveUnreadable = (
  code: ArchiveUnreadable['code'],
  message: string,
  place: string,
): ArchiveUnreadable => ({ kind: 'archive-unreadable', code, message, place });

/** A file of an archive that was opened. */
export interface ArchivedFile {
  readonly name: string;
  /** Before compression, as the archive says. */
  readonly bytes: number;
  /**
   * The content in order. It throws `ArchiveFault` where the archive is damaged, breaks a limit or cannot be had from
   * where it lies.
   */
  content(): AsyncIterable<Uint8Array>;
}

/** Thrown while the content of an archived file is read. */
export class ArchiveFault extends Error {
  readonly fault: ArchiveUnreadable | PortUnavailable;

  constructor(fault: ArchiveUnreadable | PortUnavailable) {
    super(fault.kind === 'archive-unreadable' ? fault.message : `${fault.port}.${fault.operation}: ${fault.cause}`);
    this.name = 'ArchiveFault';
    this.fault = fault;
  }
}

/** Opens archives, however hostile. */
export interface ArchiveReader {
  /** The files by name; names are only ever compared, never used as paths. */
  open(file: ByteSource): ResultAsync<ReadonlyMap<string, ArchivedFile>, ArchiveUnreadable | PortUnavailable>;
}

/** Reads an analysis document that somebody else may have written; null for what is none. */
export type ReadAnalysisDocument = (value: unknown) => AnalysisDocument | null;

/** The caller has gone; the same import again goes on where this one stopped. */
export interface ImportCancelled {
  readonly kind: 'import-cancelled';
}
