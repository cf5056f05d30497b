import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileSigningKeyStore } from '../../../adapters/filesystem/signing-key-store.ts';
import { durableSigningKeyStoreContract, signingKeyStoreContract } from '../../contracts/signing-key-store.contract.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-keys-'));
  const file = path.join(folder, 'keys', 'signing-key.json');
  return {
    file,
    store: new FileSigningKeyStore(path.dirname(file)),
    reopen: async () => new FileSigningKeyStore(path.dirname(file)),
    close: () => rm(folder, { recursive: true, force: true }),
  };
};

signingKeyStoreContract('filesystem', make);
durableSigningKeyStoreContract('filesystem', make);

const files = suite('file signing key store');

files('the key is the whole content of one file that only this user may read', async () => {
  const { file, store, close } = await make();
  valueOf(await store.loadOrCreate(() => Promise.resolve('the key')));
  assert.is(await readFile(file, 'utf8'), 'the key');
  assert.is((await stat(file)).mode & 0o777, 0o600);
  assert.is((await stat(path.dirname(file))).mode & 0o777, 0o700);
  assert.equal(await readdir(path.dirname(file)), ['signing-key.json']);
  await close();
});

files('a key that is added is a file of its own, closed to others, and the first one is not touched', async () => {
  const { file, store, close } = await make();
  valueOf(await store.loadOrCreate(() => Promise.resolve('the key')));
  const before = await stat(file);
  valueOf(await store.add({ name: 'another', jwk: 'another key' }));
  const folder = path.dirname(file);
  const added = path.join(folder, 'signing-key.another.json');
  assert.is(await readFile(added, 'utf8'), 'another key');
  assert.is((await stat(added)).mode & 0o777, 0o600);
  const after = await stat(file);
  assert.equal([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  assert.equal((await readdir(folder)).sort(), ['signing-key.another.json', 'signing-key.json']);
  valueOf(await store.remove('signing-key'));
  assert.equal(await readdir(folder), ['signing-key.another.json']);
  await close();
});

files('a name that is no file name of a key is refused, and what a stopped start left is no key', async () => {
  const { file, store, close } = await make();
  valueOf(await store.loadOrCreate(() => Promise.resolve('the key')));
  for (const name of ['', '../up', 'a.b', 'a/b', 'x'.repeat(101)]) {
    assert.is(errorOf(await store.add({ name, jwk: 'x' })).kind, 'port-unavailable');
    assert.is(errorOf(await store.remove(name)).kind, 'port-unavailable');
  }
  await writeFile(path.join(path.dirname(file), '.3f0a'), 'half a k');
  assert.is(valueOf(await store.loadOrCreate(() => Promise.resolve('none'))).length, 1);
  await close();
});

files('stores over one folder, as in two processes, get the same key', async () => {
  const { file, close } = await make();
  const keys = await Promise.all(
    Array.from({ length: 12 }, async (_, i) =>
      valueOf(await new FileSigningKeyStore(path.dirname(file)).loadOrCreate(() => Promise.resolve(`key ${i}`))),
    ),
  );
  assert.equal(new Set(keys.flat().map(({ jwk }) => jwk)), new Set([await readFile(file, 'utf8')]));
  assert.equal(await readdir(path.dirname(file)), ['signing-key.json']);
  await close();
});

files.run();
