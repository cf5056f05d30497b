import * as assert from 'uvu/assert';
import { CLIENTS_TO_LOCK_ACCOUNT } from '../../core/auth/login-lock.ts';
import type { LockPolicy, LoginAttempts } from '../../core/auth/password-ports.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = 'ada@example.org';
const NOW = 1_741_000_000_000;
const LOCK_MS = 15 * 60_000;
const POLICY: LockPolicy = { mostFailures: 3, lockMs: LOCK_MS };

/** What every `LoginAttempts` promises. `make` is called once a test. */
export function loginAttemptsContract(name: string, make: () => Promise<UnderTest<LoginAttempts>>): void {
  const { test, run } = suiteOver<LoginAttempts, UnderTest<LoginAttempts>>(`login attempts: ${name}`, make);

  const fail = async (store: LoginAttempts, atMs: number, email = ADA) =>
    valueOf(await store.recordFailure(email, atMs, POLICY));
  const succeed = async (store: LoginAttempts, atMs: number, email = ADA) =>
    valueOf(await store.recordSuccess(email, atMs, POLICY));
  const lockedUntil = async (store: LoginAttempts, atMs: number, email = ADA) =>
    valueOf(await store.lockedUntil(email, atMs, POLICY));
  const locked = async (store: LoginAttempts, atMs: number, email = ADA): Promise<void> => {
    for (let failures = 0; failures < 3; failures++) assert.is(await fail(store, atMs, email), null);
  };

  test('an address that nobody has tried is free', async ({ store }) => {
    assert.is(await lockedUntil(store, NOW), null);
    assert.is(await succeed(store, NOW), null);
    valueOf(await store.clear(ADA));
  });

  test('so many failures in a row lock an address, and not one fewer', async ({ store }) => {
    assert.is(await fail(store, NOW), null);
    assert.is(await fail(store, NOW + 1), null);
    assert.is(await lockedUntil(store, NOW + 1), null);
    assert.is(await fail(store, NOW + 2.5), null);
    assert.is(await lockedUntil(store, NOW + 3), NOW + 2.5 + LOCK_MS);
  });

  test('while an address is locked nothing prolongs it, and nothing ends it but time', async ({ store }) => {
    await locked(store, NOW);
    for (const afterMs of [1, 1000, LOCK_MS - 1]) {
      assert.is(await fail(store, NOW + afterMs), NOW + LOCK_MS);
      assert.is(await succeed(store, NOW + afterMs), NOW + LOCK_MS);
      assert.is(await lockedUntil(store, NOW + afterMs), NOW + LOCK_MS);
    }
    assert.is(await lockedUntil(store, NOW + LOCK_MS), null);
  });

  test('after the lock an address has all its tries again, and can be locked again', async ({ store }) => {
    await locked(store, NOW);
    await locked(store, NOW + LOCK_MS);
    assert.is(await lockedUntil(store, NOW + LOCK_MS), NOW + 2 * LOCK_MS);
  });

  test('a success forgets the failures before it', async ({ store }) => {
    for (let rounds = 0; rounds < 5; rounds++) {
      await fail(store, NOW + rounds);
      await fail(store, NOW + rounds);
      assert.is(await succeed(store, NOW + rounds), null);
    }
    assert.is(await lockedUntil(store, NOW + 5), null);
  });

  test('failures that lie as far apart as a lock lasts are not in a row', async ({ store }) => {
    for (let times = 0; times < 6; times++) await fail(store, NOW + times * LOCK_MS);
    assert.is(await lockedUntil(store, NOW + 5 * LOCK_MS), null);
    await fail(store, NOW + 6 * LOCK_MS - 1);
    assert.is(await lockedUntil(store, NOW + 6 * LOCK_MS), null);
    await fail(store, NOW + 6 * LOCK_MS);
    assert.is(await lockedUntil(store, NOW + 6 * LOCK_MS), NOW + 7 * LOCK_MS);
  });

  test('clearing frees a locked address at once, with all its tries', async ({ store }) => {
    await locked(store, NOW);
    valueOf(await store.clear(ADA));
    assert.is(await lockedUntil(store, NOW), null);
    await locked(store, NOW);
    assert.is(await lockedUntil(store, NOW), NOW + LOCK_MS);
  });

  test('failures at the same time are counted exactly, however many there are', async ({ store }) => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.recordFailure(ADA, NOW, POLICY)));
    const answers = outcomes.map((outcome) => valueOf(outcome));
    assert.is(answers.filter((until) => until === null).length, 3);
    assert.is(answers.filter((until) => until === NOW + LOCK_MS).length, 17);
  });

  test('addresses do not touch each other', async ({ store }) => {
    await locked(store, NOW);
    for (const email of AWKWARD_IDS) {
      assert.is(await lockedUntil(store, NOW, email), null, email);
      await locked(store, NOW + 1, email);
    }
    for (const email of AWKWARD_IDS) assert.is(await lockedUntil(store, NOW + 1, email), NOW + 1 + LOCK_MS);
    assert.is(await lockedUntil(store, NOW + 1), NOW + LOCK_MS);
  });

  const HERE = '192.0.2.1';
  const THERE = '2001:db8:0:1::/64';
  const failFrom = async (store: LoginAttempts, client: string, times = 1): Promise<readonly (number | null)[]> => {
    const answers: (number | null)[] = [];
    for (let i = 0; i < times; i++) answers.push(valueOf(await store.recordFailure(ADA, NOW, POLICY, client)));
    return answers;
  };

  test('failures from one client lock that client out, and nobody else', async ({ store }) => {
    assert.equal(await failFrom(store, HERE, 4), [null, null, null, NOW + LOCK_MS]);
    assert.is(valueOf(await store.lockedUntil(ADA, NOW, POLICY, HERE)), NOW + LOCK_MS);
    assert.is(valueOf(await store.lockedUntil(ADA, NOW, POLICY, THERE)), null);
    assert.is(valueOf(await store.recordSuccess(ADA, NOW, POLICY, THERE)), null);
    assert.is(valueOf(await store.recordSuccess(ADA, NOW, POLICY, HERE)), NOW + LOCK_MS);
    assert.is(valueOf(await store.lockedUntil('ben@example.org', NOW, POLICY, HERE)), null);
  });

  test('a success from one client forgets what failed from there, and nothing else', async ({ store }) => {
    await failFrom(store, HERE, 2);
    await failFrom(store, THERE, 2);
    assert.is(valueOf(await store.recordSuccess(ADA, NOW, POLICY, HERE)), null);
    assert.equal(await failFrom(store, HERE, 3), [null, null, null]);
    assert.equal(await failFrom(store, THERE, 2), [null, NOW + LOCK_MS]);
  });

  test('failures from very many clients lock the account for all, until time or its owner ends it', async ({
    store,
  }) => {
    const clients = Array.from({ length: CLIENTS_TO_LOCK_ACCOUNT }, (_, i) => `192.0.2.${String(i)}`);
    for (const client of clients.slice(1)) await failFrom(store, client, 3);
    assert.is(valueOf(await store.lockedUntil(ADA, NOW, POLICY, 'elsewhere')), null);
    assert.is(valueOf(await store.recordSuccess(ADA, NOW, POLICY, 'elsewhere')), null, 'which forgets none of them');
    await failFrom(store, clients[0]!, 3);
    assert.is(valueOf(await store.lockedUntil(ADA, NOW, POLICY, 'elsewhere')), NOW + LOCK_MS);
    assert.is(valueOf(await store.lockedUntil(ADA, NOW + LOCK_MS, POLICY, 'elsewhere')), null);
    valueOf(await store.clear(ADA));
    for (const client of ['elsewhere', clients[0]!]) {
      assert.is(valueOf(await store.lockedUntil(ADA, NOW, POLICY, client)), null, client);
    }
  });

  test('a lock that a wrong clock has made far too long counts for nothing', async ({ store }) => {
    await locked(store, NOW + 1000 * LOCK_MS);
    assert.is(await lockedUntil(store, NOW), null);
    assert.is(await succeed(store, NOW), null);
  });

  run();
}

/** What `LoginAttempts` that outlive their process promise besides. */
export function durableLoginAttemptsContract(name: string, make: () => Promise<DurableUnderTest<LoginAttempts>>): void {
  const { test, run } = suiteOver<LoginAttempts, DurableUnderTest<LoginAttempts>>(
    `durable login attempts: ${name}`,
    make,
  );

  test('failures and locks are there after closing and opening again', async (under) => {
    for (let failures = 0; failures < 2; failures++) valueOf(await under.store.recordFailure(ADA, NOW, POLICY));
    const reopened = await under.reopen();
    valueOf(await reopened.recordFailure(ADA, NOW, POLICY));
    const again = await under.reopen();
    assert.is(valueOf(await again.lockedUntil(ADA, NOW, POLICY)), NOW + LOCK_MS);
  });

  run();
}
