import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { MasterKeyFiles } from '../../../adapters/filesystem/master-key-files.ts';
import {
  durableMasterKeysContract,
  masterKeysContract,
  sharedMasterKeysContract,
} from '../../contracts/master-keys.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'clarity-master-keys-'));
  const folder = path.join(parent, 'not', 'there', 'yet');
  return {
    folder,
    store: new MasterKeyFiles(folder),
    other: new MasterKeyFiles(folder),
    reopen: async () => new MasterKeyFiles(folder),
    close: () => rm(parent, { recursive: true, force: true }),
  };
};

masterKeysContract('filesystem', make);
durableMasterKeysContract('filesystem', make);
sharedMasterKeysContract('filesystem', make);

const { test, run } = suiteOver('master key files', make);

test('folder and files are closed to other users, and nothing unfinished stays', async ({ folder, store }) => {
  await Promise.all([store.addVersion(), store.addVersion()]);
  assert.equal((await readdir(folder)).toSorted(), ['master-key-1.json', 'master-key-2.json']);
  assert.is((await stat(folder)).mode & 0o777, 0o700);
  assert.is((await stat(path.join(folder, 'master-key-2.json'))).mode & 0o777, 0o600);
});

test('a file that is no key is no reason to make another one', async ({ folder, store }) => {
  valueOf(await store.addVersion());
  for (const content of ['', '{}', 'null', '{"version":2,"key":"AAAA"}', '{"version":1,"key":"x"}']) {
    await writeFile(path.join(folder, 'master-key-1.json'), content);
    for (const error of [
      errorOf(await store.versions()),
      errorOf(await store.versionsOrFirst()),
      errorOf(await store.addVersion()),
    ]) {
      assert.is(error.port, 'MasterKeys');
      assert.match(error.cause, 'master-key-1.json is no master key');
    }
  }
  assert.equal(await readdir(folder), ['master-key-1.json']);
});

test('other files of the folder are no keys', async ({ folder, store }) => {
  const first = valueOf(await store.addVersion());
  for (const name of ['signing-key.json', 'master-key-02.json', 'master-key-2.json.bak', 'master-key-x.json']) {
    await writeFile(path.join(folder, name), '{}');
  }
  assert.equal(valueOf(await store.versions()), [first]);
});

run();
