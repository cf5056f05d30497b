import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { err, ok, type Result } from 'neverthrow';
import { ZipArchiveWriter } from '../../../adapters/account-archive/zip-archive-writer.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { exportAccount } from '../../../core/archive/export-account.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault, profileIn } from '../account-place.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity export --user ID --out FILE.zip [options]

  --user ID       whose data
  --out FILE.zip  where the archive goes; a file that is there already is left alone
  --data-dir DIR  the installation (default: DATA_DIR)

Writes everything that the installation keeps of one person into a zip: NDJSON, the files as they were sent, FHIR R4 for
other programs, and a README.txt that says what is what. "clarity import" and POST /api/v1/me/import bring it back. The
profile is set up by the service's own variables. Keep the file safe: it is not encrypted.`;

const OPTIONS = {
  user: { type: 'string' },
  out: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly user: UserId;
  readonly out: string;
  readonly dataDir: string | null;
}

const SYNTAX = { name: 'export', usage: USAGE, options: OPTIONS, read: readRequest };

/** Writes a person's archive from the installation itself, without its service. */
export async function exportCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const storage = await openAccountPlace(request.value.dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const written = await writeArchive(request.value, storage.value);
    if (written.isErr()) return refused(output, written.error);
    output.out(`${request.value.out}: ${String(written.value)} bytes`);
    return 0;
  } finally {
    await storage.value.close();
  }
}

function readRequest(
  values: { readonly user?: string; readonly out?: string; readonly 'data-dir'?: string },
  positionals: readonly string[],
): Result<Request, UsageError> {
  const { user, out } = values;
  if (positionals.length > 0) return err(usageError(`${String(positionals[0])} is not an option`));
  if (user === undefined || user === '') return err(usageError('--user ID is needed'));
  if (out === undefined || out === '') return err(usageError('--out FILE.zip is needed'));
  return ok({ user: userId(user), out, dataDir: values['data-dir'] ?? null });
}

async function writeArchive({ user, out }: Request, storage: Storage): Promise<Result<number, string>> {
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
    return writeBeside(out, archive.value.bytes, made);
  });
  if (beside.isOk()) await rename(unfinishedOf(out), out);
  else for (const file of made) await rm(file, { force: true });
  return beside;
}

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
