import { decodeProtectedHeader } from 'jose';
import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KEY_LEAD_MS, KEYS_LOOKED_UP_EVERY_MS, SESSION_DAYS } from '../../../adapters/local-identity/key-succession.ts';
import {
  listSigningKeys,
  rotateAgedKeys,
  rotateSigningKeys,
} from '../../../adapters/local-identity/rotate-signing-keys.ts';
import { MemorySigningKeyStore } from '../../../adapters/memory/signing-key-store.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { localInstallation } from './local-installation.ts';

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };
const DAY = 86_400_000;

async function withAda(signingKeys = new MemorySigningKeyStore()) {
  const installation = localInstallation({}, { signingKeys });
  const { provider, deps } = installation;
  valueOf(await provider.register(ADA));
  return {
    ...installation,
    signingKeys,
    login: async () => valueOf(await provider.login(ADA.email, ADA.password).map(tokensOf)),
    rotate: async () => valueOf(await rotateSigningKeys({ signingKeys, clock: deps.clock })),
    keyIds: async () => valueOf(await listSigningKeys({ signingKeys, clock: deps.clock })).map(({ key }) => key.keyId),
  };
}

const keyIdOf = (token: string): string | undefined => decodeProtectedHeader(token).kid;

test('a new key signs while serving, and what the old one signed stays good', async () => {
  const { provider, time, login, rotate, keyIds } = await withAda();
  const before = await login();
  const { added, removed, signsFromMs } = await rotate();
  assert.equal([removed, signsFromMs], [[], time.nowMs + 1 + KEY_LEAD_MS]);
  assert.equal(await keyIds(), [keyIdOf(before.accessToken), added]);
  time.nowMs = signsFromMs;
  const after = await login();
  assert.is(keyIdOf(after.accessToken), added);
  valueOf(await provider.verify(before.accessToken));
  valueOf(await provider.verify(after.accessToken));
  const renewed = valueOf(await provider.refresh(before.refreshToken));
  assert.is(keyIdOf(renewed.refreshToken), added);
});

test('a key signs only once every process has had the time to learn of it', async () => {
  const { provider, time, deps, login, rotate } = await withAda();
  const second = localInstallation({}, deps).provider;
  valueOf(await second.prepare());
  const { added, signsFromMs } = await rotate();
  for (; time.nowMs < signsFromMs; time.nowMs += KEYS_LOOKED_UP_EVERY_MS / 3) {
    const { accessToken } = await login();
    assert.is.not(keyIdOf(accessToken), added);
    valueOf(await second.verify(accessToken));
  }
  const { accessToken } = await login();
  assert.is(keyIdOf(accessToken), added);
  valueOf(await second.verify(accessToken));
  valueOf(await provider.verify(accessToken));
});

test('a process that has slept learns of a key from the first token of it', async () => {
  const first = await withAda();
  const sleeping = localInstallation({}, first.deps).provider;
  valueOf(await sleeping.prepare());
  const { signsFromMs } = await first.rotate();
  first.time.nowMs = signsFromMs;
  valueOf(await sleeping.verify((await first.login()).accessToken));
});

test('an old key checks until the last refresh token of it has ended, and is removed then', async () => {
  const { provider, time, login, rotate, keyIds } = await withAda();
  const [old] = await keyIds();
  const { added } = await rotate();
  time.nowMs += KEY_LEAD_MS;
  const last = await login();
  assert.is(keyIdOf(last.refreshToken), old);
  time.nowMs += SESSION_DAYS * DAY - 1;
  assert.equal((await rotate()).removed, []);
  valueOf(await provider.refresh(last.refreshToken));
  time.nowMs += 2 * KEY_LEAD_MS + 2;
  assert.equal(errorOf(await provider.refresh(last.refreshToken)), { kind: 'invalid-refresh-token' });
  const { removed } = await rotate();
  assert.equal(removed, [old]);
  assert.is((await keyIds())[0], added);
});

test('another key follows one that is too old, once, and nobody is logged out', async () => {
  const { provider, signingKeys, time, deps, login, keyIds } = await withAda();
  const renew = async () => valueOf(await rotateAgedKeys({ signingKeys, clock: deps.clock }, 90 * DAY));
  const [old] = await keyIds();
  time.nowMs += 90 * DAY;
  assert.is(await renew(), null);
  const before = await login();
  time.nowMs += 1;
  const added = (await renew())?.added;
  assert.is(await renew(), null);
  assert.equal(await keyIds(), [old, added]);
  time.nowMs += KEY_LEAD_MS;
  assert.is(keyIdOf((await login()).accessToken), added);
  valueOf(await provider.refresh(before.refreshToken));
});

test('a key that does not say when it was made counts as too old', async () => {
  const { signingKeys, deps, keyIds } = await withAda();
  const made = await keyIds();
  const [stored] = valueOf(await signingKeys.loadOrCreate(() => Promise.reject(new Error('there is one'))));
  const { created_at_ms: _, ...undated } = JSON.parse(stored?.jwk ?? '') as Record<string, unknown>;
  const older = new MemorySigningKeyStore();
  valueOf(await older.loadOrCreate(() => Promise.resolve(JSON.stringify(undated))));
  const rotated = valueOf(await rotateAgedKeys({ signingKeys: older, clock: deps.clock }, DAY));
  const all = valueOf(await listSigningKeys({ signingKeys: older, clock: deps.clock })).map(({ key }) => key.keyId);
  assert.equal(all, [...made, rotated?.added]);
});

test('processes that rotate at the same time lose no key', async () => {
  const { time, login, rotate, keyIds, provider } = await withAda();
  const added = (await Promise.all(Array.from({ length: 5 }, () => rotate()))).map((rotated) => rotated.added);
  assert.equal(new Set((await keyIds()).slice(1)), new Set(added));
  time.nowMs += KEY_LEAD_MS + 1;
  valueOf(await provider.verify((await login()).accessToken));
});

test('tokens of unknown keys make the store be asked once a second, however many come', async () => {
  let looks = 0;
  const real = new MemorySigningKeyStore();
  const counting = replacing(real, {
    loadOrCreate: (create: () => Promise<string>) => {
      looks += 1;
      return real.loadOrCreate(create);
    },
  });
  const { provider, time, login } = await withAda(counting);
  const [header = '', payload, signature] = (await login()).accessToken.split('.');
  const { alg, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>;
  const forged = (kid: string) =>
    `${Buffer.from(JSON.stringify({ alg, kid, typ })).toString('base64url')}.${payload}.${signature}`;
  time.nowMs += 1000;
  looks = 0;
  for (let i = 0; i < 50; i += 1) errorOf(await provider.verify(forged(`key ${i}`)));
  assert.is(looks, 1);
});

test('a store that is down while serving is passed over: the keys at hand serve on', async () => {
  let isDown = false;
  const real = new MemorySigningKeyStore();
  const down = portUnavailable('SigningKeyStore', 'loadOrCreate', 'down');
  const failing = replacing(real, {
    loadOrCreate: (create: () => Promise<string>) => (isDown ? errAsync(down) : real.loadOrCreate(create)),
  });
  const { provider, time, login } = await withAda(failing);
  await login();
  isDown = true;
  time.nowMs += 2 * KEYS_LOOKED_UP_EVERY_MS;
  valueOf(await provider.verify((await login()).accessToken));
});

test('a key that is not stored is not spoken of as added, and the others stay', async () => {
  const real = new MemorySigningKeyStore();
  const down = portUnavailable('SigningKeyStore', 'add', 'disk full');
  const { login, keyIds, deps } = await withAda(replacing(real, { add: () => errAsync(down) }));
  await login();
  const before = await keyIds();
  const failing = { signingKeys: replacing(real, { add: () => errAsync(down) }), clock: deps.clock };
  assert.equal(errorOf(await rotateSigningKeys(failing)), down);
  assert.equal(await keyIds(), before);
});

test.run();
