import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import type { DirectUpload, DirectUploads, ExpectedObject, ObjectStore } from '../../core/health-data/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { suiteOver, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const KEY = `uploads/2025/03/10/${ADA}/0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03.zip`;

const CONTENT = Buffer.from('PK, and then the rest of an archive');
const expectedOf = (content: Uint8Array): ExpectedObject => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});
const EXPECTED = expectedOf(CONTENT);

/** Does what a client does with a grant; answers the status. */
export async function send({ method, url, headers }: DirectUpload, content: Uint8Array): Promise<number> {
  const response = await fetch(url, { method, headers, body: new Uint8Array(content) });
  await response.arrayBuffer();
  return response.status;
}

const textAt = async (store: ObjectStore, key: string): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const part of valueOf(await store.open(ADA, key)).stream()) parts.push(part);
  return Buffer.concat(parts).toString();
};

/** What every `DirectUploads` with a store that clients can reach promises; the same object is the `ObjectStore`. */
export function directUploadsContract(name: string, make: () => Promise<UnderTest<DirectUploads & ObjectStore>>): void {
  const { test, run } = suiteOver<DirectUploads & ObjectStore, UnderTest<DirectUploads & ObjectStore>>(
    `direct uploads: ${name}`,
    make,
  );
  const grant = async (store: DirectUploads): Promise<DirectUpload> =>
    valueOf(await store.grant(ADA, KEY, EXPECTED, Date.now()));

  test('nothing has arrived where nothing was granted, or nothing was sent', async ({ store }) => {
    assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
    await grant(store);
    assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
    assert.equal(valueOf(await store.list(ADA)), []);
  });

  test('what was sent is an object once it was looked at, and not before', async ({ store }) => {
    assert.is(await send(await grant(store), CONTENT), 200);
    assert.is(errorOf(await store.open(ADA, KEY)).kind, 'not-found');
    assert.equal(valueOf(await store.list(ADA)), []);
    assert.equal(valueOf(await store.arrived(ADA, KEY, EXPECTED)), EXPECTED);
    assert.is(await textAt(store, KEY), CONTENT.toString());
    assert.equal(valueOf(await store.list(ADA)), [KEY]);
  });

  test('looking again, and sending the same again, changes nothing', async ({ store }) => {
    const granted = await grant(store);
    await send(granted, CONTENT);
    valueOf(await store.arrived(ADA, KEY, EXPECTED));
    assert.is(await send(granted, CONTENT), 200);
    assert.equal(valueOf(await store.arrived(ADA, KEY, EXPECTED)), EXPECTED);
    assert.is(await textAt(store, KEY), CONTENT.toString());
  });

  test('other bytes of the same length have not arrived, whoever lets them through', async ({ store }) => {
    await send(await grant(store), Buffer.from(CONTENT.toString().toUpperCase()));
    assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
    assert.is(errorOf(await store.open(ADA, KEY)).kind, 'not-found');
  });

  test('a key holds what it was looked at for, and nothing else', async ({ store }) => {
    await send(await grant(store), CONTENT);
    const other = expectedOf(Buffer.from('something else'));
    assert.is(errorOf(await store.arrived(ADA, KEY, other)).kind, 'not-found');
    valueOf(await store.arrived(ADA, KEY, EXPECTED));
    assert.is(errorOf(await store.arrived(ADA, KEY, other)).kind, 'not-found');
  });

  test("another owner's upload is as if it were not there", async ({ store }) => {
    await send(await grant(store), CONTENT);
    assert.is(errorOf(await store.arrived(BEN, KEY, EXPECTED)).kind, 'not-found');
  });

  test('a grant says until when it is good, and what has to be sent with it', async ({ store }) => {
    const nowMs = Date.now();
    const { method, url, headers, expiresAtMs } = valueOf(await store.grant(ADA, KEY, EXPECTED, nowMs));
    assert.is(method, 'PUT');
    assert.ok(expiresAtMs > nowMs);
    assert.ok(URL.canParse(url));
    assert.is(headers['content-length'], String(EXPECTED.bytes));
  });

  test('erasing the owner takes what was sent and what was granted', async ({ store }) => {
    await send(await grant(store), CONTENT);
    valueOf(await store.eraseOwner(ADA));
    assert.is(errorOf(await store.arrived(ADA, KEY, EXPECTED)).kind, 'not-found');
    assert.equal(valueOf(await store.list(ADA)), []);
  });

  run();
}

/** What `DirectUploads` promises of a store that no client reaches. */
export function noDirectUploadsContract(name: string, make: () => Promise<UnderTest<DirectUploads>>): void {
  const { test, run } = suiteOver<DirectUploads, UnderTest<DirectUploads>>(`no direct uploads: ${name}`, make);

  test('every question is answered by there being none', async ({ store }) => {
    assert.equal(errorOf(await store.grant(ADA, KEY, EXPECTED, 0)), { kind: 'direct-upload-unavailable' });
    assert.equal(errorOf(await store.arrived(ADA, KEY, EXPECTED)), { kind: 'direct-upload-unavailable' });
  });

  run();
}
