import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { err, ok, type Result } from 'neverthrow';
import type { ObjectTooLarge } from '../../../core/health-data/ports.ts';
import { nameOf } from '../aws-caller.ts';
import { Contended } from '../dynamodb/contended.ts';
import { isNoSuchObject, type Encryption } from './s3-client.ts';

/** Two parts are on their way while the next is gathered: about 32 MiB of memory an upload. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** S3 takes no more parts in one upload, so contents beyond 78 GiB, where they are allowed, take larger ones. */
const MOST_PARTS = 10_000;
/** S3's own limit, 5 TiB. */
const LARGEST_OBJECT_BYTES = 5 * 1024 ** 4;

/** Where a stream goes, and how. */
export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly s3Key: string;
  readonly encryption: Encryption;
  readonly limitBytes: number;
}

/**
 * Streams a content of unknown length into the bucket, a short one in one request, and answers what it hashed to. S3
 * holds every request to the SHA-256 of the bytes it carries, so what was hashed is what lies there. Rejects when the
 * source or S3 fails; parts that were sent are taken back where S3 still answers.
 */
export async function streamUpload(
  target: UploadTarget,
  content: AsyncIterable<Uint8Array>,
): Promise<Result<{ readonly sha256: string; readonly bytes: number }, ObjectTooLarge>> {
  const { client, bucket, s3Key, encryption, limitBytes } = target;
  const hash = createHash('sha256');
  const seen = { bytes: 0, isTooLarge: false };
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const part of content) {
      seen.bytes += part.byteLength;
      if (seen.bytes > limitBytes) {
        seen.isTooLarge = true;
        throw new Error('the limit is reached');
      }
      if (part.byteLength === 0) continue;
      // The source may fill the same buffer again before it was sent.
      const copy = Buffer.from(part);
      hash.update(copy);
      yield copy;
    }
  }
  const bytesAPart = partBytes(limitBytes);
  const upload = new Upload({
    client,
    params: {
      Bucket: bucket,
      Key: s3Key,
      Body: Readable.from(counted(), { objectMode: false }),
      ContentType: 'application/octet-stream',
      ChecksumAlgorithm: 'SHA256',
      ...encryption,
    },
    partSize: bytesAPart,
    queueSize: PARTS_AT_ONCE,
  });
  try {
    await upload.done();
  } catch (cause) {
    if (seen.isTooLarge) return err({ kind: 'object-too-large', limitBytes });
    if (nameOf(cause) !== 'NoSuchUpload') throw cause;
    if (!(await wasCompleted(target, seen.bytes, bytesAPart)))
      throw new Contended('the key was deleted while it was written to');
  }
  return ok({ sha256: hash.digest('hex'), bytes: seen.bytes });
}

/** A limit beyond what S3 takes is none, and says nothing of how long the content may be. */
const partBytes = (limitBytes: number): number =>
  limitBytes > LARGEST_OBJECT_BYTES ? PART_BYTES : Math.max(PART_BYTES, Math.ceil(limitBytes / MOST_PARTS));

/**
 * Whether the object is there although completing it failed: the answer to an earlier try was lost, and S3 does not know
 * an upload any more once it is complete.
 */
async function wasCompleted(
  { client, bucket, s3Key }: UploadTarget,
  bytes: number,
  bytesAPart: number,
): Promise<boolean> {
  try {
    const { ContentLength, ETag = '' } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: s3Key }));
    // What was completed from parts says from how many.
    return ContentLength === bytes && ETag.endsWith(`-${String(Math.ceil(bytes / bytesAPart))}"`);
  } catch (cause) {
    if (isNoSuchObject(cause)) return false;
    throw cause;
  }
}
