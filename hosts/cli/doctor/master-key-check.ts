import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MasterKeyFiles } from '../../../adapters/filesystem/master-key-files.ts';
import { countDataKeys } from '../../../adapters/sql/inspect-data-keys.ts';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { keyFolder } from '../../wiring/storage.ts';

/** Whether the master key is there, whole, and nobody else's. Nothing is made or changed. */
export async function masterKeyFindings(subject: string, dataDir: string): Promise<readonly Finding[]> {
  const folder = keyFolder(dataDir);
  const versions = await new MasterKeyFiles(folder).versions();
  if (versions.isErr()) {
    const advice = 'Restore it from a backup, or give it to the user of the service: without it, no data can be read.';
    return [problem(subject, versions.error.cause, advice)];
  }
  const newest = versions.value.at(-1);
  if (newest === undefined) {
    const kept = countDataKeys(path.join(dataDir, 'clarity.db')).unwrapOr(0);
    return kept === 0
      ? [fine(subject, 'it is made at the first start')]
      : [
          problem(
            subject,
            `${folder} has none, and ${String(kept)} data keys are wrapped under it`,
            'Restore the folder from a backup: without it, no data can be read.',
          ),
        ];
  }
  const open = await openToOthers(folder);
  if (open !== null) return [warning(subject, `others can read ${open}`, `Take it from them: chmod 600 ${open}`)];
  return [fine(subject, `version ${String(newest.version)} can be read`)];
}

/** The first file of the key that somebody else may read; null where there is none. */
async function openToOthers(folder: string): Promise<string | null> {
  // Owners and modes mean nothing on Windows.
  if (process.platform === 'win32') return null;
  const files = (await readdir(folder)).filter((name) => name.startsWith('master-key-'));
  for (const name of files.toSorted()) {
    const file = path.join(folder, name);
    if (((await stat(file)).mode & 0o077) !== 0) return file;
  }
  return null;
}
