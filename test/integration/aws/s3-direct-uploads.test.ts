import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExpectedObject } from '../../../core/health-data/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { directUploadsContract, send } from '../../contracts/direct-uploads.contract.ts';
import { makeObjectStore, type ObjectStoreUnderTest } from '../../emulators/object-stores.ts';
import type { PassingAnswer } from '../../emulators/proxy.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

directUploadsContract('S3', makeObjectStore);

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const KEY = `uploads/2025/03/10/${ADA}/0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03.zip`;
const CONTENT = Buffer.from('PK, and the rest');
const EXPECTED: ExpectedObject = {
  bytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
};
const NOW_MS = Date.parse('2025-03-10T12:00:00Z');

const direct = suite('S3 direct uploads');

const over = (title: string, body: (under: ObjectStoreUnderTest) => Promise<void>): void => {
  direct(title, async () => {
    const under = await makeObjectStore();
    try {
      await body(under);
    } finally {
      await under.close();
    }
  });
};

over('the signature covers length, checksum and encryption, and is good for 15 minutes', async ({ store, bucket }) => {
  const { url, headers, expiresAtMs } = valueOf(await store.grant(ADA, KEY, EXPECTED, NOW_MS));
  const signed = new URL(url);
  assert.is(signed.pathname, `/${bucket.name}/${KEY}`);
  assert.equal(signed.searchParams.get('X-Amz-SignedHeaders')?.split(';'), [
    'content-length',
    'host',
    'x-amz-checksum-sha256',
    'x-amz-server-side-encryption',
  ]);
  assert.equal(headers, {
    'content-length': '16',
    'x-amz-checksum-sha256': createHash('sha256').update(CONTENT).digest('base64'),
    'x-amz-server-side-encryption': 'AES256',
  });
  assert.is(signed.searchParams.get('X-Amz-Expires'), '900');
  assert.is(signed.searchParams.get('X-Amz-Date'), '20250310T120000Z');
  assert.is(expiresAtMs, NOW_MS + 15 * 60_000);
});

over('where a key of KMS is asked for, the client has to ask for it too', async ({ reopen }) => {
  const store = await reopen({ kmsKeyId: 'alias/clarity' });
  const { url, headers } = valueOf(await store.grant(ADA, KEY, EXPECTED, NOW_MS));
  assert.is(headers['x-amz-server-side-encryption'], 'aws:kms');
  assert.is(headers['x-amz-server-side-encryption-aws-kms-key-id'], 'alias/clarity');
  assert.match(
    new URL(url).searchParams.get('X-Amz-SignedHeaders') ?? '',
    'x-amz-server-side-encryption;x-amz-server-side-encryption-aws-kms-key-id',
  );
});

over(
  'the entry is there before anything can be sent, and what is sent lies under the existing layout',
  async (under) => {
    const { store, bucket, table } = under;
    const granted = valueOf(await store.grant(ADA, KEY, EXPECTED, Date.now()));
    const [item] = await table.scan();
    assert.equal([item?.['state'], item?.['loose_keys'], item?.['awaited_key']], ['writing', [KEY], KEY]);
    await send(granted, CONTENT);
    assert.equal(await bucket.keys(), [KEY]);
    valueOf(await store.arrived(ADA, KEY, EXPECTED));
    const [after] = await table.scan();
    assert.equal([after?.['state'], after?.['s3_key'], after?.['awaited_key']], ['stored', KEY, undefined]);
  },
);

over('a store that keeps no checksums is read instead', async ({ through, bucket }) => {
  const withoutChecksum = (answer: PassingAnswer): PassingAnswer => {
    const { 'x-amz-checksum-sha256': _, ...headers } = answer.headers;
    return { ...answer, headers };
  };
  const store = await through(async (request, forward) => withoutChecksum(await forward(request)));
  valueOf(await store.grant(ADA, KEY, EXPECTED, Date.now()));
  await bucket.plant(KEY, CONTENT.toString().toUpperCase());
  assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
  await bucket.plant(KEY, CONTENT);
  assert.equal(valueOf(await store.arrived(ADA, KEY, EXPECTED)), EXPECTED);
});

over('a checksum that S3 tells is believed, and another one is not what was expected', async ({ through, bucket }) => {
  const store = await through(async (request, forward) => {
    const answer = await forward(request);
    return { ...answer, headers: { ...answer.headers, 'x-amz-checksum-sha256': 'b3RoZXI=' } };
  });
  valueOf(await store.grant(ADA, KEY, EXPECTED, Date.now()));
  await bucket.plant(KEY, CONTENT);
  assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
});

over('another grant for a key that holds something puts it beside, and takes its place on arrival', async (under) => {
  const { store, bucket } = under;
  for (const text of ['first', 'second']) {
    const content = Buffer.from(text);
    const expected = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    assert.is(await send(valueOf(await store.grant(ADA, KEY, expected, Date.now())), content), 200);
    valueOf(await store.arrived(ADA, KEY, expected));
    assert.is((await bucket.keys()).length, 1);
  }
});

over('a table that does not answer grants nothing', async ({ through }) => {
  const store = await through(async () => null);
  const granted = errorOf(await store.grant(ADA, KEY, EXPECTED, NOW_MS));
  const arrived = errorOf(await store.arrived(ADA, KEY, EXPECTED));
  assert.equal([granted.kind, arrived.kind], ['port-unavailable', 'port-unavailable']);
});

direct.run();
