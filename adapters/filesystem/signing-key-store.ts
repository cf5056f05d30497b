import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ResultAsync } from 'neverthrow';
import type { SigningKeyStore, StoredSigningKey } from '../../core/auth/signing-key-store.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';

/** Read and written by this user alone. */
const PRIVATE = 0o600;

/** The name of the key that is made where there is none. */
const FIRST = 'signing-key';
/** Its file is `signing-key.json`, and that of each other one `signing-key.<name>.json`. */
const KEY_FILE = /^signing-key(?:\.([A-Za-z0-9_-]{1,100}))?\.json$/;

/**
 * Signing keys in files of their own, which only this user may read. Adding one touches no other one, so that whatever
 * happens meanwhile none is lost.
 */
export class FileSigningKeyStore implements SigningKeyStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = path.resolve(folder);
  }

  loadOrCreate(create: () => Promise<string>): ResultAsync<readonly StoredSigningKey[], PortUnavailable> {
    return orUnavailable('loadOrCreate', this.#loadOrCreate(create));
  }

  add({ name, jwk }: StoredSigningKey): ResultAsync<void, PortUnavailable> {
    return orUnavailable('add', this.#add(name, jwk));
  }

  remove(name: string): ResultAsync<void, PortUnavailable> {
    return orUnavailable('remove', this.#remove(name));
  }

  async #loadOrCreate(create: () => Promise<string>): Promise<readonly StoredSigningKey[]> {
    const keys = await this.#load();
    if (keys.length > 0) return keys;
    const created = await create();
    try {
      await this.#add(FIRST, created);
    } catch (cause) {
      // Another process was first.
      if (codeOf(cause) !== 'EEXIST') throw cause;
    }
    return await this.#load();
  }

  async #load(): Promise<readonly StoredSigningKey[]> {
    const keys = await Promise.all((await this.#files()).map((file) => this.#read(file)));
    return keys.filter((key) => key !== null);
  }

  async #files(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#folder)).filter((file) => KEY_FILE.test(file));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return [];
      throw cause;
    }
  }

  /** Null where it was removed since the folder was read. */
  async #read(file: string): Promise<StoredSigningKey | null> {
    try {
      return { name: KEY_FILE.exec(file)?.[1] ?? FIRST, jwk: await readFile(path.join(this.#folder, file), 'utf8') };
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return null;
      throw cause;
    }
  }

  /** The key is written whole beside and then linked into place, which fails when there is one already. */
  async #add(name: string, jwk: string): Promise<void> {
    await makeFolder(this.#folder);
    const temporary = path.join(this.#folder, `.${randomUUID()}`);
    try {
      await writeDurably(temporary, jwk, PRIVATE);
      await link(temporary, this.#fileOf(name));
      await syncFolder(this.#folder);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #remove(name: string): Promise<void> {
    const isThere = (await this.#files()).length > 0;
    if (!isThere) return;
    await rm(this.#fileOf(name), { force: true });
    await syncFolder(this.#folder);
  }

  #fileOf(name: string): string {
    const file = name === FIRST ? 'signing-key.json' : `signing-key.${name}.json`;
    if (!KEY_FILE.test(file)) throw new RangeError('no name for a key');
    return path.join(this.#folder, file);
  }
}

const orUnavailable = <T>(operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> =>
  ResultAsync.fromPromise(work, (cause) =>
    portUnavailable('SigningKeyStore', operation, cause, codeOf(cause) !== 'EEXIST'),
  );
