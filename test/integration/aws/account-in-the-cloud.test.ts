import { okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import { DynamoAnalysisStore } from '../../../adapters/aws/dynamodb/analysis-store.ts';
import { DynamoAuditPseudonyms } from '../../../adapters/aws/dynamodb/audit-pseudonyms.ts';
import { DynamoIdempotencyStore } from '../../../adapters/aws/dynamodb/idempotency-store.ts';
import { DynamoInsightStore } from '../../../adapters/aws/dynamodb/insight-store.ts';
import { DynamoMetricStore } from '../../../adapters/aws/dynamodb/metric-store.ts';
import { DynamoOwnerEventLog } from '../../../adapters/aws/dynamodb/owner-event-log.ts';
import { DynamoConsentStore } from '../../../adapters/aws/dynamodb/consent-store.ts';
import { DynamoWebhookStore } from '../../../adapters/aws/dynamodb/webhook-store.ts';
import { DynamoSampleStore } from '../../../adapters/aws/dynamodb/sample-store.ts';
import { DynamoUploadStore } from '../../../adapters/aws/dynamodb/upload-store.ts';
import { S3ObjectStore } from '../../../adapters/aws/s3/object-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import type { AccountMove, AccountStores } from '../../../core/account/account-side.ts';
import { compareAccounts } from '../../../core/account/compare-accounts.ts';
import { copyAccount } from '../../../core/account/copy-account.ts';
import { eraseAccount } from '../../../core/account/erase-account.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { makeBucket, type BucketUnderTest } from '../../emulators/buckets.ts';
import { settingsFor } from '../../emulators/emulators.ts';
import { makeTable, type TableUnderTest } from '../../emulators/tables.ts';
import { contentOf } from '../../unit/account/account-content.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { ADA, BOB, memoryWorld, type World } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const cloud = suite('an account in the cloud');

const CLOUD_ADA = userId('99999999-9999-4999-8999-999999999999');
const silent = (): void => undefined;
const copy = copyAccount({ streamDigest: nodeStreamDigest, progress: silent });
const compare = compareAccounts({ digest: nodeDigest, streamDigest: nodeStreamDigest, progress: silent });

interface Cloud {
  readonly table: TableUnderTest;
  readonly bucket: BucketUnderTest;
  readonly world: World;
}

async function withCloud(work: (cloud: Cloud) => Promise<void>): Promise<void> {
  const [table, bucket] = await Promise.all([makeTable(), makeBucket()]);
  const settings = settingsFor({ dynamodb: table.settings.endpointUrls.dynamodb ?? '', s3: bucket.endpointUrl });
  const retention = { ttlDays: null, clock: { now: () => 0 } };
  const caller = new AwsCaller();
  const objects = new S3ObjectStore({ settings, bucket: bucket.name, kmsKeyId: null, table: table.table, caller });
  const stores = {
    samples: new DynamoSampleStore(table.table, retention),
    metrics: new DynamoMetricStore(table.table, retention, nodeDigest),
    uploads: new DynamoUploadStore(table.table, retention),
    analyses: new DynamoAnalysisStore(table.table),
    insights: new DynamoInsightStore(table.table),
    ownerEvents: new DynamoOwnerEventLog(table.table, retention),
    webhooks: new DynamoWebhookStore(table.table),
    consents: new DynamoConsentStore(table.table),
    auditPseudonyms: new DynamoAuditPseudonyms(table.table),
    objects,
  };
  try {
    const idempotency = new DynamoIdempotencyStore(table.table);
    await work({ table, bucket, world: memoryWorld({ ...stores, idempotency }) });
  } finally {
    objects.close();
    await bucket.close();
    await table.close();
  }
}

/** Everything that lies in the table and the bucket, as text. */
async function everything({ table, bucket }: Cloud): Promise<readonly string[]> {
  const items = await table.scan();
  return [
    ...items.map((item) =>
      JSON.stringify(item, (_, value: unknown) => (value instanceof Set ? [...(value as Set<unknown>)] : value)),
    ),
    ...(await bucket.keys()),
  ];
}

const move = (source: AccountStores, from: UserId, target: AccountStores, to: UserId): AccountMove => ({
  source: { stores: source, owner: from },
  target: { stores: target, owner: to },
});

async function assertEqual(moved: AccountMove): Promise<void> {
  const unequal = valueOf(await compare(moved)).filter(({ equal }) => !equal);
  assert.equal(unequal, []);
}

cloud('a person moves to the cloud under another id, and back, and everything is as it was', async () => {
  await withCloud(async (there) => {
    const here = memoryWorld();
    await fillAccount(here, ADA, 'ada-only');
    const out = move(here, ADA, there.world, CLOUD_ADA);
    valueOf(await copy(out));
    await assertEqual(out);
    assert.equal(valueOf(await copy(out)), {
      objects: 0,
      uploads: 0,
      metrics: 0,
      samples: 0,
      analyses: 0,
      insights: 0,
    });
    assert.not((await bucketKeys(there)).some((key) => key.includes(ADA)));
    const back = memoryWorld();
    valueOf(await copy(move(there.world, CLOUD_ADA, back, ADA)));
    assert.equal(await contentOf(back, ADA, []), await contentOf(here, ADA, []));
  });
});

const bucketKeys = ({ bucket }: Cloud): Promise<readonly string[]> => bucket.keys();

cloud('a move that the process dies in goes on in the next one', async () => {
  await withCloud(async (there) => {
    const here = memoryWorld();
    await fillAccount(here, ADA, 'ada-only');
    let calls = 0;
    const { samples } = there.world;
    const dying: AccountStores = {
      ...there.world,
      samples: new Proxy(samples, {
        get: (target, name) => {
          const method: unknown = Reflect.get(target, name);
          if (name === 'append' && ++calls === 2) throw new Error('the process dies');
          return typeof method === 'function' ? (method.bind(target) as unknown) : method;
        },
      }),
    };
    const died = await copy(move(here, ADA, dying, ADA)).then(
      () => 'lived',
      (cause: unknown) => (cause as Error).message,
    );
    assert.is(died, 'the process dies');
    valueOf(await copy(move(here, ADA, there.world, ADA)));
    await assertEqual(move(here, ADA, there.world, ADA));
  });
});

cloud('an erased person is in no item and in no object, and the neighbour lost nothing', async () => {
  await withCloud(async (there) => {
    const { world } = there;
    const ada = await fillAccount(world, ADA, 'ada-only');
    await fillAccount(world, BOB, 'bob-only');
    const bob = await contentOf(world, BOB, []);
    assert.ok((await everything(there)).some((text) => text.includes(ADA)));
    valueOf(await eraseAccount({ ...world, identities: { eraseAccount: () => okAsync(undefined) } })(ADA));
    const left = (await everything(there)).filter((text) => ada.marks.some((mark) => text.includes(mark)));
    assert.equal(left, []);
    assert.equal(await contentOf(world, BOB, []), bob);
    // A patient keeps, without a name, that somebody looked at their data.
    const kept = [BOB, 'bob-only', 'by somebody'];
    assert.ok((await everything(there)).every((text) => kept.some((mark) => text.includes(mark))));
  });
});

cloud('a bucket that is gone is the side that did not answer', async () => {
  await withCloud(async ({ table, bucket, world }) => {
    const here = memoryWorld();
    await fillAccount(here, ADA, 'ada-only');
    await bucket.remove();
    assert.is(errorOf(await copy(move(here, ADA, world, ADA))).side, 'target');
    assert.equal(
      (await table.scan()).filter(({ sk }) => !sk.startsWith('OBJECT#')),
      [],
    );
  });
});

cloud.run();
