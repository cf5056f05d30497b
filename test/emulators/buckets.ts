import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { completedS3 } from './completed-s3.ts';
import { emulator, givenEndpoint, settingsFor } from './emulators.ts';
import { startProxy } from './proxy.ts';

/** A bucket of its own, empty at first. */
export interface BucketUnderTest {
  /** Where S3 is. */
  readonly endpointUrl: string;
  readonly name: string;
  /** A client that speaks to the bucket past the adapters. */
  readonly client: S3Client;
  /** The keys of everything in it, the unfinished uploads included. */
  readonly keys: () => Promise<readonly string[]>;
  /** Puts an object past the adapters. */
  readonly plant: (key: string, content: Uint8Array | string) => Promise<void>;
  /** Removes the bucket and everything in it; once more is fine. */
  readonly remove: () => Promise<void>;
  readonly close: () => Promise<void>;
}

let completed: Promise<string> | null = null;

/** The address of S3: what is given, or fauxqs behind what it lacks. */
function s3Endpoint(): Promise<string> {
  const given = givenEndpoint('s3');
  if (given !== null) return Promise.resolve(given);
  completed ??= emulator('fauxqs', 's3').then(async ({ endpointUrl }) => {
    const proxy = await startProxy(endpointUrl, completedS3());
    return proxy.endpointUrl;
  });
  return completed;
}

export async function makeBucket(): Promise<BucketUnderTest> {
  const endpointUrl = await s3Endpoint();
  const { region } = settingsFor({ s3: endpointUrl });
  const name = `clarity-test-${randomUUID()}`;
  const client = new S3Client({
    endpoint: endpointUrl,
    forcePathStyle: true,
    ...(region === null ? {} : { region }),
  });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const keys = async (): Promise<readonly string[]> => {
    const objects = await client.send(new ListObjectsV2Command({ Bucket: name }));
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: name }));
    return [...(objects.Contents ?? []), ...(uploads.Uploads ?? [])].map(({ Key }) => Key ?? '');
  };
  let isThere = true;
  const remove = async (): Promise<void> => {
    if (!isThere) return;
    isThere = false;
    for (const key of await keys()) await client.send(new DeleteObjectCommand({ Bucket: name, Key: key }));
    // A bucket in which a test left an unfinished upload stays with the emulator.
    await client.send(new DeleteBucketCommand({ Bucket: name })).catch(() => undefined);
  };
  return {
    endpointUrl,
    name,
    client,
    keys,
    plant: async (key, content) => {
      await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: content }));
    },
    remove,
    close: async () => {
      await remove();
      client.destroy();
    },
  };
}
