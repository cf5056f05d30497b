import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { err, ok, type Result } from 'neverthrow';
import { ZipArchiveWriter } from '../../../adapters/account-archive/zip-archive-writer.ts';
import { encrypted, type FileLock } from '../../../adapters/age/encrypted-file.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { exportAccount } from '../../../core/archive/export-account.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault, profileIn, userNamed } from '../account-place.ts';
import { lockOf, lockWish, type LockOptions, type LockWish } from '../archive-lock.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity export --user WHO --out FILE.zip.age [options]

  --user WHO              whose data: an id or an address
  --out FILE.zip.age      where the archive goes; a file that is there already is left alone
  --passphrase-file FILE  encrypt for the passphrase in the first line of a file, - for the standard input
  --recipient KEY         encrypt for a public key (age1...); may be given several times
  --plain                 do not encrypt
  --data-dir DIR          the installation (default: DATA_DIR)

Writes everything that the installation keeps of one person into a zip: NDJSON, the files as they were sent, FHIR R4 for
other programs, and a README.txt that says what is what. The zip is encrypted in the format of age (age-encryption.org);
where nothing says for whom, a passphrase is made and shown once. "clarity import" brings the file back, and "age -d" opens
it; POST /api/v1/me/import takes the plain zip. The profile is set up by the service's own variables.`;

const OPTIONS = {
  user: { type: 'string' },
  out: { type: 'string' },
  'passphrase-file': { type: 'string' },
  recipient: { type: 'string', multiple: true },
  plain: { type: 'boolean' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  /** An id or an address. */
  readonly user: string;
  readonly out: string;
  readonly lock: LockWish;
  readonly dataDir: string | null;
}

const SYNTAX = { name: 'export', usage: USAGE, options: OPTIONS, read: readRequest };

/** Writes a person's archive from the installation itself, without its service. */
export async function exportCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const locking = await lockOf(request.value.lock);
  if (locking.isErr()) return refused(output, locking.error);
  const { lock, passphrase } = locking.value;
  const storage = await openAccountPlace(request.value.dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const written = await writeArchive(request.value, lock, storage.value);
    if (written.isErr()) return refused(output, written.error);
    output.out(`${request.value.out}: ${String(written.value)} bytes`);
    if (passphrase !== null) output.note(`The passphrase, shown now and kept nowhere: ${passphrase}`);
    if (lock === null) output.note('The file is not encrypted: keep it safe.');
    return 0;
  } finally {
    await storage.value.close();
  }
}

function readRequest(
  values: LockOptions & { readonly user?: string; readonly out?: string; readonly 'data-dir'?: string },
  positionals: readonly string[],
): Result<Request, UsageError> {
  const { user, out } = values;
  if (positionals.length > 0) return err(usageError(`${String(positionals[0])} is not an option`));
  if (user === undefined || user === '') return err(usageError('--user WHO is needed'));
  if (out === undefined || out === '') return err(usageError('--out FILE.zip.age is needed'));
  return lockWish(values).map((lock) => ({ user, out, lock, dataDir: values['data-dir'] ?? null }));
}

async function writeArchive(
  { user: name, out }: Request,
  lock: FileLock | null,
  storage: Storage,
): Promise<Result<number, string>> {
  const named = await userNamed(storage.people, name);
  if (named.isErr()) return err(named.error);
  const user = named.value;
  const profile = await profileIn(storage.people, user);
  if (profile.isErr()) return err(profile.error);
  const uploads = await storage.uploads.list(user, 1);
  if (uploads.isErr()) return err(portFault(uploads.error));
  if (profile.value === null && uploads.value.length === 0) return err(`nobody here has the id ${user}`);
  const exporting = exportAccount({
    ...storage,
    digest: nodeDigest,
    streamDigest: nodeStreamDigest,
    archives: new ZipArchiveWriter(),
    clock: systemClock,
  });
  const deed = { action: 'export', operation: 'clarity export', subject: user, dataTypes: EXPORTED } as const;
  const made: string[] = [];
  const beside = await writtenDown(storage, deed, async () => {
    const archive = await exporting({ owner: user, profile: profile.value, isCancelled: () => false });
    if (archive.isErr()) return err(portFault(archive.error));
    const content = await lockedBy(lock, archive.value.bytes);
    return content.isErr() ? err(content.error) : writeBeside(out, content.value, made);
  });
  if (beside.isOk()) await rename(unfinishedOf(out), out);
  else for (const file of made) await rm(file, { force: true });
  return beside;
}

const lockedBy = async (
  lock: FileLock | null,
  content: AsyncIterable<Uint8Array>,
): Promise<Result<AsyncIterable<Uint8Array>, string>> =>
  lock === null
    ? ok(content)
    : (await encrypted(content, lock)).mapErr(
        () => 'a recipient is a public key of age, such as age1... of age-keygen',
      );

/** As it is written down when a person exports their own. */
const EXPORTED = ROUTES.exportMe.audit.dataTypes;

const unfinishedOf = (out: string): string => `${out}.unfinished`;

/**
 * Written beside first, and moved into place once that is written down: whoever finds the file finds a whole one. Answers its
 * size, and adds to `made` what it has made.
 */
async function writeBeside(
  out: string,
  content: AsyncIterable<Uint8Array>,
  made: string[],
): Promise<Result<number, string>> {
  const make = async (file: string): Promise<FileHandle> => {
    const handle = await open(file, 'wx', 0o600);
    made.push(file);
    return handle;
  };
  try {
    await (await make(out)).close();
    return ok(await writeAll(await make(unfinishedOf(out)), content));
  } catch (cause) {
    return err(`${out} cannot be written (${wordsOf(cause)})`);
  }
}

async function writeAll(handle: FileHandle, content: AsyncIterable<Uint8Array>): Promise<number> {
  try {
    let bytes = 0;
    for await (const part of content) {
      bytes += part.length;
      await handle.writeFile(part);
    }
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

function wordsOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'EEXIST' ? 'there is one already' : message;
}

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity export: ${line}`);
  return 1;
}
