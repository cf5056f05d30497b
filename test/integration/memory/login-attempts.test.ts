import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryLoginAttempts } from '../../../adapters/memory/login-attempts.ts';
import { loginAttemptsContract } from '../../contracts/login-attempts.contract.ts';
import { valueOf } from '../../unit/result-values.ts';

loginAttemptsContract('memory', async () => ({ store: new MemoryLoginAttempts(), close: async () => undefined }));

test('what is over is removed with a later failure, also where nobody comes back', async () => {
  const store = new MemoryLoginAttempts();
  const policy = { mostFailures: 3, lockMs: 60_000 };
  for (let i = 0; i < 100; i++) valueOf(await store.recordFailure(`${i}@example.org`, i, policy));
  assert.is(store.size, 100);
  valueOf(await store.recordFailure('0@example.org', 60_050, policy));
  assert.is(store.size, 50);
  valueOf(await store.recordFailure('late@example.org', 200_000, policy));
  assert.is(store.size, 1);
});

test.run();
