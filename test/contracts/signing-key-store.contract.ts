import * as assert from 'uvu/assert';
import type { SigningKeyStore } from '../../core/auth/ports.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const KEY = '{"kty":"OKP","crv":"Ed25519","d":"ä\\n"}';

const neverAsked = (): Promise<string> => Promise.reject(new Error('there is a key already'));

/** What every `SigningKeyStore` promises. `make` is called once a test. */
export function signingKeyStoreContract(name: string, make: () => Promise<UnderTest<SigningKeyStore>>): void {
  const { test, run } = suiteOver<SigningKeyStore, UnderTest<SigningKeyStore>>(`signing key store: ${name}`, make);

  test('the first call makes the key, and every later one answers it', async ({ store }) => {
    assert.is(valueOf(await store.loadOrCreate(() => Promise.resolve(KEY))), KEY);
    assert.is(valueOf(await store.loadOrCreate(neverAsked)), KEY);
  });

  test('callers at the same time get the same key', async ({ store }) => {
    const keys = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => valueOf(await store.loadOrCreate(() => Promise.resolve(`key ${i}`)))),
    );
    assert.is(new Set(keys).size, 1);
    assert.is(valueOf(await store.loadOrCreate(neverAsked)), keys[0]);
  });

  test('a key that could not be made leaves the next call free to make one', async ({ store }) => {
    const failed = errorOf(await store.loadOrCreate(() => Promise.reject(new Error('no randomness'))));
    assert.is(failed.kind, 'port-unavailable');
    assert.match(failed.cause, 'no randomness');
    assert.is(valueOf(await store.loadOrCreate(() => Promise.resolve(KEY))), KEY);
  });

  run();
}

/** What a `SigningKeyStore` that outlives its process promises besides. */
export function durableSigningKeyStoreContract(
  name: string,
  make: () => Promise<DurableUnderTest<SigningKeyStore>>,
): void {
  const { test, run } = suiteOver<SigningKeyStore, DurableUnderTest<SigningKeyStore>>(
    `durable signing key store: ${name}`,
    make,
  );

  test('the key is the same after closing and opening again', async (under) => {
    valueOf(await under.store.loadOrCreate(() => Promise.resolve(KEY)));
    assert.is(valueOf(await (await under.reopen()).loadOrCreate(neverAsked)), KEY);
  });

  run();
}
