import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestArgon2 } from '../../../adapters/local-identity/argon2-engines.ts';
import type { Argon2Task } from '../../../adapters/local-identity/argon2.ts';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { CHEAP_ARGON2, localInstallation } from './local-installation.ts';

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };

test('a wrong password and an unknown address cost the same hashes, at the same cost, of the same sizes', async () => {
  const tasks: Argon2Task[] = [];
  const real = bestArgon2();
  const argon2 = (task: Argon2Task) => (tasks.push(task), real(task));
  const passwords = new PasswordHashes({ cost: CHEAP_ARGON2, argon2 });
  const { provider } = localInstallation({ lock: { mostFailures: 100, lockMs: 1000 } }, { passwords });
  valueOf(await provider.register(ADA));
  const workOf = async (email: string, password: string) => {
    tasks.length = 0;
    const error = errorOf(await provider.login(email, password));
    return {
      error,
      work: tasks.map(({ cost, octets, salt, password: hashed }) => [cost, octets, salt.length, hashed.length]),
    };
  };
  for (const password of ['Wrong1password', 'x', 'é'.repeat(128), '']) {
    const wrong = await workOf(ADA.email, password);
    const unknown = await workOf('nobody@example.org', password);
    assert.equal(unknown, wrong);
    assert.is(wrong.work.length, password === '' ? 0 : 1);
  }
});

test.run();
