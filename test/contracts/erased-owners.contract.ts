import * as assert from 'uvu/assert';
import type { ErasedOwners, ErasureMark } from '../../core/account/erased-owners.ts';
import { valueOf } from '../unit/result-values.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = 'a'.repeat(64) as ErasureMark;
const BEN = 'b'.repeat(64) as ErasureMark;
const NOW = Date.UTC(2025, 2, 10, 12);

const isRemembered = async (store: ErasedOwners, mark: ErasureMark, nowMs: number): Promise<boolean> =>
  valueOf(await store.isRemembered(mark, nowMs));

/** What every `ErasedOwners` promises. `make` is called once a test. */
export function erasedOwnersContract(name: string, make: () => Promise<UnderTest<ErasedOwners>>): void {
  const { test, run } = suiteOver<ErasedOwners, UnderTest<ErasedOwners>>(`erased owners: ${name}`, make);

  test('somebody is remembered until their time is over, and nobody else is', async ({ store }) => {
    assert.is(await isRemembered(store, ADA, NOW), false);
    valueOf(await store.remember(ADA, NOW, NOW + 1000));
    assert.is(await isRemembered(store, ADA, NOW), true);
    assert.is(await isRemembered(store, ADA, NOW + 999), true);
    assert.is(valueOf(await store.rememberedUntil(ADA, NOW + 999)), NOW + 1000);
    assert.is(valueOf(await store.rememberedUntil(ADA, NOW + 1000)), null);
    assert.is(valueOf(await store.rememberedUntil(BEN, NOW)), null);
    assert.is(await isRemembered(store, ADA, NOW + 1000), false);
    assert.is(await isRemembered(store, BEN, NOW), false);
  });

  test('to be told again never shortens the time', async ({ store }) => {
    valueOf(await store.remember(ADA, NOW, NOW + 1000));
    valueOf(await store.remember(ADA, NOW, NOW + 500));
    assert.is(await isRemembered(store, ADA, NOW + 999), true);
    valueOf(await store.remember(ADA, NOW, NOW + 2000));
    assert.is(await isRemembered(store, ADA, NOW + 1999), true);
  });

  test('to forget one whose time is over keeps those whose time is not', async ({ store }) => {
    valueOf(await store.remember(ADA, NOW, NOW + 1000));
    valueOf(await store.remember(BEN, NOW, NOW + 5000));
    valueOf(await store.remember(ADA, NOW + 2000, NOW + 3000));
    assert.is(await isRemembered(store, ADA, NOW + 2500), true);
    assert.is(await isRemembered(store, BEN, NOW + 4999), true);
  });

  run();
}

/** What one that outlives its process promises besides. */
export function durableErasedOwnersContract(name: string, make: () => Promise<DurableUnderTest<ErasedOwners>>): void {
  const { test, run } = suiteOver<ErasedOwners, DurableUnderTest<ErasedOwners>>(`durable erased owners: ${name}`, make);

  test('somebody is remembered after closing and opening again', async (under) => {
    valueOf(await under.store.remember(ADA, NOW, NOW + 1000));
    assert.is(await isRemembered(await under.reopen(), ADA, NOW), true);
  });

  run();
}

/** What one that several processes work on promises besides. */
export function sharedErasedOwnersContract(name: string, make: () => Promise<SharedUnderTest<ErasedOwners>>): void {
  const { test, run } = suiteOver<ErasedOwners, SharedUnderTest<ErasedOwners>>(`shared erased owners: ${name}`, make);

  test('what one process remembers, every other knows at once', async ({ store, other }) => {
    valueOf(await store.remember(ADA, NOW, NOW + 1000));
    assert.is(await isRemembered(other, ADA, NOW), true);
  });

  run();
}
