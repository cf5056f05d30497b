import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Digest } from '../../core/kernel/digest.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { EMPTY_CATALOGUE, type Catalogue, type ModelEntry } from '../../core/pat/installed/catalogue.ts';
import { absent, heldToHash, notInFolder, verifiedModel } from '../../core/pat/installed/held-to-hash.ts';
import { isModelFileName } from '../../core/pat/installed/parse-catalogue.ts';
import type { ModelRepository, ModelUnavailable, StoredFile, VerifiedModel } from '../../core/pat/ports.ts';
import { strayWeights } from '../../core/pat/installed/stray-weights.ts';
import { safetensorsOf } from '../../core/pat/encoder/safetensors.ts';
import type { PatWeights } from '../../core/pat/encoder/weights.ts';

/** Models in the process's memory, held to their hashes like those on disk. */
export class MemoryModelRepository implements ModelRepository {
  readonly #digest: Digest;
  readonly #files = new Map<string, Uint8Array>();
  #catalogue = EMPTY_CATALOGUE;
  #changes = 0;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  revision(): ResultAsync<string, PortUnavailable> {
    return okAsync(String(this.#changes));
  }

  catalogue(): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable> {
    return okAsync(this.#catalogue);
  }

  strays(): ResultAsync<readonly string[], PortUnavailable> {
    return okAsync(strayWeights([...this.#files.keys()], this.#catalogue));
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
    this.#catalogue = change(this.#catalogue);
    this.#changes += 1;
    return okAsync(this.#catalogue);
  }

  /** For tests of what happens then: changes a stored byte behind the manifest's back. */
  damage(file: string): void {
    const bytes = this.#files.get(file);
    if (bytes !== undefined) bytes[bytes.length - 1]! ^= 1;
  }

  #write(name: string, bytes: Uint8Array): ResultAsync<StoredFile, PortUnavailable> {
    if (!isModelFileName(name)) {
      return errAsync(portUnavailable('ModelRepository', 'write', `"${name}" is no name for a model file`, false));
    }
    this.#files.set(name, bytes);
    return okAsync({ file: name, sha256: this.#digest.sha256Hex(bytes), bytes: bytes.length });
  }

  #read(stored: StoredFile): ResultAsync<Uint8Array, ModelUnavailable> {
    const { file } = stored;
    if (!isModelFileName(file)) return errAsync(notInFolder(file));
    const bytes = this.#files.get(file);
    if (bytes === undefined) return errAsync(absent(file));
    return heldToHash(stored, bytes, this.#digest).asyncMap(async (content) => content);
  }
}
