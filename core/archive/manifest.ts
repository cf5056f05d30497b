import { err, type Result } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import { userId } from '../kernel/ids.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields } from './instants.ts';
import {
  ARCHIVE_FORMAT,
  FILE_KINDS,
  MANIFEST_NAME,
  type ArchiveManifest,
  type FileKind,
  type ManifestFile,
} from './model.ts';
import { archiveUnreadable, type ArchiveUnreadable } from './ports.ts';

const MOST_FILES = 200_000;
const LONGEST_KEY = 900;
const SHA_256 = /^[0-9a-f]{64}$/;

/** The text of `manifest.json`, the last file of an archive. */
export function manifestText({ userId: user, files }: ArchiveManifest, madeAtMs: EpochMs): string {
  const document = {
    format: ARCHIVE_FORMAT,
    ...instantFields('made_at', madeAtMs),
    user_id: user,
    counts: countsOf(files),
    files: files.map(({ name, kind, bytes, sha256, lines, key }) => ({
      name,
      kind,
      bytes,
      sha256,
      ...(lines === null ? {} : { lines }),
      ...(key === null ? {} : { key }),
    })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** Lines of each kind, and how many raw files there are. */
function countsOf(files: readonly ManifestFile[]): Readonly<Partial<Record<FileKind, number>>> {
  const counts: Partial<Record<FileKind, number>> = {};
  for (const { kind, lines } of files) {
    const more = kind === 'raw' ? 1 : lines;
    if (more !== null) counts[kind] = (counts[kind] ?? 0) + more;
  }
  return counts;
}

/** Reads `manifest.json`; each name and each key is there once. */
export function manifestOf(text: string): Result<ArchiveManifest, ArchiveUnreadable> {
  const notAnExport = (fault: string): ArchiveUnreadable =>
    archiveUnreadable('not-an-export', `The manifest cannot be read: ${fault}.`, MANIFEST_NAME);
  const fields = new FieldReader(parsed(text));
  const format = fields.result(fields.text('format'));
  if (format.isErr()) return err(notAnExport(format.error));
  if (format.value !== ARCHIVE_FORMAT) {
    const message = `The archive is of a format that is not known here; ${ARCHIVE_FORMAT} is.`;
    return err(archiveUnreadable('unknown-format', message, MANIFEST_NAME));
  }
  const manifest = { userId: userId(fields.id('user_id')), files: fields.list('files', MOST_FILES, fileOf) };
  const names = new Set(manifest.files.map(({ name }) => name));
  const keys = manifest.files.flatMap(({ key }) => (key === null ? [] : [key]));
  if (names.size < manifest.files.length) fields.refuse('it names a file twice');
  if (new Set(keys).size < keys.length) fields.refuse('it names a key twice');
  return fields.result(manifest).mapErr(notAnExport);
}

function fileOf(file: FieldReader): ManifestFile {
  const kind = file.oneOf('kind', FILE_KINDS);
  const sha256 = file.text('sha256');
  if (!SHA_256.test(sha256)) file.refuse('sha256 is not one');
  return {
    name: file.text('name'),
    kind,
    bytes: file.integer('bytes', 0, Number.MAX_SAFE_INTEGER),
    sha256,
    lines: file.numberOrNull('lines'),
    key: kind === 'raw' ? file.id('key', LONGEST_KEY) : null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
