import { createHmac } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromBase32 } from '../../../core/auth/base32.ts';
import type { AccountStore } from '../../../core/auth/account-store.ts';
import { codeAt, stepAt } from '../../../core/auth/totp.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { AccountTable, localInstallation } from './local-installation.ts';

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };
const DISABLED = { kind: 'user-disabled' };

async function withAda(accounts: AccountStore = new AccountTable()) {
  const { provider, time } = localInstallation({}, { accounts });
  const { userId: ada } = valueOf(await provider.register(ADA));
  const login = () => provider.login(ADA.email, ADA.password);
  return { provider, time, ada, login };
}

test('an account that is turned off is said to be so to whoever knows its password, and to nobody else', async () => {
  const { provider, ada, login } = await withAda();
  const { refreshToken } = valueOf(await login().map(tokensOf));
  assert.is(valueOf(await provider.directory.setDisabled(ada, true)).disabled, true);
  assert.equal(errorOf(await login()), DISABLED);
  assert.equal(errorOf(await provider.login(ADA.email, 'Wrong1horse')), { kind: 'invalid-credentials' });
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
  valueOf(await provider.directory.setDisabled(ada, false));
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' }, 'it was ended');
  valueOf(await login());
});

test('turned off, an account gets as far as its password and no further, whatever else is kept of it', async () => {
  const table = new AccountTable();
  const { provider, ada, login } = await withAda(table);
  const { refreshToken } = valueOf(await login().map(tokensOf));
  // Its sessions are not ended yet.
  valueOf(await table.changeStanding(ada, { disabled: true }));
  assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
  assert.equal(errorOf(await login()), DISABLED);
  assert.is(table.sessions.size, 1, 'no session was begun');
});

test('an account that is turned off between the steps of a login has no second one', async () => {
  const { provider, time, ada, login } = await withAda();
  const { secret } = valueOf(await provider.secondFactor.begin(ada));
  const key = fromBase32(secret)!;
  const code = () =>
    codeAt((hmacKey, message) => createHmac('sha1', hmacKey).update(message).digest(), key, stepAt(time.nowMs));
  valueOf(await provider.secondFactor.confirm(ada, code()));
  time.nowMs += 60_000;
  const step = valueOf(await login());
  assert.ok('challenge' in step);
  valueOf(await provider.directory.setDisabled(ada, true));
  const { name: challenge, session } = step.challenge;
  const answered = await provider.answer({ email: ADA.email, challenge, session, answer: code() });
  assert.equal(errorOf(answered), DISABLED);
  assert.equal(valueOf(await provider.openSessions.list(ada)), []);
});

test('who logs in at the moment in which the account is turned off gets no session that lasts', async () => {
  const table = new AccountTable();
  // The account is turned off after the login has looked at it, and before or after the session is there.
  for (const when of ['before', 'after'] as const) {
    let isArmed = false;
    const turnOff = async (): Promise<void> => {
      if (!isArmed) return;
      isArmed = false;
      valueOf(await provider.directory.setDisabled(ada, true));
    };
    const accounts = replacing<AccountStore>(table, {
      insertSession: (session) =>
        table
          .byId(session.userId)
          .map(() => (when === 'before' ? turnOff() : undefined))
          .andThen(() => table.insertSession(session))
          .map(() => (when === 'after' ? turnOff() : undefined)),
    });
    const { provider, login } = localInstallationWith(accounts);
    const { userId: ada } = valueOf(await provider.register({ ...ADA, email: `${when}@example.org` }));
    isArmed = true;
    assert.equal(errorOf(await login(`${when}@example.org`)), DISABLED, when);
    assert.equal(valueOf(await provider.openSessions.list(ada)), [], when);
  }
});

function localInstallationWith(accounts: AccountStore) {
  let ids = 0;
  const uuid = (): string => `${String((ids += 1))} of ${String(installations)}`;
  installations += 1;
  const { provider } = localInstallation({}, { accounts, ids: { uuid } });
  return { provider, login: (email: string) => provider.login(email, ADA.password) };
}
let installations = 0;

test('who logs in while the account is erased leaves no session behind', async () => {
  const table = new AccountTable();
  let isArmed = false;
  const accounts = replacing<AccountStore>(table, {
    insertSession: (session) => {
      if (isArmed) table.erase(session.userId);
      return table.insertSession(session);
    },
  });
  const { login } = await withAda(accounts);
  isArmed = true;
  assert.equal(errorOf(await login()), DISABLED);
  assert.is(table.sessions.size, 0);
});

test('tokens are as old as the look at the account that they tell of', async () => {
  const table = new AccountTable();
  const { provider, time } = localInstallation(
    {},
    {
      // It takes a second to look at an account.
      accounts: replacing<AccountStore>(table, {
        byId: (user) => {
          time.nowMs += 1000;
          return table.byId(user);
        },
      }),
    },
  );
  valueOf(await provider.register(ADA));
  const beforeLogin = time.nowMs;
  const tokens = valueOf(await provider.login(ADA.email, ADA.password).map(tokensOf));
  assert.is(valueOf(await provider.verify(tokens.accessToken)).issuedAtMs, beforeLogin);
  time.nowMs += 1;
  const beforeRefresh = time.nowMs;
  const refreshed = valueOf(await provider.refresh(tokens.refreshToken));
  assert.ok(time.nowMs > beforeRefresh);
  assert.is(valueOf(await provider.verify(refreshed.accessToken)).issuedAtMs, beforeRefresh);
});

test.run();
