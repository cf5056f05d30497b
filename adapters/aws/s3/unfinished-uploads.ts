import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { nameOf, type AwsCaller } from '../aws-caller.ts';

/** Removes whatever lies at a key of the bucket: the object, and the parts of uploads to it that were never completed. */
export async function clearBucketKey(
  client: S3Client,
  caller: AwsCaller,
  place: { readonly Bucket: string; readonly Key: string },
): Promise<void> {
  for (const UploadId of await unfinishedUploads(client, caller, place)) {
    const abort = new AbortMultipartUploadCommand({ ...place, UploadId });
    await caller
      .call((abortSignal) => client.send(abort, { abortSignal }))
      .catch((cause: unknown) => {
        if (nameOf(cause) !== 'NoSuchUpload') throw cause;
      });
  }
  const remove = new DeleteObjectCommand(place);
  await caller.call((abortSignal) => client.send(remove, { abortSignal }));
}

async function unfinishedUploads(
  client: S3Client,
  caller: AwsCaller,
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
  for (;;) {
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: Key, ...after });
    const page = await caller.call((abortSignal) => client.send(list, { abortSignal }));
    for (const { Key: key, UploadId: id } of page.Uploads ?? []) if (key === Key && id !== undefined) ids.push(id);
    if (page.IsTruncated !== true) return ids;
    const { NextKeyMarker, NextUploadIdMarker } = page;
    after = {
      ...(NextKeyMarker === undefined ? {} : { KeyMarker: NextKeyMarker }),
      ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
    };
  }
}
