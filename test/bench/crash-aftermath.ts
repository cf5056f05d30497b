import { createHash } from 'node:crypto';
import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { processingId, userId, type UserId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { readConfig } from '../../hosts/wiring/config.ts';
import { openStorage } from '../../hosts/wiring/open-storage.ts';
import type { Storage } from '../../hosts/wiring/storage.ts';
import { valueOf } from '../unit/result-values.ts';
import { SAMPLES_A_BATCH, shortfallOf, type Shortfall } from './minute-batches.ts';

/** What is left after the deaths. */
export interface Aftermath extends Shortfall {
  /** Samples. */
  readonly acknowledged: number;
  readonly uploads: number;
  readonly uploads_lost: number;
}

/**
 * Looks at the data folder of processes that were killed, in which all of the first batches and uploads were
 * acknowledged. Where the service worked on jobs, each upload's must be done; else it must still be queued.
 *
 * @throws Error when the database is damaged, or when files of dead processes are left after the next start.
 */
export async function examine({
  dataDir,
  owner: ownerText,
  batches,
  uploads,
  jobsAreDone,
}: {
  readonly dataDir: string;
  readonly owner: string;
  readonly batches: number;
  readonly uploads: readonly string[];
  readonly jobsAreDone: boolean;
}): Promise<Aftermath> {
  const owner = userId(ownerText);
  const incoming = path.join(dataDir, 'objects', '.incoming');
  await makeOld(incoming);
  const storage = valueOf(await openStorage(valueOf(readConfig({ DATA_DIR: dataDir }))));
  try {
    const unfinished = await readdir(incoming);
    if (unfinished.length > 0) throw new Error(`${unfinished.length} unfinished files are left`);
    const queued = examineDatabase(path.join(dataDir, 'clarity.db'));
    const held = valueOf(await storage.samples.read(owner, ['heart_rate'], { fromMs: -8.64e15, toMs: 8.64e15 }));
    let lost = 0;
    for (const upload of uploads) {
      const isWhole = await isUploadWhole(storage, owner, upload);
      const isWorkedOn = jobsAreDone || queued.has(upload);
      if (!isWhole || !isWorkedOn) lost++;
    }
    return {
      acknowledged: batches * SAMPLES_A_BATCH,
      ...shortfallOf(batches, held),
      uploads: uploads.length,
      uploads_lost: lost,
    };
  } finally {
    await storage.close();
  }
}

/** A start leaves young files alone, because another process may still be writing them. */
async function makeOld(folder: string): Promise<void> {
  const longAgo = new Date(Date.now() - MS_PER_DAY);
  for (const name of await readdir(folder)) await utimes(path.join(folder, name), longAgo, longAgo);
}

/** The uploads that have a job. @throws Error when the database is damaged. */
function examineDatabase(file: string): ReadonlySet<string> {
  const database = new Libsql(file);
  try {
    const found = JSON.stringify(database.prepare('pragma integrity_check').all());
    if (found !== '[{"integrity_check":"ok"}]') throw new Error(`the database is damaged: ${found}`);
    const jobs = database.prepare('select upload_id from job').all() as readonly { readonly upload_id: string }[];
    return new Set(jobs.map(({ upload_id }) => upload_id));
  } finally {
    database.close();
  }
}

/** The upload's state is there, and its raw bytes are those of which the state has the hash. */
async function isUploadWhole({ uploads, objects }: Storage, owner: UserId, id: string): Promise<boolean> {
  const upload = await uploads.get(owner, processingId(id));
  if (upload.isErr() || upload.value.raw === null || upload.value.status === 'failed') return false;
  const { key, sha256, bytes } = upload.value.raw;
  const object = await objects.open(owner, key);
  if (object.isErr() || object.value.sizeBytes !== bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of object.value.stream()) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
