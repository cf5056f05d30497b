import { createHash } from 'node:crypto';
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectStore } from '../../../core/health-data/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { makeObjectStore, type ObjectStoreUnderTest } from '../../emulators/object-stores.ts';
import type { PassingRequest } from '../../emulators/proxy.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const KEY = `uploads/2025/03/10/${ADA}/0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03.zip`;
const MIB = 1024 * 1024;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

async function* content(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part));
}

async function* failingAfter(bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += MIB) yield await Promise.resolve(new Uint8Array(MIB));
  throw new Error('the sender went away');
}

const put = async (store: ObjectStore, key: string, text: string | Uint8Array) =>
  valueOf(await store.put(ADA, key, content(text), NO_LIMIT));

async function read(store: ObjectStore, key: string, range?: { start: number; end: number }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of valueOf(await store.open(ADA, key)).stream(range)) parts.push(part);
  return Buffer.concat(parts);
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (cause: unknown) => String(cause),
  );

const objects = suite('S3 object store');

const over = (title: string, body: (under: ObjectStoreUnderTest) => Promise<void>): void => {
  objects(title, async () => {
    const under = await makeObjectStore();
    try {
      await body(under);
    } finally {
      await under.close();
    }
  });
};

over('keys of the existing layout are keys of the bucket, others lie apart', async ({ store, bucket }) => {
  const raw = `raw_data/2025/03/10/${ADA}/x.json`;
  const apart = [
    `uploads/2025/03/10/${BEN}/x.zip`,
    `uploads/2025/3/10/${ADA}/x.zip`,
    `uploads/2025/03/10/${ADA}/..`,
    `uploads/2025/03/10/${ADA}/x y`,
    `other/2025/03/10/${ADA}/x`,
    `objects/${ADA}/x`,
  ];
  for (const key of [KEY, raw, ...apart]) await put(store, key, key);
  const keys = await bucket.keys();
  assert.is(keys.length, 2 + apart.length);
  assert.equal(keys.filter((key) => !key.startsWith(`objects/${ADA}/`)).toSorted(), [raw, KEY].toSorted());
  for (const key of apart) assert.is((await read(store, key)).toString(), key);
});

over('the entry in the table tells where the object lies, what it hashes to and how long it is', async (under) => {
  const { sha256 } = await put(under.store, KEY, 'abc');
  const [item] = await under.table.scan();
  assert.is(item?.pk, `USER#${ADA}`);
  assert.is(item?.sk, `OBJECT#${KEY}`);
  assert.equal(
    [item?.['kind'], item?.['state'], item?.['key'], item?.['s3_key'], item?.['sha256'], item?.['bytes']],
    ['object', 'stored', JSON.stringify(KEY), KEY, sha256, 3],
  );
});

over('what replaces an object leaves nothing of the one before', async ({ store, bucket, table }) => {
  for (const text of ['first', 'second', 'third']) await put(store, KEY, text);
  assert.is((await read(store, KEY)).toString(), 'third');
  assert.is((await bucket.keys()).length, 1);
  assert.is((await table.scan()).length, 1);
  assert.equal((await table.scan())[0]?.['loose_keys'], []);
});

over('a long object goes in parts, each held to its SHA-256, encrypted, in bounded memory', async (under) => {
  const requests: PassingRequest[] = [];
  const store = await under.through((request, forward) => {
    if (request.url.startsWith(`/${under.bucket.name}`)) requests.push(request);
    return forward(request);
  });
  let produced = 0;
  let sentBefore = 0;
  const hash = createHash('sha256');
  async function* long(): AsyncGenerator<Uint8Array> {
    for (; produced < 40; produced++) {
      const part = Buffer.alloc(MIB, produced);
      hash.update(part);
      yield await Promise.resolve(part);
      if (produced === 34) sentBefore = requests.length;
    }
  }
  const stored = valueOf(await store.put(ADA, KEY, long(), NO_LIMIT));
  assert.equal(stored, { sha256: hash.digest('hex'), bytes: 40 * MIB });
  const parts = requests.filter(({ method, url }) => method === 'PUT' && url.includes('partNumber'));
  assert.equal(parts.map(({ body }) => body.length / MIB).toSorted(), [8, 8, 8, 8, 8]);
  for (const { headers, body } of parts) {
    assert.is(headers['x-amz-checksum-sha256'], createHash('sha256').update(body).digest('base64'));
  }
  assert.is(requests[0]?.headers['x-amz-server-side-encryption'], 'AES256');
  assert.ok(sentBefore >= 2, 'parts are sent while the rest is still being read');
  assert.is((await read(store, KEY, { start: 33 * MIB, end: 33 * MIB + 1 }))[0], 33);
  assert.equal((await read(store, KEY)).length, 40 * MIB);
});

over(
  'a short object is one request, held to its SHA-256 and encrypted with the key that is asked for',
  async (under) => {
    const puts: PassingRequest[] = [];
    const store = await under.through((request, forward) => {
      if (request.method === 'PUT') puts.push(request);
      return forward(request);
    });
    await put(store, KEY, 'abc');
    assert.is(puts.length, 1);
    assert.is(puts[0]?.headers['x-amz-checksum-sha256'], createHash('sha256').update('abc').digest('base64'));
    assert.is(puts[0]?.headers['x-amz-server-side-encryption'], 'AES256');
    const withKey = await under.reopen({ kmsKeyId: 'alias/clarity' });
    await put(withKey, 'with a key', 'abc');
    assert.is((await read(withKey, 'with a key')).toString(), 'abc');
  },
);

over('parts of an upload that fails half-way are taken back', async ({ store, bucket, table }) => {
  const failed = errorOf(await store.put(ADA, KEY, failingAfter(20 * MIB), NO_LIMIT));
  assert.match(failed.kind === 'port-unavailable' ? failed.cause : '', 'the sender went away');
  const tooLarge = await store.put(ADA, KEY, content(new Uint8Array(20 * MIB)), 18 * MIB);
  assert.equal(errorOf(tooLarge), { kind: 'object-too-large', limitBytes: 18 * MIB });
  assert.equal(await bucket.keys(), []);
  assert.equal(await table.scan(), []);
});

over('erasing leaves nothing in the bucket and nothing in the table', async ({ store, bucket, table }) => {
  for (let i = 0; i < 10; i++) await put(store, `key ${String(i)}`, 'x');
  await put(store, KEY, 'x');
  await put(store, KEY, 'y');
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await bucket.keys(), []);
  assert.equal(await table.scan(), []);
});

over('parts that a process that died left, and that nobody lists, go with the object', async ({ store, bucket }) => {
  await put(store, KEY, 'x');
  for (let i = 0; i < 2; i++) {
    await bucket.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.name, Key: KEY }));
  }
  await bucket.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.name, Key: `${KEY}.other` }));
  valueOf(await store.delete(ADA, KEY));
  assert.equal(await bucket.keys(), [`${KEY}.other`]);
});

over('objects of the older service can be opened and deleted by their owner alone', async ({ store, bucket }) => {
  const old = `raw_data/2024/01/31/${ADA}/old.json`;
  await bucket.plant(old, '{"schema":"1.0"}');
  assert.is((await read(store, old)).toString(), '{"schema":"1.0"}');
  assert.is((await read(store, old, { start: 1, end: 9 })).toString(), '"schema"');
  assert.is(errorOf(await store.open(BEN, old)).kind, 'not-found');
  valueOf(await store.delete(BEN, old));
  assert.equal(await bucket.keys(), [old]);
  valueOf(await store.delete(ADA, old));
  assert.equal(await bucket.keys(), []);
});

over('an object that was changed behind the back of the store is never taken for what was stored', async (under) => {
  const { store, bucket } = under;
  await put(store, KEY, 'abcdef');
  await bucket.plant(KEY, 'abcdeg');
  assert.match(await messageOf(read(store, KEY)), 'is not what was stored');
  await bucket.plant(KEY, 'abc');
  const error = errorOf(await store.open(ADA, KEY));
  assert.equal([error.kind, error.kind === 'port-unavailable' && error.retryable], ['port-unavailable', false]);
});

over('an object that is gone from the bucket is not found', async ({ store, bucket }) => {
  await put(store, KEY, 'abc');
  await bucket.remove();
  const error = errorOf(await store.open(ADA, KEY));
  assert.ok(error.kind === 'not-found' || !error.retryable);
});

over('a write that a delete overtakes ends in an error and leaves nothing', async ({ store, bucket, table }) => {
  async function* deleting(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc');
    valueOf(await store.delete(ADA, KEY));
  }
  const error = errorOf(await store.put(ADA, KEY, deleting(), NO_LIMIT));
  assert.ok(error.kind === 'port-unavailable' && error.retryable);
  assert.match(error.kind === 'port-unavailable' ? error.cause : '', 'deleted while it was written');
  assert.equal(await bucket.keys(), []);
  assert.equal(await table.scan(), []);
});

over('the bucket that is not there is unavailable, and trying again would not help', async ({ store, bucket }) => {
  await bucket.remove();
  const error = errorOf(await store.put(ADA, KEY, content('abc'), NO_LIMIT));
  assert.equal([error.kind, error.kind === 'port-unavailable' && error.retryable], ['port-unavailable', false]);
});

objects.run();
