import { randomBytes } from 'node:crypto';
import { okAsync, type ResultAsync } from 'neverthrow';
import { DATA_KEY_BYTES, type MasterKey } from '../../core/encryption/model.ts';
import type { MasterKeys } from '../../core/encryption/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** Versions of a master key in the process's memory: what is wrapped under them ends with the process. */
export class MemoryMasterKeys implements MasterKeys {
  readonly #versions: MasterKey[] = [];

  versions(): ResultAsync<readonly MasterKey[], PortUnavailable> {
    return okAsync([...this.#versions]);
  }

  versionsOrFirst(): ResultAsync<readonly MasterKey[], PortUnavailable> {
    return this.#versions.length > 0 ? this.versions() : this.addVersion().map((first) => [first]);
  }

  addVersion(): ResultAsync<MasterKey, PortUnavailable> {
    const added = {
      version: (this.#versions.at(-1)?.version ?? 0) + 1,
      secret: new Uint8Array(randomBytes(DATA_KEY_BYTES)),
    };
    this.#versions.push(added);
    return okAsync(added);
  }

  removeVersion(version: number): ResultAsync<boolean, PortUnavailable> {
    const at = this.#versions.findIndex((master) => master.version === version);
    if (at >= 0 && at === this.#versions.length - 1) return okAsync(false);
    if (at >= 0) this.#versions.splice(at, 1);
    return okAsync(true);
  }
}
