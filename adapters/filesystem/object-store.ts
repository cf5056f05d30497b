import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, ResultAsync, type Result } from 'neverthrow';
import type { ByteSource, ObjectStore, ObjectTooLarge } from '../../core/health-data/ports.ts';
import { notFound, portUnavailable, type NotFound, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { byteSourceOf } from './byte-source.ts';
import { pathBelow, segmentOf, textOf } from './safe-path.ts';

/** Files that are still being written; no name of an owner begins with a dot. */
const INCOMING = '.incoming';

interface Stored {
  readonly sha256: string;
  readonly bytes: number;
}

/** Objects as files under one folder: `<root>/<owner>/<key…>`. Only this user may read them. */
export class FileObjectStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  put(
    owner: UserId,
    key: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): ResultAsync<Stored, ObjectTooLarge | PortUnavailable> {
    return this.#at(owner, key, 'put').asyncAndThen((file) =>
      ResultAsync.fromPromise(this.#write(file, content, limitBytes), unavailable('put')).andThen((stored) => stored),
    );
  }

  open(owner: UserId, key: string): ResultAsync<ByteSource, NotFound | PortUnavailable> {
    return this.#at(owner, key, 'open').asyncAndThen((file) =>
      ResultAsync.fromPromise(stat(file), (cause) =>
        isAbsent(cause) ? notFound('object', key) : unavailable('open')(cause),
      ).andThen((facts) =>
        facts.isFile() ? ok(byteSourceOf(file, facts.size)) : err<ByteSource, NotFound>(notFound('object', key)),
      ),
    );
  }

  delete(owner: UserId, key: string): ResultAsync<void, PortUnavailable> {
    return this.#at(owner, key, 'delete').asyncAndThen((file) =>
      ResultAsync.fromPromise(this.#remove(owner, file), unavailable('delete')),
    );
  }

  list(owner: UserId): ResultAsync<readonly string[], PortUnavailable> {
    return this.#at(owner, null, 'list').asyncAndThen((folder) =>
      ResultAsync.fromPromise(keysBelow(folder), unavailable('list')),
    );
  }

  #at(owner: UserId, key: string | null, operation: string): Result<string, PortUnavailable> {
    return pathBelow(this.#root, [owner, ...(key === null ? [] : key.split('/'))]).mapErr(({ reason }) =>
      portUnavailable('ObjectStore', operation, `the key has ${reason}`, false),
    );
  }

  /** Written beside, made durable, then moved into place: whoever opens the key sees the old object or the new one. */
  async #write(
    file: string,
    content: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<Result<Stored, ObjectTooLarge>> {
    const incoming = path.join(this.#root, INCOMING);
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    const temporary = path.join(incoming, randomUUID());
    const handle = await open(temporary, 'wx', 0o600);
    try {
      const written = await writeAll(handle, content, limitBytes).finally(() => handle.close());
      if (written.isErr()) return err(written.error);
      const folder = path.dirname(file);
      await moveInto(folder, temporary, file);
      await syncFolders(folder, this.#root);
      return ok(written.value);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #remove(owner: UserId, file: string): Promise<void> {
    await rm(file, { force: true });
    // Folders that are empty now tell of dates on which somebody sent something.
    const top = path.join(this.#root, segmentOf(owner));
    for (let folder = path.dirname(file); folder.startsWith(top); folder = path.dirname(folder)) {
      if (!(await removedIfEmpty(folder))) break;
    }
  }
}

const unavailable =
  (operation: string) =>
  (cause: unknown): PortUnavailable =>
    portUnavailable('ObjectStore', operation, cause);

const isAbsent = (cause: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');

/** Attempts at a move into a folder that somebody who emptied it may remove at the same moment. */
const MOST_MOVES = 5;

async function moveInto(folder: string, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await rename(from, to);
      return;
    } catch (cause) {
      if (!isAbsent(cause) || attempt === MOST_MOVES) throw cause;
    }
  }
}

async function writeAll(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Result<Stored, ObjectTooLarge>> {
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
}

/** A rename is durable once its folder is; so are the folders that were made for it. */
async function syncFolders(from: string, root: string): Promise<void> {
  for (let folder = from; folder.startsWith(root); folder = path.dirname(folder)) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function removedIfEmpty(folder: string): Promise<boolean> {
  try {
    const names = await readdir(folder);
    if (names.length > 0) return false;
    await rmdir(folder);
    return true;
  } catch {
    // Somebody else put something into it, or removed it: both are fine.
    return false;
  }
}

async function keysBelow(folder: string): Promise<readonly string[]> {
  const keys: string[] = [];
  const walk = async (at: string, prefix: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true }).catch((cause: unknown) => {
      if (isAbsent(cause)) return [];
      throw cause;
    });
    for (const entry of entries) {
      const key = `${prefix}${textOf(entry.name)}`;
      if (entry.isDirectory()) await walk(path.join(at, entry.name), `${key}/`);
      else keys.push(key);
    }
  };
  await walk(folder, '');
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
