import * as assert from 'uvu/assert';
import { DATA_KEY_BYTES, INSTALLATION, ownerHolder } from '../../core/encryption/model.ts';
import type { KeyWrapper } from '../../core/encryption/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { suiteOver, type UnderTest } from './under-test.ts';

const ADA = ownerHolder(userId('ada'));
const BEN = ownerHolder(userId('ben'));

export interface RotatingUnderTest extends UnderTest<KeyWrapper> {
  /** The same under a newer version of the master key, which opens what the older one wrapped. */
  readonly rotate: () => Promise<KeyWrapper>;
}

/** What every `KeyWrapper` promises. `make` is called once a test. */
export function keyWrapperContract(name: string, make: () => Promise<RotatingUnderTest>): void {
  const { test, run } = suiteOver<KeyWrapper, RotatingUnderTest>(`key wrapper: ${name}`, make);

  test('every new key is another one, and comes back from its wrapping', async ({ store }) => {
    const made = [valueOf(await store.newKey(ADA)), valueOf(await store.newKey(ADA)), valueOf(await store.newKey(BEN))];
    assert.is(new Set(made.map(({ secret }) => Buffer.from(secret).toString('hex'))).size, 3);
    for (const [i, { secret, wrapping }] of made.entries()) {
      assert.is(secret.length, DATA_KEY_BYTES);
      assert.not.ok(Buffer.from(wrapping.wrapped).includes(Buffer.from(secret)), 'the wrapping hides the key');
      assert.equal(valueOf(await store.unwrap(i === 2 ? BEN : ADA, wrapping)), secret);
    }
  });

  test('a wrapping opens for its holder only', async ({ store }) => {
    const { wrapping } = valueOf(await store.newKey(ADA));
    for (const holder of [BEN, INSTALLATION]) {
      const error = errorOf(await store.unwrap(holder, wrapping));
      assert.equal([error.kind, error.retryable], ['port-unavailable', false]);
    }
  });

  test('a wrapping that was changed or cut short does not open', async ({ store }) => {
    const { wrapping } = valueOf(await store.newKey(ADA));
    for (let i = 0; i < wrapping.wrapped.length; i++) {
      const wrapped = wrapping.wrapped.map((byte, at) => (at === i ? byte ^ 1 : byte));
      assert.is(errorOf(await store.unwrap(ADA, { ...wrapping, wrapped })).retryable, false, `byte ${i}`);
    }
    const cut = { ...wrapping, wrapped: wrapping.wrapped.subarray(1) };
    assert.is(errorOf(await store.unwrap(ADA, cut)).retryable, false);
  });

  test('a key that is wrapped anew is the same key, under the newest version', async ({ store, rotate }) => {
    const { secret, wrapping } = valueOf(await store.newKey(ADA));
    const newer = await rotate();
    assert.equal(valueOf(await newer.unwrap(ADA, wrapping)), secret, 'what was wrapped before opens');
    const anew = valueOf(await newer.rewrap(ADA, wrapping));
    assert.is.not(anew.masterVersion, wrapping.masterVersion);
    assert.equal(valueOf(await newer.unwrap(ADA, anew)), secret);
    assert.is(valueOf(await newer.newKey(ADA)).wrapping.masterVersion, anew.masterVersion);
    assert.equal(valueOf(await store.unwrap(ADA, anew)), secret, 'whoever began before the change opens it too');
    assert.is(errorOf(await newer.rewrap(BEN, wrapping)).retryable, false);
  });

  run();
}
