import { randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { writeDurably } from './durable-file.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { codeOf } from './error-code.ts';

/** Read and written by this user alone. */
const PRIVATE = 0o600;

/** The key that signs the audit log, in a file that only this user may read. */
export class AuditKeyFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = path.resolve(file);
  }

  loadOrCreate(create: () => Promise<string>): ResultAsync<string, PortUnavailable> {
    return ResultAsync.fromPromise(this.#loadOrCreate(create), (cause) =>
      portUnavailable('HeadSigner', 'load the key', cause),
    );
  }

  async #loadOrCreate(create: () => Promise<string>): Promise<string> {
    return (await this.#load()) ?? (await this.#create(await create()));
  }

  async #load(): Promise<string | null> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return null;
      throw cause;
    }
  }

  /** The key is written whole beside and then linked into place, which fails when another process was first. */
  async #create(key: string): Promise<string> {
    const folder = path.dirname(this.#file);
    await makeFolder(folder);
    const temporary = path.join(folder, `.${randomUUID()}`);
    try {
      await writeDurably(temporary, key, PRIVATE);
      await link(temporary, this.#file);
      await syncFolder(folder);
      return key;
    } catch (cause) {
      if (codeOf(cause) !== 'EEXIST') throw cause;
      return await readFile(this.#file, 'utf8');
    } finally {
      await rm(temporary, { force: true });
    }
  }
}
