import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';

/** Read and written by this user alone. */
const PRIVATE = 0o600;
const KEY_BYTES = 32;
const FILE = 'study-key';

/**
 * The study key in a file that only this user may read, base64 in one line. It is made when it is first asked for, and
 * never again: with another key every participant of every study would have another name.
 */
export function studyKeyInFolder(folder: string): ResultAsync<Uint8Array, PortUnavailable> {
  const file = path.join(path.resolve(folder), FILE);
  return ResultAsync.fromPromise(readOrMade(file), (cause) => portUnavailable('StudyKey', 'macs', cause));
}

async function readOrMade(file: string): Promise<Uint8Array> {
  const there = await keyIn(file);
  if (there !== null) return there;
  await make(file);
  const made = await keyIn(file);
  if (made === null) throw new Error(`${file} went away while it was made`);
  return made;
}

/** Null where there is no file. */
async function keyIn(file: string): Promise<Uint8Array | null> {
  try {
    const key = new Uint8Array(Buffer.from(await readFile(file, 'utf8'), 'base64'));
    if (key.length !== KEY_BYTES) throw new Error(`${file} is no study key`);
    return key;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  }
}

/** Written whole beside and then linked into place, which fails where another process was first. */
async function make(file: string): Promise<void> {
  const folder = path.dirname(file);
  await makeFolder(folder);
  const temporary = path.join(folder, `.${randomUUID()}`);
  try {
    await writeDurably(temporary, `${randomBytes(KEY_BYTES).toString('base64')}\n`, PRIVATE);
    await link(temporary, file);
    await syncFolder(folder);
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
}
