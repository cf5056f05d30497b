import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { err, errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import type { ByteSource, ObjectStore, ObjectTooLarge } from '../../core/health-data/ports.ts';
import { notFound, portUnavailable, type NotFound, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { byteSourceOf } from './byte-source.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';
import { isNameable, keyOfFile, objectFile, ownerFolder } from './safe-path.ts';

/** Files that are still being written; no name of an owner begins with a dot. */
const INCOMING = '.incoming';

/** Attempts at a move into a folder that somebody who emptied it may remove at the same moment. */
const MOST_MOVES = 5;

interface Stored {
  readonly sha256: string;
  readonly bytes: number;
}

/** Objects as files under one folder, a folder an owner. Only this user may read them. */
export class FileObjectStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<Stored, ObjectTooLarge | PortUnavailable> {
    // Nothing has such a name yet, and nothing shall.
    if (!isNameable(owner) || !isNameable(key)) {
      return errAsync(portUnavailable('ObjectStore', 'put', 'half a surrogate pair cannot be in a file name', false));
    }
    const file = objectFile(this.#root, owner, key);
    return ResultAsync.fromPromise(this.#write(file, content, limitBytes), unavailable('put')).andThen(
      (stored) => stored,
    );
  }

  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable> {
    if (!isNameable(owner) || !isNameable(key)) return errAsync(notFound('object', key));
    const file = objectFile(this.#root, owner, key);
    return ResultAsync.fromPromise(stat(file), (cause) =>
      isAbsent(cause) ? notFound('object', key) : unavailable('open')(cause),
    ).map((facts) => byteSourceOf(file, facts));
  }

  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable> {
    const gone = isNameable(owner) && isNameable(key) ? this.#remove(owner, key) : Promise.resolve();
    return ResultAsync.fromPromise(gone, unavailable('delete'));
  }

  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable> {
    const keys = isNameable(owner) ? keysBelow(ownerFolder(this.#root, owner)) : Promise.resolve([]);
    return ResultAsync.fromPromise(keys, unavailable('list'));
  }

  /**
   * Removes what a process that was killed had not finished writing. What was written to since `olderThanMs` is left
   * alone: another process may be at it.
   */
  removeUnfinished(olderThanMs: EpochMs): ResultAsync<void, PortUnavailable> {
    return ResultAsync.fromPromise(
      removeOlder(path.join(this.#root, INCOMING), olderThanMs),
      unavailable('removeUnfinished'),
    );
  }

  /** Written beside, made durable, then moved into place: whoever opens the key sees the old object or the new one. */
  async #write(
    file: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<Result<Stored, ObjectTooLarge>> {
    const incoming = path.join(this.#root, INCOMING);
    await makeFolder(incoming);
    const temporary = path.join(incoming, randomUUID());
    const handle = await open(temporary, 'wx', 0o600);
    try {
      const written = await writeAll(handle, content, limitBytes);
      if (written.isOk()) await moveInto(path.dirname(file), temporary, file);
      return written;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #remove(owner: UserId, key: string): Promise<void> {
    const file = objectFile(this.#root, owner, key);
    await unlessAbsent(rm(file, { force: true }));
    // Folders that are empty now tell of dates on which somebody sent something.
    const top = ownerFolder(this.#root, owner);
    let folder = path.dirname(file);
    while (folder.startsWith(top) && (await isRemovedEmpty(folder))) folder = path.dirname(folder);
    await unlessAbsent(syncFolder(folder));
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    // The name of their folder would be that of somebody else.
    if (!isNameable(owner)) return okAsync(undefined);
    const folder = ownerFolder(this.#root, owner);
    const work = rm(folder, { recursive: true, force: true }).then(() =>
      unlessAbsent(syncFolder(path.dirname(folder))),
    );
    return ResultAsync.fromPromise(work, unavailable('eraseOwner'));
  }
}

const unavailable =
  (operation: string) =>
  (cause: unknown): PortUnavailable =>
    portUnavailable('ObjectStore', operation, cause, !isHopeless(cause));

const isAbsent = (cause: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(cause));

async function unlessAbsent(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
  }
}

/** Trying again would not help. */
const isHopeless = (cause: unknown): boolean => ['ENAMETOOLONG', 'EACCES', 'EPERM', 'EROFS'].includes(codeOf(cause));

async function moveInto(folder: string, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeFolder(folder);
      await rename(from, to);
      break;
    } catch (cause) {
      if (!isAbsent(cause) || attempt === MOST_MOVES) throw cause;
    }
  }
  // Whoever removed the object in this moment may have removed its folder too.
  await unlessAbsent(syncFolder(folder));
}

async function removeOlder(folder: string, olderThanMs: EpochMs): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (isAbsent(cause)) return [];
    throw cause;
  });
  for (const name of names) {
    const file = path.join(folder, name);
    const facts = await stat(file).catch(() => null);
    if (facts !== null && facts.mtimeMs < olderThanMs) await rm(file, { force: true });
  }
}

/** Closes the file in any case. */
async function writeAll(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Result<Stored, ObjectTooLarge>> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of content) {
      bytes += part.byteLength;
      if (bytes > limitBytes) return err({ kind: 'object-too-large', limitBytes });
      hash.update(part);
      await handle.writeFile(part);
    }
    await handle.sync();
    return ok({ sha256: hash.digest('hex'), bytes });
  } finally {
    await handle.close();
  }
}

/** False as well when somebody else put something into the folder, or removed it: both are fine. */
const isRemovedEmpty = (folder: string): Promise<boolean> =>
  rmdir(folder).then(
    () => true,
    () => false,
  );

async function keysBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if (isAbsent(cause)) return [];
    throw cause;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => keyOfFile(path.relative(folder, path.join(entry.parentPath, entry.name))))
    .filter((key) => key !== null)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
