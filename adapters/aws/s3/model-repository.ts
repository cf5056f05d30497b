import type * as S3 from '@aws-sdk/client-s3';
import { err, errAsync, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import type { Digest } from '../../../core/kernel/digest.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { safetensorsOf } from '../../../core/pat/encoder/safetensors.ts';
import type { PatWeights } from '../../../core/pat/encoder/weights.ts';
import { EMPTY_CATALOGUE, type Catalogue, type ModelEntry } from '../../../core/pat/installed/catalogue.ts';
import { absent, corrupt, heldToHash, notInFolder, verifiedModel } from '../../../core/pat/installed/held-to-hash.ts';
import { catalogueText, isModelFileName, parseCatalogue } from '../../../core/pat/installed/parse-catalogue.ts';
import { strayWeights } from '../../../core/pat/installed/stray-weights.ts';
import type { ModelRepository, ModelUnavailable, StoredFile, VerifiedModel } from '../../../core/pat/ports.ts';
import { nameOf, orUnavailable, type AwsCaller } from '../aws-caller.ts';
import { Contended } from '../dynamodb/contended.ts';
import type { AwsSettings } from '../settings.ts';
import { isNoSuchObject, s3ClientConfig } from './s3-client.ts';

const PORT = 'ModelRepository';
const MANIFEST = 'manifest.json';
/** No file of an installed model is larger; a larger one is not read into memory to be hashed. */
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;
/** Everybody who changes the manifest at the same time gets a turn well within so many tries. */
const MOST_TRIES = 20;

export interface S3ModelRepositoryDeps {
  readonly settings: AwsSettings;
  readonly bucket: string;
  /** The folder of the bucket, with or without a slash at its end; empty for the bucket itself. */
  readonly prefix: string;
  /** A try has to last for a file of weights: tens of megabytes. */
  readonly caller: AwsCaller;
}

/** Models under a prefix of a bucket, with `manifest.json` beside them. Nothing outside the prefix is read or written. */
export class S3ModelRepository implements ModelRepository {
  readonly #settings: AwsSettings;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #caller: AwsCaller;
  readonly #digest: Digest;
  #opened: Promise<{ readonly sdk: typeof S3; readonly client: S3.S3Client }> | null = null;

  constructor({ settings, bucket, prefix, caller }: S3ModelRepositoryDeps, digest: Digest) {
    this.#settings = settings;
    this.#bucket = bucket;
    this.#prefix = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
    this.#caller = caller;
    this.#digest = digest;
  }

  revision(): ResultAsync<string, PortUnavailable> {
    const asked = this.#call(({ HeadObjectCommand }) => new HeadObjectCommand(this.#place(MANIFEST)));
    return orUnavailable(PORT, 'revision', orNull(asked)).map((head) => head?.ETag ?? 'none');
  }

  catalogue(): ResultAsync<Catalogue, ModelUnavailable | PortUnavailable> {
    return orUnavailable(PORT, 'catalogue', this.#manifest()).andThen(({ text }) => this.#parse(text));
  }

  strays(): ResultAsync<readonly string[], PortUnavailable> {
    return orUnavailable(PORT, 'strays', this.#names()).andThen((names) =>
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
    return orUnavailable(PORT, 'changeCatalogue', this.#change(change)).andThen((changed) => changed);
  }

  async #change(change: (catalogue: Catalogue) => Catalogue): Promise<Result<Catalogue, ModelUnavailable>> {
    let written: string | null = null;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const { text, etag } = await this.#manifest();
      const before = this.#parse(text);
      if (before.isErr()) return err(before.error);
      // The answer to an earlier try may have been lost after it took effect.
      if (text !== null && text === written) return ok(before.value);
      const after = change(before.value);
      written = catalogueText(after);
      if (await this.#putManifest(written, etag)) return ok(after);
      await this.#caller.pause(tries);
    }
    throw new Contended(`others changed the manifest ${String(MOST_TRIES)} times while it was to be changed`);
  }

  /** False when the manifest is another by now. */
  async #putManifest(text: string, etag: string | null): Promise<boolean> {
    const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag };
    try {
      await this.#call(
        ({ PutObjectCommand }) =>
          new PutObjectCommand({
            ...this.#place(MANIFEST),
            ...condition,
            Body: text,
            ContentType: 'application/json',
            ChecksumAlgorithm: 'SHA256',
          }),
      );
      return true;
    } catch (cause) {
      if (['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'].includes(nameOf(cause))) return false;
      throw cause;
    }
  }

  #parse(text: string | null): Result<Catalogue, ModelUnavailable> {
    if (text === null) return ok(EMPTY_CATALOGUE);
    return parseCatalogue(text).mapErr(({ reason }) =>
      corrupt(`the manifest s3://${this.#bucket}/${this.#prefix}${MANIFEST} cannot be used: ${reason}`),
    );
  }

  /** The manifest's text and what it is known by; null where there is none. */
  async #manifest(): Promise<{ readonly text: string | null; readonly etag: string | null }> {
    const found = await orNull(this.#content(MANIFEST));
    return found === null
      ? { text: null, etag: null }
      : { text: new TextDecoder().decode(found.bytes), etag: found.etag };
  }

  async #content(name: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string }> {
    const { sdk, client } = await this.#open();
    return this.#caller.call(async (abortSignal) => {
      const answer = await client.send(new sdk.GetObjectCommand(this.#place(name)), { abortSignal });
      const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, etag: answer.ETag ?? '' };
    });
  }

  async #names(): Promise<readonly string[]> {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page: S3.ListObjectsV2CommandOutput = await this.#call(
        ({ ListObjectsV2Command }) =>
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: this.#prefix,
            Delimiter: '/',
            ContinuationToken: after,
          }),
      );
      names.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(this.#prefix.length)));
      after = page.NextContinuationToken;
    } while (after !== undefined);
    return names;
  }

  #write(name: string, bytes: Uint8Array): ResultAsync<StoredFile, PortUnavailable> {
    if (!isModelFileName(name)) {
      return errAsync(portUnavailable(PORT, 'write', `"${name}" is no name for a file of the model folder`, false));
    }
    const written = this.#call(
      ({ PutObjectCommand }) =>
        new PutObjectCommand({ ...this.#place(name), Body: bytes, ChecksumAlgorithm: 'SHA256' }),
    );
    return orUnavailable(PORT, 'write', written).map(() => ({
      file: name,
      sha256: this.#digest.sha256Hex(bytes),
      bytes: bytes.length,
    }));
  }

  /** The bytes of a file, once they are known to be those of the manifest. */
  #read(stored: StoredFile): ResultAsync<Uint8Array, ModelUnavailable | PortUnavailable> {
    const { file, bytes } = stored;
    if (!isModelFileName(file)) return errAsync(notInFolder(file));
    const read = async (): Promise<Result<Uint8Array, ModelUnavailable>> => {
      const head = await orNull(this.#call(({ HeadObjectCommand }) => new HeadObjectCommand(this.#place(file))));
      if (head === null) return err(absent(file));
      const size = head.ContentLength ?? 0;
      if (size !== bytes || size > LARGEST_FILE_BYTES) {
        return err(corrupt(`${file} has ${String(size)} bytes; ${String(bytes)} were installed`));
      }
      const found = await orNull(this.#content(file));
      return found === null ? err(absent(file)) : heldToHash(stored, found.bytes, this.#digest);
    };
    return orUnavailable(PORT, 'read', read()).andThen((result) => result);
  }

  #place(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }

  /** The SDK takes longer to load than most commands take to run: it is loaded when it is first needed. */
  #open(): Promise<{ readonly sdk: typeof S3; readonly client: S3.S3Client }> {
    this.#opened ??= import('@aws-sdk/client-s3').then((sdk) => ({
      sdk,
      client: new sdk.S3Client(s3ClientConfig(this.#settings)),
    }));
    return this.#opened;
  }

  async #call<Input extends S3.ServiceInputTypes, Output extends S3.ServiceOutputTypes>(
    commandOf: (sdk: typeof S3) => S3Command<Input, Output>,
  ): Promise<Output> {
    const { sdk, client } = await this.#open();
    const command = commandOf(sdk);
    return this.#caller.call((abortSignal) => client.send(command, { abortSignal }));
  }
}

type S3Command<Input extends S3.ServiceInputTypes, Output extends S3.ServiceOutputTypes> = Parameters<
  typeof S3.S3Client.prototype.send<Input, Output>
>[0];

/** Null where there is no such object. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (cause) {
    if (isNoSuchObject(cause)) return null;
    throw cause;
  }
}
