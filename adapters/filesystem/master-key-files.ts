import { randomBytes, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ResultAsync } from 'neverthrow';
import { DATA_KEY_BYTES, type MasterKey } from '../../core/encryption/model.ts';
import type { MasterKeys } from '../../core/encryption/ports.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';

/** Read and written by this user alone. */
const PRIVATE = 0o600;

const NAME = /^master-key-([1-9]\d{0,8})\.json$/;
const nameOf = (version: number): string => `master-key-${version}.json`;

/**
 * Versions of a master key, a file a version, in a folder that only this user may read: `{"version":1,"key":"<base64>"}`.
 * A file is written whole and never again.
 */
export class MasterKeyFiles implements MasterKeys {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = path.resolve(folder);
  }

  versions(): ResultAsync<readonly MasterKey[], PortUnavailable> {
    return unavailable('versions', this.#read());
  }

  versionsOrFirst(): ResultAsync<readonly MasterKey[], PortUnavailable> {
    const readOrMade = async (): Promise<readonly MasterKey[]> => {
      const there = await this.#read();
      if (there.length > 0) return there;
      await this.#made(1);
      return this.#read();
    };
    return unavailable('versionsOrFirst', readOrMade());
  }

  addVersion(): ResultAsync<MasterKey, PortUnavailable> {
    const added = async (): Promise<MasterKey> => {
      for (let version = ((await this.#read()).at(-1)?.version ?? 0) + 1; ; version++) {
        const made = await this.#made(version);
        if (made !== null) return made;
      }
    };
    return unavailable('addVersion', added());
  }

  removeVersion(version: number): ResultAsync<boolean, PortUnavailable> {
    const removed = async (): Promise<boolean> => {
      if ((await this.#read()).at(-1)?.version === version) return false;
      await rm(path.join(this.#folder, nameOf(version)), { force: true });
      await syncFolder(this.#folder);
      return true;
    };
    return unavailable('removeVersion', removed());
  }

  async #read(): Promise<readonly MasterKey[]> {
    const versions = (await namesIn(this.#folder))
      .map((name) => Number(NAME.exec(name)?.[1] ?? Number.NaN))
      .filter((version) => !Number.isNaN(version))
      .sort((a, b) => a - b);
    return Promise.all(versions.map((version) => this.#readOne(version)));
  }

  async #readOne(version: number): Promise<MasterKey> {
    const file = path.join(this.#folder, nameOf(version));
    const secret = keyIn(await readFile(file, 'utf8'), version);
    if (secret === null) throw new Error(`${file} is no master key`);
    return { version, secret };
  }

  /** Written beside and then linked into place, which fails where the version is there already: then null. */
  async #made(version: number): Promise<MasterKey | null> {
    await makeFolder(this.#folder);
    const secret = randomBytes(DATA_KEY_BYTES);
    const temporary = path.join(this.#folder, `.${randomUUID()}`);
    try {
      await writeDurably(temporary, `${JSON.stringify({ version, key: secret.toString('base64') })}\n`, PRIVATE);
      await link(temporary, path.join(this.#folder, nameOf(version)));
      await syncFolder(this.#folder);
      return { version, secret: new Uint8Array(secret) };
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return null;
      throw cause;
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

/** The names in a folder; none where there is no folder. */
const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return [];
    throw cause;
  });

function keyIn(text: string, version: number): Uint8Array | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof content !== 'object' || content === null) return null;
  const { version: found, key } = content as { readonly version?: unknown; readonly key?: unknown };
  const secret = typeof key === 'string' ? new Uint8Array(Buffer.from(key, 'base64')) : null;
  return found === version && secret?.length === DATA_KEY_BYTES ? secret : null;
}

const unavailable = <T>(operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> =>
  ResultAsync.fromPromise(work, (cause) => portUnavailable('MasterKeys', operation, cause));
