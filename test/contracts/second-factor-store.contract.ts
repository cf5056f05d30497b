import * as assert from 'uvu/assert';
import type { SecondFactorProof, SecondFactorStore } from '../../core/auth/second-factor-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('ada');
const BEN = userId('ben');
const BEGUN = { factorId: 'f-1', secret: 'JBSWY3DPEHPK3PXP' };
const HASHES = ['h-1', 'h-2', 'h-3'];
const totp = (step: number, factorId = BEGUN.factorId): SecondFactorProof => ({ kind: 'totp', factorId, step });
const recovery = (hash: string): SecondFactorProof => ({ kind: 'recovery', hash });

async function withFactor(store: SecondFactorStore, user = ADA): Promise<void> {
  assert.is(valueOf(await store.begin(user, BEGUN)), true);
  assert.is(valueOf(await store.enable(user, { factorId: BEGUN.factorId, step: 10, recoveryHashes: HASHES })), true);
}

/** What every `SecondFactorStore` promises. `make` is called once a test. */
export function secondFactorStoreContract(name: string, make: () => Promise<UnderTest<SecondFactorStore>>): void {
  const { test, run } = suiteOver<SecondFactorStore, UnderTest<SecondFactorStore>>(`second factors: ${name}`, make);

  test('a factor that was begun is there, proves nothing, and gives way to another', async ({ store }) => {
    assert.is(valueOf(await store.find(ADA)), null);
    valueOf(await store.begin(ADA, BEGUN));
    const kept = { user: ADA, ...BEGUN, enabled: false, lastStep: null, recoveryHashes: [] };
    assert.equal(valueOf(await store.find(ADA)), kept);
    for (const proof of [totp(11), recovery('h-1')]) {
      assert.is(valueOf(await store.spend(ADA, proof)), false);
      assert.is(valueOf(await store.removeBy(ADA, proof)), false);
    }
    const other = { factorId: 'f-2', secret: 'GEZDGNBV' };
    assert.is(valueOf(await store.begin(ADA, other)), true);
    assert.equal(valueOf(await store.find(ADA)), { ...kept, ...other });
    const late = { factorId: BEGUN.factorId, step: 10, recoveryHashes: HASHES };
    assert.is(valueOf(await store.enable(ADA, late)), false);
    assert.is(valueOf(await store.enable(BEN, late)), false);
  });

  test('an enabled factor is neither begun nor enabled again', async ({ store }) => {
    await withFactor(store);
    const kept = { user: ADA, ...BEGUN, enabled: true, lastStep: 10, recoveryHashes: HASHES };
    assert.equal(valueOf(await store.find(ADA)), kept);
    assert.is(valueOf(await store.begin(ADA, { factorId: 'f-2', secret: 'GEZDGNBV' })), false);
    assert.is(valueOf(await store.enable(ADA, { factorId: BEGUN.factorId, step: 12, recoveryHashes: [] })), false);
    assert.equal(valueOf(await store.find(ADA)), kept);
  });

  test('a step is good once, and no earlier one after it', async ({ store }) => {
    await withFactor(store);
    const spend = async (step: number) => valueOf(await store.spend(ADA, totp(step)));
    assert.equal([await spend(10), await spend(9), await spend(11), await spend(11)], [false, false, true, false]);
    assert.equal([await spend(13), await spend(12), await spend(14)], [true, false, true]);
    assert.is(valueOf(await store.spend(ADA, totp(20, 'f-2'))), false);
    assert.is(valueOf(await store.spend(BEN, totp(20))), false);
  });

  test('a recovery code is good once, and leaves the others and the steps as they are', async ({ store }) => {
    await withFactor(store);
    const spend = async (hash: string) => valueOf(await store.spend(ADA, recovery(hash)));
    assert.equal([await spend('h-2'), await spend('h-2'), await spend('h-9')], [true, false, false]);
    const left = valueOf(await store.find(ADA));
    assert.equal([left?.recoveryHashes, left?.lastStep], [['h-1', 'h-3'], 10]);
    assert.is(valueOf(await store.spend(BEN, recovery('h-1'))), false);
  });

  test('a factor is removed by a proof that would be good, and then another one can be begun', async ({ store }) => {
    for (const proof of [totp(11), recovery('h-3')]) {
      await withFactor(store);
      await withFactor(store, BEN);
      for (const wrong of [totp(10), totp(11, 'f-2'), recovery('h-9')]) {
        assert.is(valueOf(await store.removeBy(ADA, wrong)), false);
      }
      assert.is(valueOf(await store.removeBy(ADA, proof)), true);
      assert.is(valueOf(await store.removeBy(ADA, proof)), false);
      assert.is(valueOf(await store.find(ADA)), null);
      assert.is(valueOf(await store.find(BEN))?.enabled, true);
      valueOf(await store.eraseOwner(BEN));
    }
  });

  test('of the same proof at the same time one is taken', async ({ store }) => {
    await withFactor(store);
    for (const proof of [totp(11), recovery('h-1')]) {
      const taken = await Promise.all(Array.from({ length: 10 }, () => store.spend(ADA, proof)));
      assert.is(taken.filter((outcome) => valueOf(outcome)).length, 1);
    }
  });

  test("erasing a person removes their factor and nobody else's, and twice is as good as once", async ({ store }) => {
    await withFactor(store);
    await withFactor(store, BEN);
    for (let times = 0; times < 2; times += 1) valueOf(await store.eraseOwner(ADA));
    assert.is(valueOf(await store.find(ADA)), null);
    assert.is(valueOf(await store.find(BEN))?.enabled, true);
  });

  test('people of any id are told apart', async ({ store }) => {
    const users = AWKWARD_IDS.map((id) => userId(id));
    for (const user of users) valueOf(await store.begin(user, { factorId: user, secret: user }));
    for (const user of users) assert.is(valueOf(await store.find(user))?.secret, user);
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const hashes = [...HASHES];
    valueOf(await store.begin(ADA, BEGUN));
    valueOf(await store.enable(ADA, { factorId: BEGUN.factorId, step: 1, recoveryHashes: hashes }));
    hashes.pop();
    const found = valueOf(await store.find(ADA));
    assert.ok(found);
    Object.assign(found, { enabled: false });
    (found.recoveryHashes as string[]).push('h-9');
    const kept = valueOf(await store.find(ADA));
    assert.equal([kept?.enabled, kept?.recoveryHashes], [true, HASHES]);
  });

  run();
}

/** What a `SecondFactorStore` that outlives its process promises besides. */
export function durableSecondFactorStoreContract(
  name: string,
  make: () => Promise<DurableUnderTest<SecondFactorStore>>,
): void {
  const { test, run } = suiteOver<SecondFactorStore, DurableUnderTest<SecondFactorStore>>(
    `durable second factors: ${name}`,
    make,
  );

  test('a factor and what was used up of it are there after closing and opening again', async (under) => {
    await withFactor(under.store);
    valueOf(await under.store.spend(ADA, totp(11)));
    valueOf(await under.store.spend(ADA, recovery('h-1')));
    const reopened = await under.reopen();
    assert.is(valueOf(await reopened.spend(ADA, totp(11))), false);
    assert.is(valueOf(await reopened.spend(ADA, recovery('h-1'))), false);
    assert.is(valueOf(await reopened.spend(ADA, totp(12))), true);
  });

  run();
}

/** What a `SecondFactorStore` that several processes share promises besides. */
export function sharedSecondFactorStoreContract(
  name: string,
  make: () => Promise<SharedUnderTest<SecondFactorStore>>,
): void {
  const { test, run } = suiteOver<SecondFactorStore, SharedUnderTest<SecondFactorStore>>(
    `shared second factors: ${name}`,
    make,
  );

  test('a proof that two processes are shown at once is taken by one', async (under) => {
    await withFactor(under.store);
    for (let step = 11; step < 31; step += 1) {
      const both = await Promise.all([under.store.spend(ADA, totp(step)), under.other.spend(ADA, totp(step))]);
      assert.is(both.filter((outcome) => valueOf(outcome)).length, 1);
    }
  });

  test('of two processes that enable at once one does, and shows the codes that are kept', async (under) => {
    valueOf(await under.store.begin(ADA, BEGUN));
    const enable = (store: SecondFactorStore, hash: string) =>
      store.enable(ADA, { factorId: BEGUN.factorId, step: 1, recoveryHashes: [hash] });
    const [first, second] = await Promise.all([enable(under.store, 'a'), enable(under.other, 'b')]);
    assert.is(valueOf(first) !== valueOf(second), true);
    assert.equal(valueOf(await under.store.find(ADA))?.recoveryHashes, [valueOf(first) ? 'a' : 'b']);
  });

  run();
}
