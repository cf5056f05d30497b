import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { type AwsSettings, clientConfig } from '../settings.ts';

/**
 * What every client of S3 is made with. What is not AWS itself is addressed by path: few names of the form
 * `bucket.host` lead anywhere there.
 */
export const s3ClientConfig = (settings: AwsSettings): S3ClientConfig => ({
  ...clientConfig(settings, 's3'),
  ...(settings.endpointUrls.s3 === null ? {} : { forcePathStyle: true }),
  // Checksums are those that the adapters ask for; others would only be in the way of what is signed.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});

/** A place in S3, as people write it: `s3://bucket`, `s3://bucket/prefix` or `s3://bucket/key`. */
export interface S3Place {
  readonly bucket: string;
  /** Without a slash at its beginning; may be empty. */
  readonly rest: string;
}

/** Reads `s3://bucket/rest`; null for anything else. */
export function s3Place(text: string): S3Place | null {
  const [, bucket, rest] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? null : { bucket, rest: rest ?? '' };
}

/** How objects lie in the bucket: encrypted with S3's own keys, or with one of KMS. */
export type Encryption =
  | { readonly ServerSideEncryption: 'AES256' }
  | { readonly ServerSideEncryption: 'aws:kms'; readonly SSEKMSKeyId: string };

/** Null for S3's own keys. */
export const encryptionWith = (kmsKeyId: string | null): Encryption =>
  kmsKeyId === null ? { ServerSideEncryption: 'AES256' } : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId };

/** Whether S3 says that there is no such object. */
export const isNoSuchObject = (cause: unknown): boolean =>
  cause instanceof Error && (cause.name === 'NoSuchKey' || cause.name === 'NotFound');
