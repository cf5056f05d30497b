import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryIdempotencyStore } from '../../../adapters/memory/idempotency-store.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { idempotencyStoreContract } from '../../contracts/idempotency-store.contract.ts';
import { valueOf } from '../../unit/result-values.ts';

idempotencyStoreContract('memory', async () => ({ store: new MemoryIdempotencyStore(), close: async () => undefined }));

const memory = suite('calls in memory');

memory('calls whose time is over go when others are begun, whoever their owner is', async () => {
  const store = new MemoryIdempotencyStore();
  const begin = async (owner: string, nowMs: number) => {
    const attempt = { fingerprint: 'f', token: owner, nowMs, heldUntilMs: nowMs + 1, forgetAtMs: nowMs + 100 };
    return valueOf(await store.begin({ owner: userId(owner), operation: 'o', key: 'k' }, attempt));
  };
  for (let i = 0; i < 25; i++) await begin(`old ${i}`, 0);
  assert.is(store.size, 25);
  await begin('new 1', 99);
  assert.is(store.size, 26);
  await begin('new 2', 100);
  await begin('new 3', 100);
  assert.is(store.size, 8);
  await begin('new 4', 100);
  assert.is(store.size, 4);
});

memory.run();
