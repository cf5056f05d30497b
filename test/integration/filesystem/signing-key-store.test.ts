import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileSigningKeyStore } from '../../../adapters/filesystem/signing-key-store.ts';
import { durableSigningKeyStoreContract, signingKeyStoreContract } from '../../contracts/signing-key-store.contract.ts';
import { valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-keys-'));
  const file = path.join(folder, 'keys', 'signing-key.json');
  return {
    file,
    store: new FileSigningKeyStore(file),
    reopen: async () => new FileSigningKeyStore(file),
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

files('stores over one file, as in two processes, get the same key', async () => {
  const { file, close } = await make();
  const keys = await Promise.all(
    Array.from({ length: 12 }, async (_, i) =>
      valueOf(await new FileSigningKeyStore(file).loadOrCreate(() => Promise.resolve(`key ${i}`))),
    ),
  );
  assert.equal(new Set(keys), new Set([await readFile(file, 'utf8')]));
  assert.equal(await readdir(path.dirname(file)), ['signing-key.json']);
  await close();
});

files.run();
