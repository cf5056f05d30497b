import type { UserId } from '../kernel/ids.ts';

/** The format of an account's archive. A later format that old programs cannot read has another number. */
export const ARCHIVE_FORMAT = 'clarity.export/1';

/** The last file of an archive: what all others are. */
export const MANIFEST_NAME = 'manifest.json';

/**
 * What the files of an archive hold. `readme`, `profile`, `webhooks`, `audit-log` and `fhir` are for people and other programs: an
 * import does not read them.
 */
export const FILE_KINDS = [
  'readme',
  'profile',
  'uploads',
  'metrics',
  'samples',
  'analyses',
  'insights',
  'webhooks',
  'audit-log',
  'raw',
  'fhir',
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** What an import takes, in this order: an upload's raw bytes are there before the upload that names them. */
export const IMPORTED_KINDS = ['raw', 'uploads', 'metrics', 'samples', 'analyses', 'insights'] as const;
export type ImportedKind = (typeof IMPORTED_KINDS)[number];

/** One file of an archive, as the manifest tells it. */
export interface ManifestFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly bytes: number;
  /** Lower-case hexadecimal, of the content before compression. */
  readonly sha256: string;
  /** Lines of an NDJSON file; null for other files. */
  readonly lines: number | null;
  /** Of a raw file: the key of the object that it is; null for other files. */
  readonly key: string | null;
}

/** What an archive is. */
export interface ArchiveManifest {
  /** Whose data these were. */
  readonly userId: UserId;
  readonly files: readonly ManifestFile[];
}

/** What became of the pieces of one kind: objects, uploads, metrics, samples, analyses or insights. */
export interface KindCounts {
  readonly added: number;
  /** What the account had already; it is left as it is. */
  readonly alreadyThere: number;
  readonly setAside: number;
}

/** Pieces that were set aside for one reason, with where that was first seen. */
export interface SetAside {
  readonly kind: ImportedKind;
  /** Stable, such as `not-json`. */
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Such as `metrics.ndjson, line 3`. */
  readonly firstAt: string;
}

/** What an import did. */
export interface ImportReport {
  readonly counts: Readonly<Record<ImportedKind, KindCounts>>;
  readonly setAside: readonly SetAside[];
}

/** Objects under keys that begin so are archives that are being imported; they are no part of an account. */
export const IMPORTS_PREFIX = 'imports/';
