import * as assert from 'uvu/assert';
import { MemoryMasterKeys } from '../../../adapters/memory/master-keys.ts';
import { LocalKeyWrapper } from '../../../adapters/node/local-key-wrapper.ts';
import { INSTALLATION } from '../../../core/encryption/model.ts';
import { keyWrapperContract } from '../../contracts/key-wrapper.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';

const make = async () => {
  const masterKeys = new MemoryMasterKeys();
  return {
    store: new LocalKeyWrapper(masterKeys),
    rotate: async () => {
      valueOf(await masterKeys.addVersion());
      return new LocalKeyWrapper(masterKeys);
    },
    close: async () => undefined,
  };
};

keyWrapperContract('local', make);

const { test, run } = suiteOver('local key wrapper', make);

test('what was wrapped under a master key that is lost does not open, and says so', async ({ store }) => {
  const { wrapping } = valueOf(await store.newKey(INSTALLATION));
  const error = errorOf(await new LocalKeyWrapper(new MemoryMasterKeys()).unwrap(INSTALLATION, wrapping));
  assert.equal([error.cause, error.retryable], ['version local-1 of the master key is missing', false]);
});

test('a key that is under the newest version already stays as it is', async ({ store }) => {
  const { wrapping } = valueOf(await store.newKey(INSTALLATION));
  assert.is(valueOf(await store.rewrap(INSTALLATION, wrapping)), wrapping);
});

run();
