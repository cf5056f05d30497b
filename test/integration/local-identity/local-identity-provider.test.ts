import { createHash, scryptSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SESSION_DAYS } from '../../../adapters/local-identity/key-succession.ts';
import type { LocalIdentityDeps } from '../../../adapters/local-identity/local-identity-provider.ts';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import {
  AccountTable,
  AUDIENCE,
  CHEAP_ARGON2,
  FIRST_CODE,
  ISSUER,
  KeySlot,
  localInstallation,
} from './local-installation.ts';

const ADA = { email: 'Ada@Example.org', password: 'Correct1horse', displayName: 'Ada' };
const SECOND = 1000;
const DAY = 86_400 * SECOND;

const withAda = async (...parameters: Parameters<typeof localInstallation>) => {
  const installation = localInstallation(...parameters);
  const { userId } = valueOf(await installation.provider.register(ADA));
  return {
    ...installation,
    ada: userId,
    login: () => installation.provider.login(ADA.email, ADA.password).map(tokensOf),
  };
};

/** Password hashing that remembers what it was asked to check. */
function watchedPasswords() {
  const real = new PasswordHashes({ cost: CHEAP_ARGON2 });
  const checks: { readonly password: string; readonly hash: string | null }[] = [];
  const passwords: LocalIdentityDeps['passwords'] = {
    hash: (password) => real.hash(password),
    isOutdated: (hash) => real.isOutdated(hash),
    matches: (password, hash) => {
      checks.push({ password, hash });
      return real.matches(password, hash);
    },
  };
  return { passwords, checks };
}

test('an unknown address costs one password check, as a wrong password does', async () => {
  const { passwords, checks } = watchedPasswords();
  const { provider } = await withAda({}, { passwords });
  errorOf(await provider.login(ADA.email, 'Wrong1password'));
  assert.is(checks.length, 1);
  errorOf(await provider.login('nobody@example.org', 'Wrong1password'));
  assert.equal(checks[1], { password: 'Wrong1password', hash: null });
  assert.is(checks.length, 2);
});

test('the account that is stored shows nothing of the password', async () => {
  const { accounts, ada } = await withAda();
  const account = accounts.accounts.get(ada);
  assert.is(account?.email, 'Ada@Example.org');
  assert.is(account?.emailKey, 'ada@example.org');
  assert.is(account?.emailVerified, false);
  assert.not.match(JSON.stringify(account), new RegExp(ADA.password, 'i'));
});

test('where addresses must be confirmed, an account is not usable and its owner cannot log in before', async () => {
  const { provider, accounts, ada, login } = await withAda({ requireEmailVerification: true });
  const account = accounts.accounts.get(ada);
  assert.ok(account);
  assert.equal(errorOf(await login()), { kind: 'email-not-verified' });
  assert.is(accounts.sessions.size, 0);

  accounts.accounts.set(ada, { ...account, emailVerified: true });
  const { accessToken } = valueOf(await login());
  assert.is(valueOf(await provider.verify(accessToken)).emailVerified, true);
});

test('registering says that an account must be confirmed first', async () => {
  const { provider } = localInstallation({ requireEmailVerification: true });
  assert.is(valueOf(await provider.register(ADA)).usable, false);
});

test('only who knows the password learns that an address is not confirmed', async () => {
  const { provider } = await withAda({ requireEmailVerification: true });
  assert.equal(errorOf(await provider.login(ADA.email, 'Wrong1password')), { kind: 'invalid-credentials' });
});

test('a session can be refreshed for 30 days and not longer, however often it was refreshed', async () => {
  const { provider, time, login } = await withAda();
  let { refreshToken } = valueOf(await login());
  for (let day = 1; day < SESSION_DAYS; day += 1) {
    time.nowMs += DAY;
    ({ refreshToken } = valueOf(await provider.refresh(refreshToken)));
  }
  time.nowMs += DAY - 1;
  ({ refreshToken } = valueOf(await provider.refresh(refreshToken)));
  time.nowMs += 1;
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
});

test('an access token is good for 15 minutes and the clock tolerance', async () => {
  const { provider, time, login } = await withAda({ clockToleranceSeconds: 10 });
  const { accessToken, expiresInSeconds } = valueOf(await login());
  assert.is(expiresInSeconds, 900);
  time.nowMs += 909 * SECOND;
  valueOf(await provider.verify(accessToken));
  time.nowMs += SECOND;
  assert.equal(errorOf(await provider.verify(accessToken)), { kind: 'invalid-token' });
});

test('an access token outlives its revoked session, but never by more than it had left', async () => {
  const { provider, time, login } = await withAda({ clockToleranceSeconds: 0 });
  const { accessToken } = valueOf(await login());
  const { userId, sessionId } = valueOf(await provider.verify(accessToken));
  valueOf(await provider.revokeSession({ userId, sessionId, accessToken, refreshToken: null }));
  valueOf(await provider.verify(accessToken));
  time.nowMs += 900 * SECOND;
  errorOf(await provider.verify(accessToken));
});

test('the sessions of a deleted account, and a session that is gone, cannot be refreshed', async () => {
  const { provider, accounts, ada, login } = await withAda();
  const { refreshToken } = valueOf(await login());
  const account = accounts.accounts.get(ada);
  assert.ok(account);
  accounts.accounts.delete(ada);
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
  accounts.accounts.set(ada, account);
  valueOf(await provider.refresh(refreshToken));
  accounts.sessions.clear();
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
});

test("a refresh token does not reach into another person's session", async () => {
  const { provider, accounts, login } = await withAda();
  const eve = valueOf(await provider.register({ ...ADA, email: 'eve@example.org' })).userId;
  const { refreshToken } = valueOf(await login());
  for (const [id, session] of accounts.sessions) accounts.sessions.set(id, { ...session, userId: eve });
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
});

test('a changed address reaches the next access token', async () => {
  const { provider, ada, login } = await withAda();
  const { accessToken: before, refreshToken } = valueOf(await login());
  valueOf(await provider.changeProfile(ada, { email: 'countess@example.org' }));
  valueOf(await provider.confirmChange(before, FIRST_CODE));
  const { accessToken } = valueOf(await provider.refresh(refreshToken));
  assert.is(valueOf(await provider.verify(accessToken)).email, 'countess@example.org');
});

test('a verified address stays verified when only its case changes, and while another one waits', async () => {
  const { provider, accounts, ada } = await withAda();
  const account = accounts.accounts.get(ada);
  assert.ok(account);
  accounts.accounts.set(ada, { ...account, emailVerified: true });
  const same = valueOf(await provider.changeProfile(ada, { email: 'ada@example.org' }));
  assert.equal([same.email, same.emailVerified], ['ada@example.org', true]);
  const renamed = valueOf(await provider.changeProfile(ada, { displayName: 'Countess' }));
  assert.is(renamed.emailVerified, true);
  const other = valueOf(await provider.changeProfile(ada, { email: 'countess@example.org' }));
  assert.equal([other.email, other.emailVerified, other.displayName], ['ada@example.org', true, 'Countess']);
});

test('tokens carry the claims that are documented, and the key id is the key thumbprint', async () => {
  const { keys, ada, time, login } = await withAda();
  const { accessToken, refreshToken } = valueOf(await login());
  const { crv, kty, x, y } = JSON.parse(keys.json ?? '') as JWK;
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  for (const token of [accessToken, refreshToken]) {
    assert.equal(decodeProtectedHeader(token), { alg: 'ES256', kid, typ: 'JWT' });
  }

  const access = decodeJwt(accessToken);
  const refresh = decodeJwt(refreshToken);
  const iat = time.nowMs / SECOND;
  const common = { iss: ISSUER, aud: AUDIENCE, client_id: AUDIENCE, sub: ada, sid: access['sid'], iat };
  assert.equal(access, {
    ...common,
    jti: access.jti,
    exp: iat + 900,
    token_use: 'access',
    email: 'Ada@Example.org',
    email_verified: false,
    roles: ['patient'],
    issued_ms: time.nowMs,
  });
  const lasting = { exp: iat + SESSION_DAYS * 86_400, token_use: 'refresh', rotation: 0 };
  assert.equal(refresh, { ...common, ...lasting, jti: refresh.jti });
  assert.is.not(access.jti, refresh.jti);
});

test('processes that share the stores share the signing key, accounts and sessions', async () => {
  const first = await withAda();
  const { provider: second } = localInstallation({}, first.deps);
  const tokens = valueOf(await first.login());
  valueOf(await second.verify(tokens.accessToken));
  valueOf(await second.refresh(tokens.refreshToken));
  assert.is(first.keys.creations, 1);
});

test('the signing key is asked for once, by however many callers at the same time', async () => {
  const { provider, keys } = localInstallation();
  const prepared = await Promise.all([provider.prepare(), provider.prepare(), provider.prepare()]);
  for (const outcome of prepared) valueOf(outcome);
  assert.is(keys.creations, 1);
});

test('tokens of an installation with another key are refused', async () => {
  const { login } = await withAda();
  const { accessToken } = valueOf(await login());
  assert.equal(errorOf(await localInstallation().provider.verify(accessToken)), { kind: 'invalid-token' });
});

test('a key store that was down is asked again', async () => {
  const slot = new KeySlot();
  let isDown = true;
  const down = portUnavailable('SigningKeyStore', 'loadOrCreate', 'down');
  const { provider } = localInstallation(
    {},
    {
      signingKeys: {
        loadOrCreate: (create) => (isDown ? errAsync(down) : slot.loadOrCreate(create)),
        add: (key) => slot.add(key),
        remove: (name) => slot.remove(name),
      },
    },
  );
  assert.equal(errorOf(await provider.prepare()), down);
  const header = Buffer.from('{"alg":"ES256","kid":"k"}').toString('base64url');
  assert.equal(errorOf(await provider.verify(`${header}.b.c`)), down);
  isDown = false;
  valueOf(await provider.prepare());
});

test('a stored key that is not an ES256 private key stops everything, and is not quoted in the error', async () => {
  const slot = new KeySlot();
  valueOf(await localInstallation({}, { signingKeys: slot }).provider.prepare());
  const good = JSON.parse(slot.json ?? '') as JWK;
  const unusable = [
    '',
    'secret-text',
    '{}',
    'null',
    JSON.stringify({ ...good, d: undefined }),
    JSON.stringify({ ...good, x: undefined }),
    JSON.stringify({ ...good, d: 'secret-text' }),
    JSON.stringify({ ...good, crv: 'P-384' }),
    JSON.stringify({ kty: 'oct', k: 'secret-text' }),
  ];
  for (const json of unusable) {
    slot.json = json;
    const error = errorOf(await localInstallation({}, { signingKeys: slot }).provider.prepare());
    assert.is(error.port, 'SigningKeyStore', json);
    assert.is(error.retryable, false);
    assert.not.match(error.cause, /secret-text/);
  }
});

test('a hash made at an older cost is renewed at the next login, and at no failed one', async () => {
  const old = await withAda();
  const before = old.accounts.accounts.get(old.ada)?.passwordHash;
  const stronger = new PasswordHashes({ cost: { ...CHEAP_ARGON2, passes: 2 } });
  const { provider } = localInstallation({}, { ...old.deps, passwords: stronger });

  errorOf(await provider.login(ADA.email, 'Wrong1password'));
  assert.is(old.accounts.accounts.get(old.ada)?.passwordHash, before);

  valueOf(await provider.login(ADA.email, ADA.password));
  const after = old.accounts.accounts.get(old.ada)?.passwordHash ?? '';
  assert.ok(after.startsWith('$argon2id$v=19$m=8,t=2,p=1$'), after);
  valueOf(await provider.login(ADA.email, ADA.password));
  assert.is(old.accounts.accounts.get(old.ada)?.passwordHash, after);
});

test('a hash that scrypt made before there was Argon2id serves, and is renewed at the next login', async () => {
  const { provider, accounts, ada } = await withAda();
  const account = accounts.accounts.get(ada);
  assert.ok(account);
  const salt = Buffer.from('an older salt');
  const hash = scryptSync(ADA.password, salt, 32, { N: 4, r: 1, p: 1 });
  const [salt64, hash64] = [salt, hash].map((octets) => octets.toString('base64').replaceAll('=', ''));
  accounts.accounts.set(ada, { ...account, passwordHash: `$scrypt$ln=2,r=1,p=1$${salt64}$${hash64}` });

  errorOf(await provider.login(ADA.email, 'Wrong1password'));
  valueOf(await provider.login(ADA.email, ADA.password));
  const renewed = accounts.accounts.get(ada)?.passwordHash ?? '';
  assert.ok(renewed.startsWith('$argon2id$v=19$m=8,t=1,p=1$'), renewed);
  valueOf(await provider.login(ADA.email, ADA.password));
  assert.is(accounts.accounts.get(ada)?.passwordHash, renewed);
});

test('renewing a hash does not undo what its owner changes meanwhile', async () => {
  const old = await withAda();
  const stronger = new PasswordHashes({ cost: { ...CHEAP_ARGON2, passes: 2 } });
  const passwords: LocalIdentityDeps['passwords'] = {
    matches: (password, hash) => stronger.matches(password, hash),
    isOutdated: (hash) => stronger.isOutdated(hash),
    hash: (password) => {
      const account = old.accounts.accounts.get(old.ada);
      assert.ok(account);
      old.accounts.accounts.set(old.ada, { ...account, displayName: 'Countess' });
      return stronger.hash(password);
    },
  };
  const { provider } = localInstallation({}, { ...old.deps, passwords });
  valueOf(await provider.login(ADA.email, ADA.password));
  const account = old.accounts.accounts.get(old.ada);
  assert.is(account?.displayName, 'Countess');
  assert.match(account?.passwordHash ?? '', /^\$argon2id\$v=19\$m=8,t=2,/);
});

test('renewing a hash does not bring back a password that was changed meanwhile', async () => {
  const old = await withAda();
  const stronger = new PasswordHashes({ cost: { ...CHEAP_ARGON2, passes: 2 } });
  const changedHash = valueOf(await stronger.hash('Another1password'));
  const passwords: LocalIdentityDeps['passwords'] = {
    matches: (password, hash) => stronger.matches(password, hash),
    isOutdated: (hash) => stronger.isOutdated(hash),
    hash: (password) => {
      const account = old.accounts.accounts.get(old.ada);
      assert.ok(account);
      old.accounts.accounts.set(old.ada, { ...account, passwordHash: changedHash });
      return stronger.hash(password);
    },
  };
  const { provider } = localInstallation({}, { ...old.deps, passwords });
  // Nor does it let in whoever knows the one of before.
  assert.equal(errorOf(await provider.login(ADA.email, ADA.password)), { kind: 'invalid-credentials' });
  assert.is(old.accounts.accounts.get(old.ada)?.passwordHash, changedHash);
});

test('of two logins at the same time that renew a hash both succeed', async () => {
  const old = await withAda();
  const passwords = new PasswordHashes({ cost: { ...CHEAP_ARGON2, passes: 2 } });
  const { provider } = localInstallation({}, { ...old.deps, passwords });
  const both = await Promise.all([1, 2].map(() => provider.login(ADA.email, ADA.password)));
  for (const outcome of both) valueOf(outcome);
});

test('a hash that cannot be renewed does not keep its owner out', async () => {
  const old = await withAda();
  const accounts = new Proxy(old.accounts, {
    get: (target, name) =>
      name === 'setPassword'
        ? () => errAsync(portUnavailable('AccountStore', 'setPassword', 'read-only'))
        : (Reflect.get(target, name, target) as () => unknown).bind(target),
  });
  const passwords = new PasswordHashes({ cost: { ...CHEAP_ARGON2, passes: 2 } });
  const { provider } = localInstallation({}, { ...old.deps, accounts, passwords });
  valueOf(await provider.login(ADA.email, ADA.password));
});

test('when the account store is down, every call says so and none says anything about the person', async () => {
  const { login, deps, ada } = await withAda();
  const { refreshToken } = valueOf(await login());
  const down = portUnavailable('AccountStore', 'any', 'down');
  const fails = () => errAsync(down);
  const accounts = {
    insert: fails,
    byEmailKey: fails,
    byId: fails,
    update: fails,
    setRoles: fails,
    insertSession: fails,
    list: fails,
    changeStanding: fails,
    setPassword: fails,
    session: fails,
    rotateSession: fails,
    openSessions: fails,
    revokeSession: fails,
    revokeAllSessions: fails,
    erase: fails,
  };
  const { provider } = localInstallation({}, { ...deps, accounts });

  const outcomes = [
    await provider.register(ADA),
    await provider.login(ADA.email, ADA.password),
    await provider.refresh(refreshToken),
    await provider.profile(ada),
    await provider.changeProfile(ada, { displayName: 'X' }),
    await provider.revokeSession({ userId: ada, sessionId: 'session', accessToken: 'x', refreshToken: null }),
    await provider.revokeAllSessions({ userId: ada }),
    await provider.eraseAccount(ada),
  ];
  for (const outcome of outcomes) assert.equal(outcome.isErr() && outcome.error, down);
});

test('a session that cannot be stored gives no tokens', async () => {
  const table = new AccountTable();
  const down = portUnavailable('AccountStore', 'insertSession', 'down');
  const { provider } = localInstallation(
    {},
    { accounts: Object.assign(table, { insertSession: () => errAsync(down) }) },
  );
  valueOf(await provider.register(ADA));
  assert.equal(errorOf(await provider.login(ADA.email, ADA.password)), down);
});

test('options that would weaken the tokens are refused at the start', () => {
  for (const clockToleranceSeconds of [61, -1, Number.NaN]) {
    assert.throws(() => localInstallation({ clockToleranceSeconds }), /clock tolerance/);
  }
  assert.throws(() => localInstallation({ issuer: '' }), /issuer/);
  assert.throws(() => localInstallation({ audience: '' }), /audience/);
});

test.run();
