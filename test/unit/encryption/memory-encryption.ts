import { MemoryDataKeys } from '../../../adapters/memory/data-keys.ts';
import { MemoryMasterKeys } from '../../../adapters/memory/master-keys.ts';
import { nodeCipher } from '../../../adapters/node/cipher.ts';
import { LocalKeyWrapper } from '../../../adapters/node/local-key-wrapper.ts';
import { KeyRing } from '../../../core/encryption/key-ring.ts';
import type { DataKeys, KeyWrapper, MasterKeys } from '../../../core/encryption/ports.ts';
import type { Encryption } from '../../../core/encryption/sealed-fields.ts';
import { SettableClock } from '../memory-world.ts';

export interface MemoryEncryption extends Encryption {
  readonly masterKeys: MasterKeys;
  readonly dataKeys: DataKeys;
  readonly wrapper: KeyWrapper;
  readonly clock: SettableClock;
  /** The same keys as another process sees them. */
  readonly another: () => Encryption;
}

/** Encryption with keys that end with the test. */
export function memoryEncryption(
  given: { readonly dataKeys?: DataKeys; readonly masterKeys?: MasterKeys } = {},
): MemoryEncryption {
  const masterKeys = given.masterKeys ?? new MemoryMasterKeys();
  const dataKeys = given.dataKeys ?? new MemoryDataKeys();
  const clock = new SettableClock();
  const ringOver = (wrapper: KeyWrapper): KeyRing => new KeyRing({ dataKeys, wrapper, cipher: nodeCipher, clock });
  const wrapper = new LocalKeyWrapper(masterKeys);
  return {
    masterKeys,
    dataKeys,
    wrapper,
    clock,
    cipher: nodeCipher,
    keys: ringOver(wrapper),
    another: () => ({ cipher: nodeCipher, keys: ringOver(new LocalKeyWrapper(masterKeys)) }),
  };
}
