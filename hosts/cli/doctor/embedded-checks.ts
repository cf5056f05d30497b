import { randomUUID } from 'node:crypto';
import { access, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspectSchema } from '../../../adapters/sql/inspect-schema.ts';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { masterKeyFindings } from './master-key-check.ts';
import type { Check } from './run-checks.ts';

const FOLDER = 'data folder';
const DATABASE = 'database';
const SPACE = 'free space';
const KEY = 'signing key';
const MASTER_KEY = 'master key';

const MIB = 1024 * 1024;
/** Below, the database itself soon cannot write. */
const LEAST_FREE_BYTES = 64 * MIB;

/** The bytes that are free for this process where the folder is; injected in tests. */
export type FreeBytes = (folder: string) => Promise<number>;

export const freeBytesOf: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** What an embedded installation needs. Nothing is made or changed but a probe file, which is removed again. */
export function embeddedChecks(
  { dataDir, exportLimitBytes }: { readonly dataDir: string; readonly exportLimitBytes: number },
  freeBytes: FreeBytes,
): readonly Check[] {
  return [
    { subject: FOLDER, run: async () => [await folderFinding(dataDir)] },
    { subject: DATABASE, run: async () => [schemaFinding(path.join(dataDir, 'clarity.db'))] },
    { subject: SPACE, run: async () => [await spaceFinding(dataDir, exportLimitBytes, freeBytes)] },
    { subject: KEY, run: () => signingKeyFindings(path.join(dataDir, 'keys')) },
    { subject: MASTER_KEY, run: () => masterKeyFindings(MASTER_KEY, dataDir) },
  ];
}

async function folderFinding(dataDir: string): Promise<Finding> {
  const folder = await nearestFolder(dataDir);
  const probe = path.join(folder, `.clarity-doctor-${randomUUID()}`);
  try {
    await writeFile(probe, 'clarity doctor', { flag: 'wx', mode: 0o600 });
    await rm(probe);
  } catch (cause) {
    return problem(
      FOLDER,
      `${folder} cannot be written to (${codeOf(cause)})`,
      'Give it to the user of the service, or set DATA_DIR to a folder that it owns.',
    );
  }
  return fine(FOLDER, folder === path.resolve(dataDir) ? `${folder} can be written to` : `${dataDir} can be made`);
}

/** The folder itself, or, where it does not exist yet, the one in which it would be made. */
async function nearestFolder(dataDir: string): Promise<string> {
  let folder = path.resolve(dataDir);
  while (!(await exists(folder)) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  return folder;
}

const exists = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    (cause: unknown) => codeOf(cause) !== 'ENOENT',
  );

const schemaFinding = (file: string): Finding =>
  inspectSchema(file).match(
    ({ found, supported }) => {
      if (found === null) return fine(DATABASE, 'it is made at the first start');
      if (found <= supported) {
        return fine(
          DATABASE,
          found === supported ? `schema ${found}` : `schema ${found} becomes ${supported} at the start`,
        );
      }
      return problem(
        DATABASE,
        `it has schema ${found}, made by a newer Clarity; this one knows up to ${supported}`,
        'Start the newer version, or restore a backup from before it.',
      );
    },
    ({ cause }) =>
      problem(DATABASE, `${file} cannot be read (${cause})`, 'Restore a backup, or give it to the service.'),
  );

async function spaceFinding(dataDir: string, exportLimitBytes: number, freeBytes: FreeBytes): Promise<Finding> {
  const free = await freeBytes(await nearestFolder(dataDir)).catch(() => null);
  if (free === null) return warning(SPACE, 'it cannot be told', 'See that DATA_DIR lies on a disk of this machine.');
  const words = `${Math.floor(free / MIB).toLocaleString('en-US')} MiB`;
  if (free < LEAST_FREE_BYTES) return problem(SPACE, `only ${words} are left`, 'Make room where DATA_DIR lies.');
  return free < exportLimitBytes
    ? warning(SPACE, `${words} are left, less than one export may have`, 'Make room, or lower MAX_EXPORT_BYTES.')
    : fine(SPACE, `${words} are left`);
}

/** The worst of each key; where there is none the next start makes one. */
async function signingKeyFindings(folder: string): Promise<readonly Finding[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /^signing-key\b.*\.json$/.test(name)).map((name) => path.join(folder, name));
  const findings = await Promise.all(
    (files.length > 0 ? files : [path.join(folder, 'signing-key.json')]).map(keyFinding),
  );
  const amiss = findings.filter(({ state }) => state !== 'fine');
  return amiss.length > 0 ? amiss : findings.slice(0, 1);
}

async function keyFinding(file: string): Promise<Finding> {
  try {
    const key: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof key !== 'object' || key === null || !('kty' in key)) throw new SyntaxError('not a key');
    // Owners and modes mean nothing on Windows.
    const isPrivate = process.platform === 'win32' || ((await stat(file)).mode & 0o077) === 0;
    return isPrivate
      ? fine(KEY, 'it can be read')
      : warning(KEY, `others can read ${file}`, `Take it from them: chmod 600 ${file}`);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return fine(KEY, 'it is made at the first start');
    return cause instanceof SyntaxError
      ? problem(
          KEY,
          `${file} is not a key`,
          'Restore it from a backup; with a new one, everybody has to sign in again.',
        )
      : problem(KEY, `${file} cannot be read (${codeOf(cause)})`, 'Give it to the user of the service.');
  }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
