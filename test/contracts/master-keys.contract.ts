import * as assert from 'uvu/assert';
import { DATA_KEY_BYTES, type MasterKey } from '../../core/encryption/model.ts';
import type { MasterKeys } from '../../core/encryption/ports.ts';
import { valueOf } from '../unit/result-values.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const secretOf = ({ secret }: MasterKey): string => Buffer.from(secret).toString('hex');

/** What every `MasterKeys` promises. `make` is called once a test. */
export function masterKeysContract(name: string, make: () => Promise<UnderTest<MasterKeys>>): void {
  const { test, run } = suiteOver<MasterKeys, UnderTest<MasterKeys>>(`master keys: ${name}`, make);

  test('there is none before the first is asked for, and then the same one', async ({ store }) => {
    assert.equal(valueOf(await store.versions()), []);
    const [first, ...more] = valueOf(await store.versionsOrFirst());
    assert.equal([first?.version, first?.secret.length, more.length], [1, DATA_KEY_BYTES, 0]);
    assert.equal(valueOf(await store.versionsOrFirst()), [first]);
    assert.equal(valueOf(await store.versions()), [first]);
  });

  test('a version more leaves those before it, and all differ', async ({ store }) => {
    valueOf(await store.versionsOrFirst());
    for (const version of [2, 3]) assert.is(valueOf(await store.addVersion()).version, version);
    const versions = valueOf(await store.versions());
    assert.equal(
      versions.map(({ version }) => version),
      [1, 2, 3],
    );
    assert.is(new Set(versions.map(secretOf)).size, 3);
  });

  test('of any number who ask for a version more at once, each gets one of their own', async ({ store }) => {
    const added = await Promise.all(Array.from({ length: 12 }, async () => valueOf(await store.addVersion())));
    assert.is(new Set(added.map(({ version }) => version)).size, 12);
    const kept = valueOf(await store.versions());
    assert.equal(new Set(kept.map(secretOf)), new Set(added.map(secretOf)));
    assert.equal(
      kept.map(({ version }) => version),
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });

  test('a version that is removed is gone, the newest stays, and no version is ever made twice', async ({ store }) => {
    for (let i = 0; i < 3; i++) valueOf(await store.addVersion());
    const [, , newest] = valueOf(await store.versions());
    assert.is(valueOf(await store.removeVersion(1)), true);
    assert.is(valueOf(await store.removeVersion(1)), true, 'gone already');
    assert.is(valueOf(await store.removeVersion(2)), true);
    assert.is(valueOf(await store.removeVersion(3)), false);
    assert.equal(valueOf(await store.versions()), [newest]);
    assert.equal(valueOf(await store.versionsOrFirst()), [newest]);
    assert.is(valueOf(await store.addVersion()).version, 4);
  });

  run();
}

/** What a `MasterKeys` that outlives its process promises besides. */
export function durableMasterKeysContract(name: string, make: () => Promise<DurableUnderTest<MasterKeys>>): void {
  const { test, run } = suiteOver<MasterKeys, DurableUnderTest<MasterKeys>>(`durable master keys: ${name}`, make);

  test('versions are there after closing and opening again', async (under) => {
    valueOf(await under.store.versionsOrFirst());
    valueOf(await under.store.addVersion());
    const before = valueOf(await under.store.versions());
    assert.equal(valueOf(await (await under.reopen()).versions()), before);
  });

  run();
}

/** What one that several processes work on promises besides. */
export function sharedMasterKeysContract(name: string, make: () => Promise<SharedUnderTest<MasterKeys>>): void {
  const { test, run } = suiteOver<MasterKeys, SharedUnderTest<MasterKeys>>(`shared master keys: ${name}`, make);

  test('processes that start at once make one first version', async ({ store, other }) => {
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => (i % 2 === 0 ? store : other).versionsOrFirst()));
    assert.is(new Set(answers.map((answer) => valueOf(answer).map(secretOf).join())).size, 1);
    assert.is(valueOf(await other.versions()).length, 1);
  });

  test('a version of one process is there for the other at once', async ({ store, other }) => {
    const added = valueOf(await store.addVersion());
    assert.equal(valueOf(await other.versions()), [added]);
  });

  run();
}
