import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REFRESH_GRACE_MS } from '../../../core/auth/session-rotation.ts';
import { MOST_LISTED_SESSIONS } from '../../../core/auth/session-ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { localInstallation } from './local-installation.ts';

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };
const REFUSED = { kind: 'invalid-refresh-token' };
const MINUTE = 60_000;

async function withAda(...parameters: Parameters<typeof localInstallation>) {
  const installation = localInstallation(...parameters);
  const { provider } = installation;
  const { userId: ada } = valueOf(await provider.register(ADA));
  return {
    ...installation,
    ada,
    login: async () => valueOf(await provider.login(ADA.email, ADA.password).map(tokensOf)),
    refresh: async (token: string) => valueOf(await provider.refresh(token)),
    refusedRefresh: async (token: string) => assert.equal(errorOf(await provider.refresh(token)), REFUSED),
  };
}

test('every refresh answers another refresh token', async () => {
  const { time, login, refresh } = await withAda();
  const seen = new Set<string>();
  let { refreshToken } = await login();
  for (let times = 0; times < 5; times += 1) {
    seen.add(refreshToken);
    time.nowMs += MINUTE;
    ({ refreshToken } = await refresh(refreshToken));
  }
  assert.is(seen.size, 5);
});

test('a refresh token that was used up ends its session, for the thief and for the owner', async () => {
  const { time, login, refresh, refusedRefresh } = await withAda();
  const stolen = (await login()).refreshToken;
  const other = await login();
  const owners = await refresh(stolen);
  time.nowMs += REFRESH_GRACE_MS + 1;
  await refusedRefresh(stolen);
  await refusedRefresh(owners.refreshToken);
  await refresh(other.refreshToken);
});

test('of whose session has ended so it is told once, and of nothing else', async () => {
  const { time, ada, provider, reused, login, refresh, refusedRefresh } = await withAda();
  const first = (await login()).refreshToken;
  const second = await refresh(first);
  await refresh(first);
  await refusedRefresh('not a token');
  assert.equal(reused, []);
  time.nowMs += REFRESH_GRACE_MS + 1;
  for (let times = 0; times < 3; times += 1) await refusedRefresh(first);
  await refusedRefresh(second.refreshToken);
  assert.equal(reused, [ada]);
  const ended = await login();
  const { sessionId } = valueOf(await provider.verify(ended.accessToken));
  valueOf(await provider.revokeSession({ ...ended, userId: ada, sessionId }));
  await refusedRefresh(ended.refreshToken);
  assert.equal(reused, [ada]);
});

test('the session has ended also where nobody could be told of it, and the refusal says that', async () => {
  const down = portUnavailable('AuditStore', 'extend', 'down');
  const { provider, time, login, refresh, refusedRefresh } = await withAda({}, { reused: () => errAsync(down) });
  const first = (await login()).refreshToken;
  const second = await refresh(first);
  time.nowMs += REFRESH_GRACE_MS + 1;
  assert.equal(errorOf(await provider.refresh(first)), down);
  await refusedRefresh(second.refreshToken);
});

test('it is found out as well where the thief came first', async () => {
  const { time, login, refresh, refusedRefresh } = await withAda();
  const owners = (await login()).refreshToken;
  const thiefs = await refresh(owners);
  time.nowMs += REFRESH_GRACE_MS + 1;
  await refusedRefresh(owners);
  await refusedRefresh(thiefs.refreshToken);
});

test('a token two rotations old ends the session also within the grace', async () => {
  const { login, refresh, refusedRefresh } = await withAda();
  const first = (await login()).refreshToken;
  const second = (await refresh(first)).refreshToken;
  const third = (await refresh(second)).refreshToken;
  await refusedRefresh(first);
  await refusedRefresh(third);
});

test('a client that refreshes many times at once, or whose answer was lost, stays logged in', async () => {
  const { time, login, refresh } = await withAda();
  const { refreshToken } = await login();
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)));
  time.nowMs += REFRESH_GRACE_MS;
  answers.push(await refresh(refreshToken));
  // Whichever of the answers it has kept goes on; it is one token, the next.
  for (const answer of answers) await refresh(answer.refreshToken);
});

test('processes that share the store find out together', async () => {
  const first = await withAda();
  const second = localInstallation({}, first.deps);
  const { refreshToken } = await first.login();
  await first.refresh(refreshToken);
  first.time.nowMs += REFRESH_GRACE_MS + 1;
  assert.equal(errorOf(await second.provider.refresh(refreshToken)), REFUSED);
  const { sessions } = first.accounts;
  assert.equal(
    [...sessions.values()].map(({ revoked }) => revoked),
    [true],
  );
});

test('nothing that is kept of a session is a token, or a part of one', async () => {
  const { accounts, login, refresh } = await withAda();
  const { refreshToken } = await refresh((await login()).refreshToken);
  const kept = JSON.stringify([...accounts.sessions.values()]);
  for (const part of refreshToken.split('.')) assert.not.ok(kept.includes(part));
});

test('a token is not used up for nothing: where the account cannot be read it is as good as before', async () => {
  const { deps, accounts, login } = await withAda();
  const { refreshToken } = await login();
  const down = portUnavailable('AccountStore', 'byId', 'down');
  const failing = localInstallation({}, { ...deps, accounts: replacing(accounts, { byId: () => errAsync(down) }) });
  assert.equal(errorOf(await failing.provider.refresh(refreshToken)), down);
  assert.equal(
    [...accounts.sessions.values()].map(({ rotation }) => rotation),
    [0],
  );
});

test('sessions are listed with when they were used last, and end one by one', async () => {
  const { provider, time, ada, login, refresh, refusedRefresh } = await withAda();
  const { openSessions } = provider;
  const startMs = time.nowMs;
  const phone = await login();
  time.nowMs += MINUTE;
  const laptop = await login();
  time.nowMs += MINUTE;
  const renewed = await refresh(phone.refreshToken);
  const idOf = async (accessToken: string) => valueOf(await provider.verify(accessToken)).sessionId;
  const [phoneId, laptopId] = [await idOf(phone.accessToken), await idOf(laptop.accessToken)];
  assert.equal(valueOf(await openSessions.list(ada)), [
    { sessionId: phoneId, createdAtMs: startMs, lastUsedAtMs: startMs + 2 * MINUTE },
    { sessionId: laptopId, createdAtMs: startMs + MINUTE, lastUsedAtMs: startMs + MINUTE },
  ]);

  const eve = valueOf(await provider.register({ ...ADA, email: 'eve@example.org' })).userId;
  const absent = errorOf(await openSessions.end(eve, 'no such session'));
  assert.equal(errorOf(await openSessions.end(eve, phoneId)), { ...absent, id: phoneId });
  valueOf(await openSessions.end(ada, phoneId));
  assert.equal(errorOf(await openSessions.end(ada, phoneId)), { ...absent, id: phoneId });
  await refusedRefresh(renewed.refreshToken);
  assert.equal(
    valueOf(await openSessions.list(ada)).map(({ sessionId }) => sessionId),
    [laptopId],
  );
  await refresh(laptop.refreshToken);
});

test('a list of sessions ends somewhere', async () => {
  const { provider, ada, login } = await withAda();
  for (let times = 0; times <= MOST_LISTED_SESSIONS; times += 1) await login();
  assert.is(valueOf(await provider.openSessions.list(ada)).length, MOST_LISTED_SESSIONS);
});

test.run();
