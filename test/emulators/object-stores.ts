import { AwsCaller } from '../../adapters/aws/aws-caller.ts';
import { DynamoTable } from '../../adapters/aws/dynamodb/dynamo-table.ts';
import { S3ObjectStore } from '../../adapters/aws/s3/object-store.ts';
import { makeBucket, type BucketUnderTest } from './buckets.ts';
import { settingsFor } from './emulators.ts';
import { startProxy, type Passage } from './proxy.ts';
import { makeTable, type TableUnderTest } from './tables.ts';

/** An S3 object store with a bucket and a table of its own. */
export interface ObjectStoreUnderTest {
  readonly store: S3ObjectStore;
  readonly bucket: BucketUnderTest;
  readonly table: TableUnderTest;
  /** Another process's view of the same objects. */
  readonly reopen: (options?: { readonly kmsKeyId?: string }) => Promise<S3ObjectStore>;
  /** The same, where `passage` decides what becomes of every request, those to the table included. */
  readonly through: (passage: Passage) => Promise<S3ObjectStore>;
  readonly close: () => Promise<void>;
}

/** Tries again at once. */
const impatient = (): AwsCaller => new AwsCaller({ wait: async () => undefined });

export async function makeObjectStore(): Promise<ObjectStoreUnderTest> {
  const [table, bucket] = await Promise.all([makeTable(), makeBucket()]);
  const closing: (() => Promise<void> | void)[] = [];
  const open = (s3Url: string, opened: DynamoTable, caller: AwsCaller, kmsKeyId: string | null): S3ObjectStore => {
    const settings = settingsFor({ s3: s3Url });
    const store = new S3ObjectStore({ settings, bucket: bucket.name, kmsKeyId, table: opened, caller });
    closing.push(() => {
      store.close();
    });
    return store;
  };
  const reopen = async ({ kmsKeyId }: { readonly kmsKeyId?: string } = {}): Promise<S3ObjectStore> =>
    open(bucket.endpointUrl, table.another(), impatient(), kmsKeyId ?? null);
  return {
    store: await reopen(),
    bucket,
    table,
    reopen,
    through: async (passage) => {
      const ways = await Promise.all(
        [bucket.endpointUrl, table.settings.endpointUrls.dynamodb ?? ''].map((url) => startProxy(url, passage)),
      );
      const [s3Url = '', dynamoUrl = ''] = ways.map(({ endpointUrl }) => endpointUrl);
      const passing = new DynamoTable(settingsFor({ dynamodb: dynamoUrl }), table.name, impatient());
      closing.push(
        () => {
          passing.close();
        },
        ...ways.map((way) => way.close),
      );
      return open(s3Url, passing, impatient(), null);
    },
    close: async () => {
      for (const end of closing) await end();
      await Promise.all([table.close(), bucket.close()]);
    },
  };
}
