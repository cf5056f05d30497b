import { lstat, open, readdir, readFile, realpath, rm, stat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { err, errAsync, ok, okAsync, ResultAsync, type Result } from 'neverthrow';
import type { Digest } from '../../core/kernel/digest.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { EMPTY_CATALOGUE, type Catalogue, type ModelEntry } from '../../core/pat/installed/catalogue.ts';
import { absent, corrupt, heldToHash, notInFolder, verifiedModel } from '../../core/pat/installed/held-to-hash.ts';
import { catalogueText, isModelFileName, parseCatalogue } from '../../core/pat/installed/parse-catalogue.ts';
import { strayWeights } from '../../core/pat/installed/stray-weights.ts';
import type { ModelRepository, ModelUnavailable, StoredFile, VerifiedModel } from '../../core/pat/ports.ts';
import { safetensorsOf } from '../../core/pat/encoder/safetensors.ts';
import type { PatWeights } from '../../core/pat/encoder/weights.ts';
import { replaceFile } from './durable-file.ts';
import { codeOf } from './error-code.ts';

const PORT = 'ModelRepository';
const MANIFEST = 'manifest.json';
const LOCK = '.manifest.lock';
/** Whoever holds the lock longer than this has died with it. */
const STALE_LOCK_MS = 30_000;
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 50;
/** Everybody may read models; they are no secret. */
const READABLE = 0o644;
/** No file of an installed model is larger; a larger one is not read into memory to be hashed. */
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;

/** Models in a folder, with `manifest.json` beside them. Nothing outside the folder is ever read or written. */
export class FileModelRepository implements ModelRepository {
  readonly #folder: string;
  readonly #digest: Digest;

  constructor(folder: string, digest: Digest) {
    this.#folder = path.resolve(folder);
    this.#digest = digest;
  }

  revision(): ResultAsync<string, PortUnavailable> {
    return attempt('revision', async () => {
      const facts = await orNull(stat(this.#path(MANIFEST), { bigint: true }));
      return facts === null ? 'none' : `${String(facts.ino)}-${String(facts.size)}-${String(facts.mtimeNs)}`;
    });
  }

  catalogue(): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable> {
    return attempt('catalogue', () => orNull(readFile(this.#path(MANIFEST), 'utf8'))).andThen((text) =>
      text === null
        ? okAsync(EMPTY_CATALOGUE)
        : parseCatalogue(text).mapErr(({ reason }) =>
            corrupt(`the manifest ${this.#path(MANIFEST)} cannot be used: ${reason}`),
          ),
    );
  }

  strays(): ResultAsync<readonly string[], PortUnavailable> {
    return attempt('strays', async () => (await orNull(readdir(this.#folder))) ?? []).andThen((names) =>
      this.catalogue()
        .orElse(() => okAsync(EMPTY_CATALOGUE))
        .map((catalogue) => strayWeights(names, catalogue)),
    );
  }

  readWeights(entry: ModelEntry): ResultAsync<VerifiedModel, ModelUnavailable | PortUnavailable> {
    return this.#read(entry.converted).andThen((bytes) => verifiedModel(entry, bytes));
  }

  readText(file: StoredFile): ResultAsync<string, ModelUnavailable | PortUnavailable> {
    return this.#read(file).map((bytes) => new TextDecoder().decode(bytes));
  }

  writeWeights(
    id: string,
    weights: PatWeights,
    facts: Readonly<Record<string, string>>,
  ): ResultAsync<StoredFile, PortUnavailable> {
    return this.#write(`${id}.safetensors`, safetensorsOf(weights, facts));
  }

  writeText(name: string, text: string): ResultAsync<StoredFile, PortUnavailable> {
    return this.#write(name, new TextEncoder().encode(text));
  }

  changeCatalogue(
    change: (catalogue: Catalogue) => Catalogue,
  ): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable> {
    const locked = async (): Promise<Result<Catalogue, ModelUnavailable | PortUnavailable>> => {
      const unlock = await this.#lock();
      try {
        const before = await this.catalogue();
        if (before.isErr()) return err(before.error);
        const after = change(before.value);
        await replaceFile(this.#path(MANIFEST), catalogueText(after), READABLE);
        return ok(after);
      } finally {
        await unlock();
      }
    };
    return attempt('changeCatalogue', locked).andThen((result) => result);
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }

  #write(name: string, bytes: Uint8Array): ResultAsync<StoredFile, PortUnavailable> {
    if (!isModelFileName(name)) {
      return errAsync(portUnavailable(PORT, 'write', `"${name}" is no name for a file of the model folder`, false));
    }
    return attempt('write', async () => {
      await mkdir(this.#folder, { recursive: true });
      await replaceFile(this.#path(name), bytes, READABLE);
      return { file: name, sha256: this.#digest.sha256Hex(bytes), bytes: bytes.length };
    });
  }

  /** The bytes of a file, once they are known to be those of the manifest. */
  #read(stored: StoredFile): ResultAsync<Uint8Array, ModelUnavailable | PortUnavailable> {
    const { file, bytes } = stored;
    if (!isModelFileName(file)) return errAsync(notInFolder(file));
    const read = async (): Promise<Result<Uint8Array, ModelUnavailable>> => {
      const facts = await orNull(lstat(this.#path(file)));
      if (facts === null) return err(absent(file));
      const inside = await this.#leadsInside(file);
      if (!inside) return err(corrupt(`${file} is a link that leads out of the model folder`));
      const target = await stat(this.#path(file));
      if (!target.isFile() || target.size > LARGEST_FILE_BYTES || target.size !== bytes) {
        return err(corrupt(`${file} has ${String(target.size)} bytes; ${String(bytes)} were installed`));
      }
      const content = await readFile(this.#path(file));
      return heldToHash(stored, content, this.#digest);
    };
    return attempt('read', read).andThen((result) => result);
  }

  async #leadsInside(file: string): Promise<boolean> {
    const target = await orNull(realpath(this.#path(file)));
    return target !== null && path.dirname(target) === (await realpath(this.#folder));
  }

  /** Takes the lock file that keeps two processes from changing the manifest at once. */
  async #lock(): Promise<() => Promise<void>> {
    await mkdir(this.#folder, { recursive: true });
    const file = this.#path(LOCK);
    for (let attempts = 0; attempts < LOCK_TRIES; attempts++) {
      try {
        const handle = await open(file, 'wx', READABLE);
        await handle.close();
        return () => rm(file, { force: true });
      } catch (cause) {
        if (codeOf(cause) !== 'EEXIST') throw cause;
        await this.#breakStaleLock(file);
        await delay(LOCK_PAUSE_MS);
      }
    }
    throw new Error(`another process is changing the manifest; remove ${file} if none is`);
  }

  async #breakStaleLock(file: string): Promise<void> {
    const [lock, now] = await Promise.all([orNull(stat(file)), this.#fileSystemNow()]);
    if (lock !== null && now - lock.mtimeMs > STALE_LOCK_MS) await rm(file, { force: true });
  }

  /** The file system's own idea of now: a folder on a network has its own clock. */
  async #fileSystemNow(): Promise<number> {
    const probe = this.#path(`.now-${String(process.pid)}`);
    const handle = await open(probe, 'w', READABLE);
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
      await rm(probe, { force: true });
    }
  }
}

const attempt = <T>(operation: string, work: () => Promise<T>): ResultAsync<T, PortUnavailable> =>
  ResultAsync.fromPromise(work(), (cause) => portUnavailable(PORT, operation, cause));

/** Null where there is no such file. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw cause;
  }
}
