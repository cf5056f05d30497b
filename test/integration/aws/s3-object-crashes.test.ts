import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectStore } from '../../../core/health-data/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { makeObjectStore, type ObjectStoreUnderTest } from '../../emulators/object-stores.ts';
import type { Passage } from '../../emulators/proxy.ts';
import { valueOf } from '../../unit/result-values.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const KEY = `uploads/2025/03/10/${ADA}/0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a03.zip`;
const MIB = 1024 * 1024;

/** The process dies after so many requests: none that follows arrives anywhere. */
const dyingAfter = (requests: number): { readonly passage: Passage; readonly made: () => number } => {
  let made = 0;
  return {
    passage: async (request, forward) => {
      made++;
      return made <= requests ? forward(request) : null;
    },
    made: () => made,
  };
};

/** The answer to one request gets lost after it took effect. */
const losingAnswer = (which: number): { readonly passage: Passage; readonly made: () => number } => {
  let made = 0;
  return {
    passage: async (request, forward) => {
      const isLost = ++made === which;
      const answer = await forward(request);
      return isLost ? null : answer;
    },
    made: () => made,
  };
};

const put = async (store: ObjectStore, content: Buffer) =>
  store.put(
    ADA,
    KEY,
    (async function* () {
      yield await Promise.resolve(content);
    })(),
    Number.MAX_SAFE_INTEGER,
  );

/** What is under the key, or null. */
async function found(store: ObjectStore): Promise<Buffer | null> {
  const source = (await store.open(ADA, KEY)).unwrapOr(null);
  if (source === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of source.stream()) parts.push(part);
  return Buffer.concat(parts);
}

const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));

async function leavesNothing({ store, bucket, table }: ObjectStoreUnderTest, when: string): Promise<void> {
  valueOf(await store.eraseOwner(ADA));
  assert.equal(await bucket.keys(), [], when);
  assert.equal(await table.scan(), [], when);
}

const crashes = suite('crashes of the S3 object store');

const NEW = Buffer.from('new');
const CASES = [
  { what: 'a short object', content: NEW, before: null },
  { what: 'an object in parts', content: Buffer.alloc(9 * MIB, 'n'), before: null },
  { what: 'the replacement of an object', content: NEW, before: Buffer.from('old') },
] as const;

for (const { what, content, before } of CASES) {
  crashes(
    `${what}: dying after any request leaves the old state or the new one, and nothing that erasing misses`,
    async () => {
      const under = await makeObjectStore();
      let requests = 0;
      for (let isWhole = false; !isWhole; requests++) {
        if (before !== null) valueOf(await put(under.store, before));
        const { passage, made } = dyingAfter(requests);
        const stored = await put(await under.through(passage), content);
        isWhole = made() <= requests;
        const when = `after ${String(requests)} requests`;
        const left = await found(under.store);
        assert.ok(same(left, content) || (stored.isErr() && same(left, before)), when);
        valueOf(await put(under.store, Buffer.from('again')));
        assert.ok(same(await found(under.store), Buffer.from('again')), when);
        assert.equal(valueOf(await under.store.list(ADA)), [KEY], when);
        await leavesNothing(under, when);
      }
      assert.ok(requests > 4, 'it takes some requests');
      await under.close();
    },
  );

  crashes(`${what}: an answer that is lost does no harm`, async () => {
    const under = await makeObjectStore();
    for (let which = 1; ; which++) {
      if (before !== null) valueOf(await put(under.store, before));
      const { passage, made } = losingAnswer(which);
      const when = `the answer to request ${String(which)}`;
      valueOf(await put(await under.through(passage), content));
      assert.ok(same(await found(under.store), content), when);
      await leavesNothing(under, when);
      if (made() < which) break;
    }
    await under.close();
  });
}

crashes('deleting: dying after any request leaves what can be deleted again', async () => {
  const under = await makeObjectStore();
  let requests = 0;
  for (let isWhole = false; !isWhole; requests++) {
    valueOf(await put(under.store, NEW));
    const { passage, made } = dyingAfter(requests);
    const deleted = await (await under.through(passage)).delete(ADA, KEY);
    isWhole = made() <= requests;
    const left = await found(under.store);
    assert.ok(left === null || (deleted.isErr() && left.equals(NEW)));
    valueOf(await under.store.delete(ADA, KEY));
    assert.is(await found(under.store), null);
    assert.equal(await under.bucket.keys(), []);
    assert.equal(await under.table.scan(), []);
  }
  assert.ok(requests > 4);
  await under.close();
});

crashes.run();
