import * as assert from 'uvu/assert';
import type { SigningKeyStore, StoredSigningKey } from '../../core/auth/signing-key-store.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const KEY = '{"kty":"OKP","crv":"Ed25519","d":"ä\\n"}';

const neverAsked = (): Promise<string> => Promise.reject(new Error('there is a key already'));

const byName = (a: StoredSigningKey, b: StoredSigningKey): number => (a.name < b.name ? -1 : 1);

const keysOf = async (store: SigningKeyStore, create = neverAsked): Promise<readonly StoredSigningKey[]> =>
  [...valueOf(await store.loadOrCreate(create))].sort(byName);

const jwksOf = async (store: SigningKeyStore, create = neverAsked): Promise<readonly string[]> =>
  (await keysOf(store, create)).map(({ jwk }) => jwk);

/** What every `SigningKeyStore` promises. `make` is called once a test. */
export function signingKeyStoreContract(name: string, make: () => Promise<UnderTest<SigningKeyStore>>): void {
  const { test, run } = suiteOver<SigningKeyStore, UnderTest<SigningKeyStore>>(`signing key store: ${name}`, make);

  test('the first call makes the key, and every later one answers it', async ({ store }) => {
    assert.equal(await jwksOf(store, () => Promise.resolve(KEY)), [KEY]);
    assert.equal(await jwksOf(store), [KEY]);
  });

  test('a key that is added is there beside the others until it is removed', async ({ store }) => {
    const [first] = valueOf(await store.loadOrCreate(() => Promise.resolve(KEY)));
    assert.ok(first);
    const [a, b] = [
      { name: 'a-_Z9', jwk: '{"a":1}' },
      { name: 'x'.repeat(100), jwk: '{"b":1}' },
    ] as const;
    valueOf(await store.add(a));
    valueOf(await store.add(b));
    assert.equal(await keysOf(store), [first, a, b].sort(byName));
    for (let times = 0; times < 2; times += 1) valueOf(await store.remove(first.name));
    assert.equal(await keysOf(store), [a, b].sort(byName));
    valueOf(await store.remove(a.name));
    assert.equal(await keysOf(store), [b]);
  });

  test('a name is taken once, and the key that has it stays as it is', async ({ store }) => {
    valueOf(await store.add({ name: 'a', jwk: KEY }));
    const taken = errorOf(await store.add({ name: 'a', jwk: 'another' }));
    assert.equal([taken.kind, taken.retryable], ['port-unavailable', false]);
    assert.equal(await keysOf(store), [{ name: 'a', jwk: KEY }]);
  });

  test('what is removed from an empty store was not there', async ({ store }) => {
    valueOf(await store.remove('a'));
    assert.equal(await jwksOf(store, () => Promise.resolve(KEY)), [KEY]);
  });

  test('of many keys that are added at once none is lost', async ({ store }) => {
    valueOf(await store.loadOrCreate(() => Promise.resolve(KEY)));
    const names = Array.from({ length: 20 }, (_, i) => `key-${i}`);
    for (const outcome of await Promise.all(names.map((name) => store.add({ name, jwk: name })))) valueOf(outcome);
    assert.equal(new Set(await jwksOf(store)), new Set([KEY, ...names]));
  });

  test('callers at the same time get the same key', async ({ store }) => {
    const keys = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => (await jwksOf(store, () => Promise.resolve(`key ${i}`))).join()),
    );
    assert.is(new Set(keys).size, 1);
    assert.equal(await jwksOf(store), [keys[0]]);
  });

  test('a key that could not be made leaves the next call free to make one', async ({ store }) => {
    const failed = errorOf(await store.loadOrCreate(() => Promise.reject(new Error('no randomness'))));
    assert.is(failed.kind, 'port-unavailable');
    assert.match(failed.cause, 'no randomness');
    assert.equal(await jwksOf(store, () => Promise.resolve(KEY)), [KEY]);
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

  test('the keys are the same after closing and opening again', async (under) => {
    valueOf(await under.store.loadOrCreate(() => Promise.resolve(KEY)));
    valueOf(await under.store.add({ name: 'a', jwk: 'another' }));
    const before = await keysOf(under.store);
    assert.equal(await keysOf(await under.reopen()), before);
  });

  run();
}
