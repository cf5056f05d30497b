import { err, ok, type Result } from 'neverthrow';
import { ZipArchiveReader } from '../../../adapters/account-archive/zip-archive-reader.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { randomIds } from '../../../adapters/node/ids.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { importArchive } from '../../../core/archive/import-archive.ts';
import { IMPORTED_KINDS, type ImportReport } from '../../../core/archive/model.ts';
import { receiveArchive } from '../../../core/archive/receive-archive.ts';
import { faultAndPlace } from '../../../core/health-data/unreadable-file.ts';
import { NO_QUOTA } from '../../../core/health-data/upload-quota.ts';
import { readAnalysisDocument } from '../../wiring/read-analysis-document.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault, profileIn, userNamed } from '../account-place.ts';
import type { KeyOptions } from '../archive-lock.ts';
import { openedArchive } from '../opened-archive.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity import FILE --user WHO [options]

  --user WHO              whose data these become, an id or an address; the account has to be there
  --passphrase-file FILE  open it with the passphrase in the first line of a file, - for the standard input
  --identity FILE         open it with the secret keys in a file that age-keygen wrote
  --data-dir DIR          the installation (default: DATA_DIR)

Brings an archive that "clarity export" (FILE.zip.age) or GET /api/v1/me/export (FILE.zip) wrote, anybody's and of any
installation, into an account. What the account has already stays as it is; the same import again goes on where one stopped. A file whose
SHA-256 is not the manifest's is refused, and then nothing is stored. The profile is set up by the service's own
variables.`;

const OPTIONS = {
  user: { type: 'string' },
  'passphrase-file': { type: 'string' },
  identity: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly file: string;
  /** An id or an address. */
  readonly user: string;
  readonly key: KeyOptions;
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
  values: KeyOptions & { readonly user?: string; readonly 'data-dir'?: string },
  positionals: readonly string[],
): Result<Request, UsageError> {
  const { user } = values;
  const [file, ...others] = positionals;
  if (file === undefined) return err(usageError('FILE is needed'));
  if (others.length > 0) return err(usageError('one archive at a time'));
  if (user === undefined || user === '') return err(usageError('--user WHO is needed'));
  if (values['passphrase-file'] !== undefined && values.identity !== undefined) {
    return err(usageError('one of --passphrase-file and --identity'));
  }
  return ok({ file, user, key: values, dataDir: values['data-dir'] ?? null });
}

async function readArchive(
  { file, user: name, key }: Request,
  storage: Storage,
): Promise<Result<ImportReport, string>> {
  const named = await userNamed(storage.people, name);
  if (named.isErr()) return err(named.error);
  const user = named.value;
  const profile = await profileIn(storage.people, user);
  if (profile.isErr()) return err(profile.error);
  if (profile.value === null) return err(`there is no account with the id ${user}`);
  const source = await openedArchive(file, key);
  if (source.isErr()) return err(source.error);
  const ports = {
    ...storage,
    digest: nodeDigest,
    streamDigest: nodeStreamDigest,
    archives: new ZipArchiveReader(),
    readDocument: readAnalysisDocument,
    // What the operator brings in is the operator's to decide.
    quota: NO_QUOTA,
  };
  const deed = { action: 'import', operation: 'clarity import', subject: user, dataTypes: IMPORTED } as const;
  const isCancelled = (): boolean => false;
  return writtenDown(storage, deed, async () => {
    const { value: archive } = source;
    const report =
      archive.kind === 'plain'
        ? await importArchive(ports)({ owner: user, file: archive.file, isCancelled })
        : await receiveArchive({ ...ports, clock: systemClock, ids: randomIds })({
            owner: user,
            content: archive.content,
            limitBytes: Number.MAX_SAFE_INTEGER,
            isCancelled,
          });
    if (report.isErr() && archive.kind === 'decrypted' && archive.isDamaged()) {
      return err(`${file}: it was changed or cut short after it had been encrypted`);
    }
    return report.mapErr((error) => {
      switch (error.kind) {
        case 'archive-unreadable':
          return `${file}: ${faultAndPlace(error)}`;
        case 'port-unavailable':
          return `${portFault(error)}. The same command goes on from here.`;
        case 'import-cancelled':
          return 'the import was cancelled';
        case 'object-too-large':
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
