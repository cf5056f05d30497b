import { createHash, randomUUID } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { err, ok, type Result } from 'neverthrow';
import { type AwsCaller, nameOf } from '../aws-caller.ts';
import { type Encryption, encryptionWith, s3ClientConfig } from '../s3/s3-client.ts';
import type { AwsSettings } from '../settings.ts';

/** Where the body of a message lies that is too large for SQS. Also what the message's own body says, as JSON. */
export interface BodyPointer {
  readonly s3_bucket: string;
  readonly s3_key: string;
  /** Lower-case hexadecimal, of the UTF-8 bytes. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Keeps bodies of messages that are too large for SQS. Methods reject when the store does not do its work. */
export interface LargeBodies {
  put(text: string): Promise<BodyPointer>;
  /** The body, exactly as it was put; or, in words, why there is none that can be trusted. */
  get(pointer: BodyPointer): Promise<Result<string, string>>;
  /** Absent already is fine, and so is a pointer to somewhere else, which is left alone. */
  delete(pointer: BodyPointer): Promise<void>;
}

const PREFIX = 'messages/';
/** No message of this service comes near it; more is not read into memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Large bodies as objects `messages/<uuid>.json` of one bucket. */
export class S3LargeBodies implements LargeBodies {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #encryption: Encryption;
  readonly #caller: AwsCaller;

  /** `kmsKeyId` null: encrypted with S3's own keys. */
  constructor(deps: {
    readonly settings: AwsSettings;
    readonly bucket: string;
    readonly kmsKeyId: string | null;
    readonly caller: AwsCaller;
  }) {
    const { settings, bucket, kmsKeyId, caller } = deps;
    this.#client = new S3Client(s3ClientConfig(settings));
    this.#bucket = bucket;
    this.#encryption = encryptionWith(kmsKeyId);
    this.#caller = caller;
  }

  async put(text: string): Promise<BodyPointer> {
    const content = Buffer.from(text);
    const hash = createHash('sha256').update(content).digest();
    const key = `${PREFIX}${randomUUID()}.json`;
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: content,
      ContentType: 'application/json',
      ChecksumSHA256: hash.toString('base64'),
      ...this.#encryption,
    });
    await this.#caller.call((abortSignal) => this.#client.send(command, { abortSignal }));
    return { s3_bucket: this.#bucket, s3_key: key, sha256: hash.toString('hex'), bytes: content.length };
  }

  async get(pointer: BodyPointer): Promise<Result<string, string>> {
    // A message must not make this service read whatever its sender likes.
    if (!this.#isOurs(pointer)) return err('the body lies where no body of this queue lies');
    if (pointer.bytes > MOST_BYTES) return err(`the body has ${String(pointer.bytes)} bytes`);
    try {
      return await this.#caller.call(async (abortSignal): Promise<Result<string, string>> => {
        const command = new GetObjectCommand({ Bucket: this.#bucket, Key: pointer.s3_key });
        const { Body: body, ContentLength: length } = await this.#client.send(command, { abortSignal });
        if (length !== pointer.bytes || body === undefined)
          return err('the body has another length than it was put with');
        const content = await body.transformToByteArray();
        const hash = createHash('sha256').update(content).digest('hex');
        return hash === pointer.sha256
          ? ok(Buffer.from(content).toString('utf8'))
          : err('the body has another SHA-256 than it was put with');
      });
    } catch (cause) {
      if (nameOf(cause) === 'NoSuchKey') return err('the body is not in the object store');
      throw cause;
    }
  }

  async delete(pointer: BodyPointer): Promise<void> {
    if (!this.#isOurs(pointer)) return;
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: pointer.s3_key });
    await this.#caller.call((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  close(): void {
    this.#client.destroy();
  }

  #isOurs({ s3_bucket, s3_key }: BodyPointer): boolean {
    return s3_bucket === this.#bucket && /^messages\/[0-9a-f-]{36}\.json$/.test(s3_key);
  }
}
