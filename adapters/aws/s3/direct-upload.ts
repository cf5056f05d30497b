import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { DirectUpload, ExpectedObject } from '../../../core/health-data/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import type { AwsCaller } from '../aws-caller.ts';
import { objectSource } from './object-stream.ts';
import { isNoSuchObject, type Encryption } from './s3-client.ts';

/** A client has so long to send what it announced. */
const GRANT_S = 15 * 60;

const base64Of = (sha256: string): string => Buffer.from(sha256, 'hex').toString('base64');

/** Signs a PUT of exactly these bytes; S3 refuses any other length, content or encryption. */
export async function signedPut(
  client: S3Client,
  place: { readonly Bucket: string; readonly Key: string },
  { bytes, sha256 }: ExpectedObject,
  encryption: Encryption,
  nowMs: EpochMs,
): Promise<DirectUpload> {
  const headers: Record<string, string> = {
    'content-length': String(bytes),
    'x-amz-checksum-sha256': base64Of(sha256),
    'x-amz-server-side-encryption': encryption.ServerSideEncryption,
    ...(encryption.ServerSideEncryption === 'aws:kms'
      ? { 'x-amz-server-side-encryption-aws-kms-key-id': encryption.SSEKMSKeyId }
      : {}),
  };
  const command = new PutObjectCommand({
    ...place,
    ContentLength: bytes,
    ChecksumSHA256: base64Of(sha256),
    ...encryption,
  });
  const names = Object.keys(headers);
  const url = await getSignedUrl(client, command, {
    expiresIn: GRANT_S,
    signingDate: new Date(nowMs),
    signableHeaders: new Set(['host', ...names]),
    // In the query a header would be signed too, but nobody would have to send it.
    unhoistableHeaders: new Set(names),
  });
  return { method: 'PUT', url, headers, expiresAtMs: nowMs + GRANT_S * 1000 };
}

/**
 * Whether what lies at the place is what was expected. S3 tells the SHA-256 that it held the upload to; what only speaks
 * S3 may not keep it, and is read and hashed instead.
 */
export async function isWhatWasExpected(
  client: S3Client,
  caller: AwsCaller,
  place: { readonly Bucket: string; readonly Key: string },
  { bytes, sha256 }: ExpectedObject,
  idleMs: number,
): Promise<boolean> {
  const command = new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' });
  const head = await caller
    .call((abortSignal) => client.send(command, { abortSignal }))
    .catch((cause: unknown) => {
      if (isNoSuchObject(cause)) return null;
      throw cause;
    });
  if (head === null || head.ContentLength !== bytes) return false;
  if (head.ChecksumSHA256 !== undefined) return head.ChecksumSHA256 === base64Of(sha256);
  const object = {
    bucket: place.Bucket,
    s3Key: place.Key,
    sizeBytes: bytes,
    etag: head.ETag ?? '',
    sha256: null,
  };
  const hash = createHash('sha256');
  for await (const part of objectSource(client, object, { caller, idleMs }).stream()) hash.update(part);
  return hash.digest('hex') === sha256;
}
