import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { MemoryLoginAttempts } from '../../../adapters/memory/login-attempts.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { CHEAP_ARGON2, FIRST_CODE, localInstallation } from './local-installation.ts';

const EMAIL = 'ada@example.org';
const PASSWORD = 'Correct1horse';
const WRONG = 'Wrong1password';
const ADA = { email: 'Ada@Example.org', password: PASSWORD, displayName: null };
const MINUTE = 60_000;
const REFUSED = { kind: 'invalid-credentials' };
const locked = (retryAfterSeconds: number) => ({ kind: 'too-many-attempts', retryAfterSeconds });

async function withAda(...parameters: Parameters<typeof localInstallation>) {
  const installation = localInstallation(...parameters);
  const { userId: ada } = valueOf(await installation.provider.register(ADA));
  const login = (password: string, email = EMAIL) => installation.provider.login(email, password).map(tokensOf);
  return {
    ...installation,
    ada,
    login,
    fail: async (times: number, email = EMAIL) => {
      for (let i = 0; i < times; i += 1) assert.equal(errorOf(await login(WRONG, email)), REFUSED);
    },
  };
}

test('after three wrong passwords even the right one is refused for a quarter of an hour, and then is good', async () => {
  const { time, login, fail } = await withAda();
  await fail(3);
  assert.equal(errorOf(await login(PASSWORD)), locked(900));
  time.nowMs += 15 * MINUTE - 1;
  assert.equal(errorOf(await login(PASSWORD)), locked(1));
  time.nowMs += 1;
  valueOf(await login(PASSWORD));
});

test('the address is one in whatever case it is typed', async () => {
  const { login, fail } = await withAda();
  await fail(1, 'ADA@example.org');
  await fail(1, 'ada@EXAMPLE.org');
  await fail(1);
  assert.equal(errorOf(await login(PASSWORD, 'aDa@example.org')), locked(900));
});

test('an address without an account is locked the same way', async () => {
  const { login, fail } = await withAda();
  await fail(3, 'nobody@example.org');
  assert.equal(errorOf(await login(PASSWORD, 'nobody@example.org')), locked(900));
  valueOf(await login(PASSWORD));
});

test('a locked address costs no password check, and what is tried meanwhile does not prolong the lock', async () => {
  let checks = 0;
  const real = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const passwords = {
    hash: (password: string) => real.hash(password),
    isOutdated: (hash: string) => real.isOutdated(hash),
    matches: (password: string, hash: string | null) => {
      checks += 1;
      return real.matches(password, hash);
    },
  };
  const { time, login, fail } = await withAda({}, { passwords });
  await fail(3);
  for (let minutes = 0; minutes < 15; minutes += 1) {
    assert.equal(errorOf(await login(WRONG)), locked((15 - minutes) * 60));
    time.nowMs += MINUTE;
  }
  assert.is(checks, 3);
  valueOf(await login(PASSWORD));
});

test('a right password in between forgets the wrong ones', async () => {
  const { login, fail } = await withAda();
  for (let rounds = 0; rounds < 4; rounds += 1) {
    await fail(2);
    valueOf(await login(PASSWORD));
  }
});

test('a right password for an unconfirmed address is no failure', async () => {
  const { login, fail, attempts } = await withAda({ requireEmailVerification: true });
  await fail(2);
  for (let times = 0; times < 5; times += 1) {
    assert.equal(errorOf(await login(PASSWORD)), { kind: 'email-not-verified' });
  }
  assert.is(attempts.size, 0);
});

test('of a storm of guesses no more are answered than of a sequence, whichever is right', async () => {
  const { login } = await withAda();
  const wrong = await Promise.all(Array.from({ length: 30 }, () => login(WRONG)));
  const kinds = wrong.map((outcome) => errorOf(outcome).kind);
  assert.is(kinds.filter((kind) => kind === 'invalid-credentials').length, 3);
  assert.is(kinds.filter((kind) => kind === 'too-many-attempts').length, 27);
});

test('a right password whose check ends after the lock has come is refused too', async () => {
  const slow = new PasswordHashes({ cost: CHEAP_ARGON2 });
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const passwords = {
    hash: (password: string) => slow.hash(password),
    isOutdated: (hash: string) => slow.isOutdated(hash),
    matches: (password: string, hash: string | null) =>
      slow.matches(password, hash).map(async (matches) => {
        if (matches) await opened;
        return matches;
      }),
  };
  const { accounts, login, fail } = await withAda({}, { passwords });
  const right = login(PASSWORD);
  await fail(3);
  open();
  assert.is(errorOf(await right).kind, 'too-many-attempts');
  assert.is(accounts.sessions.size, 0);
});

test('many right passwords at the same time are all good', async () => {
  const { login } = await withAda();
  for (const outcome of await Promise.all(Array.from({ length: 10 }, () => login(PASSWORD)))) valueOf(outcome);
});

test('a password that could not be checked is no failure', async () => {
  const down = portUnavailable('IdentityProvider', 'hash a password', 'busy');
  const real = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const passwords = {
    hash: (password: string) => real.hash(password),
    isOutdated: () => false,
    matches: () => errAsync(down),
  };
  const { login, attempts } = await withAda({}, { passwords });
  for (let times = 0; times < 5; times += 1) assert.equal(errorOf(await login(WRONG)), down);
  assert.is(attempts.size, 0);
});

test('where failures cannot be counted nobody is let in, nor guesses', async () => {
  const down = portUnavailable('LoginAttempts', 'any', 'down');
  for (const method of ['lockedUntil', 'recordSuccess', 'recordFailure'] as const) {
    const attempts = replacing(new MemoryLoginAttempts(), { [method]: () => errAsync(down) });
    const { login } = await withAda({}, { attempts });
    assert.equal(errorOf(await login(method === 'recordFailure' ? WRONG : PASSWORD)), down);
  }
});

test('whoever resets their password can log in at once', async () => {
  const { provider, login, fail } = await withAda();
  await fail(3);
  valueOf(await provider.forgot(EMAIL));
  await provider.settled();
  valueOf(await provider.reset({ email: EMAIL, code: FIRST_CODE, newPassword: 'Another2password' }));
  valueOf(await login('Another2password'));
});

test('failures from before an account was made do not keep its owner out; a taken address stays locked', async () => {
  const { provider, login, fail } = await withAda();
  await fail(3, 'eve@example.org');
  valueOf(await provider.register({ ...ADA, email: 'eve@example.org' }));
  valueOf(await login(PASSWORD, 'eve@example.org'));
  await fail(3);
  assert.equal(errorOf(await provider.register(ADA)), { kind: 'email-taken' });
  assert.is(errorOf(await login(PASSWORD)).kind, 'too-many-attempts');
});

test('an account is made also where the failures before it cannot be forgotten', async () => {
  const down = portUnavailable('LoginAttempts', 'clear', 'down');
  const { login } = await withAda(
    {},
    { attempts: replacing(new MemoryLoginAttempts(), { clear: () => errAsync(down) }) },
  );
  valueOf(await login(PASSWORD));
});

test('processes that share the store share the lock', async () => {
  const first = await withAda();
  const second = localInstallation({}, first.deps);
  await first.fail(2);
  assert.equal(errorOf(await second.provider.login(EMAIL, WRONG)), REFUSED);
  assert.equal(errorOf(await first.login(PASSWORD)), locked(900));
});

test('somebody who guesses elsewhere locks out themselves, and not the owner', async () => {
  const { provider } = await withAda();
  const from = (client: string, password: string, email = EMAIL) => provider.login(email, password, client);
  for (let i = 0; i < 3; i++) assert.equal(errorOf(await from('203.0.113.9', WRONG, 'ADA@example.org')), REFUSED);
  assert.equal(errorOf(await from('203.0.113.9', PASSWORD)), locked(900));
  valueOf(await from('192.0.2.1', PASSWORD));
  assert.equal(errorOf(await from('203.0.113.9', PASSWORD)), locked(900));
});

test('the operator decides how many tries there are and how long a lock lasts', async () => {
  const { time, login, fail } = await withAda({ lock: { mostFailures: 1, lockMs: 2 * MINUTE } });
  await fail(1);
  assert.equal(errorOf(await login(PASSWORD)), locked(120));
  time.nowMs += 2 * MINUTE;
  valueOf(await login(PASSWORD));
  for (const lock of [
    { mostFailures: 0, lockMs: MINUTE },
    { mostFailures: 3, lockMs: 0 },
    { mostFailures: Number.NaN, lockMs: MINUTE },
  ]) {
    assert.throws(() => localInstallation({ lock }), /a lock needs/);
  }
});

test.run();
