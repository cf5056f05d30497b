import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import { nameOf } from '../aws-caller.ts';
import { encryptionWith, s3ClientConfig } from '../s3/s3-client.ts';
import type { AwsResources } from '../settings.ts';
import type { AwsCheck } from './aws-check.ts';
import { attempt, faultsOf, type AttemptedCall } from './aws-fault.ts';

const SUBJECT = 'S3 bucket';
const CONTENT = 'clarity doctor';

/** The bucket: that it is there and here, its default encryption, and whether objects can be written, read and removed. */
export const bucketCheck = ({ settings, bucketName, kmsKeyId }: AwsResources): AwsCheck => ({
  subject: SUBJECT,
  run: async (abortSignal) => {
    const client = new S3Client(s3ClientConfig(settings));
    try {
      const [head, encryption, probe] = await Promise.all([
        headFindings(client, bucketName, abortSignal),
        encryptionFindings(client, bucketName, abortSignal),
        probeFindings(client, bucketName, kmsKeyId, abortSignal),
      ]);
      return [...head, ...encryption, ...probe];
    } finally {
      client.destroy();
    }
  },
});

const callOf = (bucket: string, action: string, onlyToLook = false): AttemptedCall => ({
  subject: SUBJECT,
  action: `s3:${action}`,
  resource: `the bucket ${bucket}`,
  onlyToLook,
});

async function headFindings(client: S3Client, bucket: string, abortSignal: AbortSignal): Promise<readonly Finding[]> {
  const isHere = async (): Promise<boolean> => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
      return true;
    } catch (cause) {
      const status = (cause as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === 301 || nameOf(cause) === 'PermanentRedirect') return false;
      throw cause;
    }
  };
  const head = await attempt(callOf(bucket, 'ListBucket', true), abortSignal, isHere);
  if (head.isErr()) return [head.error];
  return [
    head.value === true
      ? fine(SUBJECT, `${bucket} exists`)
      : problem(SUBJECT, `${bucket} lies in another region`, 'Set AWS_REGION to the region of the bucket.'),
  ];
}

async function encryptionFindings(
  client: S3Client,
  bucket: string,
  abortSignal: AbortSignal,
): Promise<readonly Finding[]> {
  const described = await attempt(
    callOf(bucket, 'GetEncryptionConfiguration', true),
    abortSignal,
    () => client.send(new GetBucketEncryptionCommand({ Bucket: bucket }), { abortSignal }),
    ['ServerSideEncryptionConfigurationNotFoundError'],
  );
  if (described.isErr()) return [described.error];
  return [
    (described.value?.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0
      ? fine(SUBJECT, `${bucket} encrypts by default`)
      : warning(
          SUBJECT,
          `${bucket} has no default encryption`,
          'Turn it on; what Clarity writes is encrypted in any case.',
        ),
  ];
}

/** Writes a small object as the service does, reads it and removes it again. */
async function probeFindings(
  client: S3Client,
  bucket: string,
  kmsKeyId: string | null,
  abortSignal: AbortSignal,
): Promise<readonly Finding[]> {
  const probe = { Bucket: bucket, Key: `doctor/${randomUUID()}` };
  const put = await attempt(callOf(bucket, 'PutObject'), abortSignal, () =>
    client.send(
      new PutObjectCommand({
        ...probe,
        Body: CONTENT,
        ...encryptionWith(kmsKeyId),
      }),
      { abortSignal },
    ),
  );
  if (put.isErr()) return [put.error];
  const get = await attempt(callOf(bucket, 'GetObject'), abortSignal, async () => {
    const { Body: body } = await client.send(new GetObjectCommand(probe), { abortSignal });
    return body?.transformToString();
  });
  const removed = await attempt(callOf(bucket, 'DeleteObject'), abortSignal, () =>
    client.send(new DeleteObjectCommand(probe), { abortSignal }),
  );
  const findings = [...faultsOf([get, removed])];
  if (get.isOk() && get.value !== CONTENT) {
    findings.push(problem(SUBJECT, `${bucket} answered other bytes than were written`, 'See what stands before it.'));
  }
  if (removed.isErr()) {
    findings.push(warning(SUBJECT, `the object ${probe.Key} was left in ${bucket}`, 'Remove it.'));
  }
  return findings.length > 0 ? findings : [fine(SUBJECT, `${bucket} may be written, read and deleted from`)];
}
