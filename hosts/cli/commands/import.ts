import { err, ok, type Result } from 'neverthrow';
import { ZipArchiveReader } from '../../../adapters/account-archive/zip-archive-reader.ts';
import { fileByteSource } from '../../../adapters/filesystem/byte-source.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { importArchive } from '../../../core/archive/import-archive.ts';
import { IMPORTED_KINDS, type ImportReport } from '../../../core/archive/model.ts';
import { faultAndPlace } from '../../../core/health-data/unreadable-file.ts';
import { NO_QUOTA } from '../../../core/health-data/upload-quota.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { readAnalysisDocument } from '../../wiring/read-analysis-document.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault, profileIn } from '../account-place.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity import FILE.zip --user ID [options]

  --user ID       whose data these become; the account has to be there
  --data-dir DIR  the installation (default: DATA_DIR)

Brings an archive that "clarity export" or GET /api/v1/me/export wrote, anybody's and of any installation, into an
account. What the account has already stays as it is; the same import again goes on where one stopped. A file whose
SHA-256 is not the manifest's is refused, and then nothing is stored. The profile is set up by the service's own
variables.`;

const OPTIONS = {
  user: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly file: string;
  readonly user: UserId;
  readonly dataDir: string | null;
}

const SYNTAX = { name: 'import', usage: USAGE, options: OPTIONS, read: readRequest };

/** Brings a person's archive into the installation itself, without its service. */
export async function importCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const storage = await openAccountPlace(request.value.dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const report = await readArchive(request.value, storage.value);
    if (report.isErr()) return refused(output, report.error);
    for (const line of reportLines(report.value)) output.out(line);
    for (const { kind, message, count, firstAt } of report.value.setAside) {
      output.note(`Set aside, ${kind}: ${message} (${String(count)}, first at ${firstAt})`);
    }
    return 0;
  } finally {
    await storage.value.close();
  }
}

function readRequest(
  values: { readonly user?: string; readonly 'data-dir'?: string },
  positionals: readonly string[],
): Result<Request, UsageError> {
  const { user } = values;
  const [file, ...others] = positionals;
  if (file === undefined) return err(usageError('FILE.zip is needed'));
  if (others.length > 0) return err(usageError('one archive at a time'));
  if (user === undefined || user === '') return err(usageError('--user ID is needed'));
  return ok({ file, user: userId(user), dataDir: values['data-dir'] ?? null });
}

async function readArchive({ file, user }: Request, storage: Storage): Promise<Result<ImportReport, string>> {
  const profile = await profileIn(storage.people, user);
  if (profile.isErr()) return err(profile.error);
  if (profile.value === null) return err(`there is no account with the id ${user}`);
  const source = await fileByteSource(file);
  if (source.isErr()) return err(`${file} cannot be read (${source.error.cause})`);
  const importing = importArchive({
    ...storage,
    digest: nodeDigest,
    streamDigest: nodeStreamDigest,
    archives: new ZipArchiveReader(),
    readDocument: readAnalysisDocument,
    // What the operator brings in is the operator's to decide.
    quota: NO_QUOTA,
  });
  const deed = { action: 'import', operation: 'clarity import', subject: user, dataTypes: IMPORTED } as const;
  return writtenDown(storage, deed, async () => {
    const report = await importing({ owner: user, file: source.value, isCancelled: () => false });
    return report.mapErr((error) => {
      switch (error.kind) {
        case 'archive-unreadable':
          return `${file}: ${faultAndPlace(error)}`;
        case 'port-unavailable':
          return `${portFault(error)}. The same command goes on from here.`;
        case 'import-cancelled':
          return 'the import was cancelled';
        case 'storage-quota-exceeded':
        case 'too-many-running-jobs':
          return 'the account may not keep so much';
      }
    });
  });
}

/** As it is written down when a person imports their own. */
const IMPORTED = ROUTES.importMe.audit.dataTypes;

function reportLines({ counts }: ImportReport): readonly string[] {
  const row = (...cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(9) : cell.padStart(13))).join('');
  return [
    row('', 'added', 'already there', 'set aside'),
    ...IMPORTED_KINDS.map((kind) => {
      const { added, alreadyThere, setAside } = counts[kind];
      return row(kind, String(added), String(alreadyThere), String(setAside));
    }),
  ];
}

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity import: ${line}`);
  return 1;
}
