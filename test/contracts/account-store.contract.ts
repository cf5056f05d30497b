import * as assert from 'uvu/assert';
import type {
  Account,
  AccountPlace,
  AccountQuery,
  AccountStore,
  Session,
  ShownRefreshToken,
} from '../../core/auth/account-store.ts';
import { REFRESH_GRACE_MS } from '../../core/auth/session-rotation.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const account = (name: string, changes: Partial<Account> = {}): Account => ({
  userId: userId(`id of ${name}`),
  email: `${name}@Example.org`,
  emailKey: `${name}@example.org`,
  emailVerified: false,
  displayName: null,
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA',
  createdAtMs: 1_741_000_000_000.5,
  roles: ['patient'],
  disabled: false,
  ...changes,
});

const session = (id: string, changes: Partial<Session> = {}): Session => ({
  sessionId: id,
  userId: account('ada').userId,
  createdAtMs: 1_741_000_000_000,
  expiresAtMs: 1_743_000_000_000,
  lastUsedAtMs: 1_741_000_000_000,
  rotation: 0,
  revoked: false,
  ...changes,
});

/** What every `AccountStore` promises. `make` is called once a test. */
export function accountStoreContract(name: string, make: () => Promise<UnderTest<AccountStore>>): void {
  const { test, run } = suiteOver<AccountStore, UnderTest<AccountStore>>(`account store: ${name}`, make);

  test('an empty store knows nobody', async ({ store }) => {
    assert.is(valueOf(await store.byId(account('ada').userId)), null);
    assert.is(valueOf(await store.byEmailKey('ada@example.org')), null);
    assert.is(valueOf(await store.session('s')), null);
    assert.equal(errorOf(await store.update(account('ada'))), { kind: 'unknown-user' });
  });

  test('an account comes back with all that it had, by id and by e-mail key', async ({ store }) => {
    const accounts = [account('ada'), account('ben', { emailVerified: true, displayName: 'Bén "B" 用户' })];
    for (const one of accounts) valueOf(await store.insert(one));
    for (const one of accounts) {
      assert.equal(valueOf(await store.byId(one.userId)), one);
      assert.equal(valueOf(await store.byEmailKey(one.emailKey)), one);
    }
    assert.is(valueOf(await store.byEmailKey('ada@Example.org')), null);
  });

  test('roles are given and taken alone, and outlive a change of the account', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insert(account('ben', { roles: ['researcher', 'patient'] })));
    valueOf(await store.setRoles(account('ada').userId, ['patient', 'clinician']));
    const given = account('ada', { roles: ['patient', 'clinician'] });
    assert.equal(valueOf(await store.byId(given.userId)), given);
    valueOf(await store.update(account('ada', { displayName: 'Ada', roles: ['admin'] })));
    assert.equal(valueOf(await store.byId(given.userId)), { ...given, displayName: 'Ada' });
    assert.equal(valueOf(await store.byId(account('ben').userId))?.roles, ['researcher', 'patient']);
    assert.equal(errorOf(await store.setRoles(userId('nobody'), ['admin'])), { kind: 'unknown-user' });
  });

  test('the list is of all, newest first, page by page, and of whom was asked for', async ({ store }) => {
    const accounts = Array.from({ length: 7 }, (_, i) =>
      account(`p${String(i)}`, {
        // Two were made at each instant.
        createdAtMs: 1_741_000_000_000 + Math.floor(i / 2),
        roles: i % 3 === 0 ? ['patient', 'clinician'] : ['patient'],
        disabled: i === 3 || i === 4,
      }),
    );
    for (const each of accounts) valueOf(await store.insert(each));
    const names = async (query: Partial<AccountQuery>): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let after: AccountPlace | null = null; ;) {
        const page: readonly Account[] = valueOf(
          await store.list({ role: null, disabled: null, limit: 3, ...query, after }),
        );
        found.push(...page.map(({ emailKey }) => emailKey.slice(0, 2)));
        after = page.at(-1) ?? null;
        if (after === null) return found;
      }
    };
    const newestFirst = ['p6', 'p4', 'p5', 'p2', 'p3', 'p0', 'p1'];
    for (const limit of [1, 2, 3, 7]) assert.equal(await names({ limit }), newestFirst);
    assert.equal(await names({ role: 'clinician', limit: 2 }), ['p6', 'p3', 'p0']);
    assert.equal(await names({ role: 'admin' }), []);
    assert.equal(await names({ disabled: true }), ['p4', 'p3']);
    assert.equal(await names({ disabled: false, role: 'clinician' }), ['p6', 'p0']);
    assert.equal(valueOf(await store.list({ role: null, disabled: true, after: null, limit: 1 })), [accounts[4]]);
  });

  test('the standing of an account changes alone, and outlives a change of the account', async ({ store }) => {
    const ada = account('ada', { displayName: 'Ada' });
    valueOf(await store.insert(ada));
    valueOf(await store.insert(account('ben')));
    assert.equal(valueOf(await store.changeStanding(ada.userId, { disabled: true })), { ...ada, disabled: true });
    const roles = ['patient', 'clinician'] as const;
    assert.equal(valueOf(await store.changeStanding(ada.userId, { roles })), { ...ada, disabled: true, roles });
    valueOf(await store.update({ ...ada, displayName: 'Countess' }));
    const kept = { ...ada, displayName: 'Countess', disabled: true, roles };
    assert.equal(valueOf(await store.byId(ada.userId)), kept);
    assert.equal(valueOf(await store.byId(account('ben').userId)), account('ben'));
    assert.equal(errorOf(await store.changeStanding(userId('nobody'), { disabled: true })), { kind: 'unknown-user' });
  });

  test('the last administrator who can log in stays one, and stays turned on', async ({ store }) => {
    const [ada, ben] = [account('ada', { roles: ['patient', 'admin'] }), account('ben', { roles: ['admin'] })];
    const last = { kind: 'administrator-needed', reason: 'last-admin' };
    for (const each of [ada, ben]) valueOf(await store.insert(each));
    valueOf(await store.changeStanding(ben.userId, { disabled: true }));
    assert.equal(errorOf(await store.changeStanding(ada.userId, { disabled: true })), last);
    assert.equal(errorOf(await store.changeStanding(ada.userId, { roles: ['patient'] })), last);
    assert.equal(valueOf(await store.byId(ada.userId)), ada);
    // Whoever is turned off is no loss.
    valueOf(await store.changeStanding(ben.userId, { roles: ['patient'] }));
    valueOf(await store.changeStanding(ben.userId, { roles: ['admin'], disabled: false }));
    valueOf(await store.changeStanding(ada.userId, { roles: ['patient'] }));
    assert.equal(errorOf(await store.changeStanding(ben.userId, { disabled: true })), last);
  });

  test('an e-mail key belongs to one account', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    const taken = { kind: 'email-taken' };
    assert.equal(errorOf(await store.insert(account('eve', { emailKey: 'ada@example.org' }))), taken);
    assert.equal(errorOf(await store.insert(account('ada'))), taken);
    assert.is(valueOf(await store.byId(account('eve').userId)), null);
    assert.equal(valueOf(await store.byEmailKey('ada@example.org')), account('ada'));
  });

  test('of registrations with one e-mail key at the same time, one succeeds', async ({ store }) => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.insert(account(`person ${i}`, { emailKey: 'same@example.org' }))),
    );
    assert.is(results.filter((result) => result.isOk()).length, 1);
    for (const result of results) {
      if (result.isErr()) assert.is(result.error.kind, 'email-taken');
    }
  });

  test('a user id belongs to one account', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    const refused = errorOf(await store.insert(account('eve', { userId: account('ada').userId })));
    assert.is(refused.kind, 'port-unavailable');
    assert.equal(valueOf(await store.byId(account('ada').userId)), account('ada'));
    assert.is(valueOf(await store.byEmailKey('eve@example.org')), null);
  });

  test('an update changes the account, and frees the e-mail key that it left', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insert(account('ben')));
    const moved = account('ada', {
      email: 'New@example.org',
      emailKey: 'new@example.org',
      emailVerified: true,
      displayName: 'Ada',
    });
    // As from before a password that was set meanwhile.
    valueOf(await store.update({ ...moved, passwordHash: 'of before' }));
    assert.equal(valueOf(await store.byId(moved.userId)), moved);
    assert.equal(valueOf(await store.byEmailKey('new@example.org')), moved);
    assert.is(valueOf(await store.byEmailKey('ada@example.org')), null);
    valueOf(await store.update(moved));
    valueOf(await store.insert(account('third', { emailKey: 'ada@example.org' })));
    assert.equal(valueOf(await store.byId(account('ben').userId)), account('ben'));
  });

  test('a password is set, or only in the place of the one that is named', async ({ store }) => {
    const { userId: ada, passwordHash } = account('ada');
    assert.equal(errorOf(await store.setPassword(ada, 'new', null)), { kind: 'unknown-user' });
    for (const name of ['ada', 'ben']) valueOf(await store.insert(account(name)));
    assert.is(valueOf(await store.setPassword(ada, 'new', 'not this one')), false);
    assert.equal(valueOf(await store.byId(ada)), account('ada'));
    assert.is(valueOf(await store.setPassword(ada, 'new', passwordHash)), true);
    assert.equal(valueOf(await store.byId(ada)), account('ada', { passwordHash: 'new' }));
    assert.is(valueOf(await store.setPassword(ada, 'newer', null)), true);
    assert.equal(valueOf(await store.byId(ada)), account('ada', { passwordHash: 'newer' }));
    assert.equal(valueOf(await store.byId(account('ben').userId)), account('ben'));
  });

  test('a session that begins takes expired ones with it, and no other', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    const nowMs = session('s').createdAtMs;
    valueOf(await store.insertSession(session('over', { createdAtMs: nowMs - 2000, expiresAtMs: nowMs })));
    valueOf(await store.insertSession(session('open', { createdAtMs: nowMs - 2000, expiresAtMs: nowMs + 1 })));
    valueOf(await store.insertSession(session('new')));
    const there = await Promise.all(['over', 'open', 'new'].map((id) => store.session(id)));
    assert.equal(
      there.map((found) => valueOf(found)?.sessionId ?? null),
      [null, 'open', 'new'],
    );
  });

  test("an update to another account's e-mail key is refused and changes nothing", async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insert(account('ben')));
    const refused = errorOf(await store.update(account('ada', { emailKey: 'ben@example.org', displayName: 'Eve' })));
    assert.equal(refused, { kind: 'email-taken' });
    assert.equal(valueOf(await store.byId(account('ada').userId)), account('ada'));
    assert.equal(valueOf(await store.byEmailKey('ben@example.org')), account('ben'));
  });

  test('a session comes back until it is revoked, and revoked ever after', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insertSession(session('s-1')));
    valueOf(await store.insertSession(session('s-2')));
    assert.equal(valueOf(await store.session('s-1')), session('s-1'));
    for (const isFirst of [true, false]) {
      assert.is(valueOf(await store.revokeSession(account('ada').userId, 's-1')), isFirst);
      assert.equal(valueOf(await store.session('s-1')), session('s-1', { revoked: true }));
    }
    assert.equal(valueOf(await store.session('s-2')), session('s-2'));
  });

  test("all sessions of one person are revoked at once, and nobody else's", async ({ store }) => {
    for (const name of ['ada', 'ben']) valueOf(await store.insert(account(name)));
    const bens = session('s-3', { userId: account('ben').userId });
    for (const one of [session('s-1'), session('s-2', { revoked: true }), bens]) {
      valueOf(await store.insertSession(one));
    }
    for (let times = 0; times < 2; times++) {
      valueOf(await store.revokeAllSessions(account('ada').userId));
      for (const id of ['s-1', 's-2']) assert.equal(valueOf(await store.session(id)), session(id, { revoked: true }));
      assert.equal(valueOf(await store.session('s-3')), bens);
    }
    valueOf(await store.revokeAllSessions(userId('nobody')));
  });

  test('nobody revokes the session of another person, and an unknown one is no error', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insertSession(session('s-1')));
    assert.is(valueOf(await store.revokeSession(account('ben').userId, 's-1')), false);
    assert.is(valueOf(await store.revokeSession(account('ada').userId, 's-9')), false);
    assert.equal(valueOf(await store.session('s-1')), session('s-1'));
    assert.is(valueOf(await store.session('s-9')), null);
  });

  const shown = (rotation: number, nowMs: number, changes: Partial<ShownRefreshToken> = {}): ShownRefreshToken => ({
    userId: account('ada').userId,
    sessionId: 's-1',
    rotation,
    nowMs,
    ...changes,
  });

  test('a refresh token is replaced by the next one, and again within the grace by the same', async ({ store }) => {
    valueOf(await store.insertSession(session('s-1')));
    const atMs = 1_741_000_100_000;
    const rotated = session('s-1', { rotation: 1, lastUsedAtMs: atMs });
    assert.equal(valueOf(await store.rotateSession(shown(0, atMs))), { kind: 'rotated', session: rotated });
    assert.equal(valueOf(await store.session('s-1')), rotated);
    const repeated = valueOf(await store.rotateSession(shown(0, atMs + REFRESH_GRACE_MS)));
    assert.equal(repeated, { kind: 'repeated', session: rotated });
    assert.equal(valueOf(await store.session('s-1')), rotated);
    const next = valueOf(await store.rotateSession(shown(1, atMs + REFRESH_GRACE_MS)));
    assert.is(next.kind, 'rotated');
  });

  test('a refresh token that is shown after the grace revokes the session, for whoever has the newest one too', async ({
    store,
  }) => {
    valueOf(await store.insertSession(session('s-1')));
    valueOf(await store.insertSession(session('s-2')));
    const atMs = 1_741_000_100_000;
    valueOf(await store.rotateSession(shown(0, atMs)));
    const revoked = session('s-1', { rotation: 1, lastUsedAtMs: atMs, revoked: true });
    const reused = valueOf(await store.rotateSession(shown(0, atMs + REFRESH_GRACE_MS + 1)));
    assert.equal(reused, { kind: 'reused', session: revoked });
    assert.equal(valueOf(await store.session('s-1')), revoked);
    assert.equal(valueOf(await store.rotateSession(shown(1, atMs))), { kind: 'over' });
    assert.equal(valueOf(await store.session('s-2')), session('s-2'));
  });

  test("a session that is another person's, unknown, revoked or expired is not rotated, and stays as it is", async ({
    store,
  }) => {
    const { expiresAtMs } = session('s-1');
    valueOf(await store.insertSession(session('s-1')));
    valueOf(await store.insertSession(session('s-2', { revoked: true })));
    for (const token of [
      shown(0, expiresAtMs),
      shown(1, 0),
      shown(0, 0, { userId: account('ben').userId }),
      shown(0, 0, { sessionId: 's-9' }),
      shown(0, 0, { sessionId: 's-2' }),
    ]) {
      assert.equal(valueOf(await store.rotateSession(token)), { kind: 'over' });
    }
    assert.equal(valueOf(await store.session('s-1')), session('s-1'));
  });

  test('of the same token shown many times at once, one replaces it and the others repeat that', async ({ store }) => {
    valueOf(await store.insertSession(session('s-1')));
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.rotateSession(shown(0, 5))));
    const kinds = outcomes.map((outcome) => valueOf(outcome).kind).sort();
    assert.equal(kinds, [...Array.from({ length: 9 }, () => 'repeated'), 'rotated']);
    assert.is(valueOf(await store.session('s-1'))?.rotation, 1);
  });

  test('the open sessions of a person are those that have not ended, the one used last first', async ({ store }) => {
    const open = [
      session('s-2', { lastUsedAtMs: 30 }),
      session('s-1', { lastUsedAtMs: 20 }),
      session('s-3', { lastUsedAtMs: 20, rotation: 4 }),
    ];
    for (const one of [
      ...open.toReversed(),
      session('s-4', { revoked: true }),
      session('s-5', { expiresAtMs: 1000 }),
      session('s-6', { userId: account('ben').userId }),
    ]) {
      valueOf(await store.insertSession(one));
    }
    assert.equal(valueOf(await store.openSessions(account('ada').userId, 1000, 10)), open);
    assert.equal(valueOf(await store.openSessions(account('ada').userId, 1000, 2)), open.slice(0, 2));
    assert.equal(valueOf(await store.openSessions(userId('nobody'), 1000, 10)), []);
  });

  test('a session id is used once', async ({ store }) => {
    valueOf(await store.insert(account('ada')));
    valueOf(await store.insertSession(session('s-1', { revoked: true })));
    assert.is(errorOf(await store.insertSession(session('s-1'))).kind, 'port-unavailable');
    assert.equal(valueOf(await store.session('s-1')), session('s-1', { revoked: true }));
  });

  test('ids and addresses of any characters stay apart', async ({ store }) => {
    const accounts = AWKWARD_IDS.map((id) => account('x', { userId: userId(id), email: id, emailKey: id }));
    for (const one of accounts) valueOf(await store.insert(one));
    for (const one of accounts) {
      assert.equal(valueOf(await store.byId(one.userId)), one);
      assert.equal(valueOf(await store.byEmailKey(one.emailKey)), one);
    }
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = account('ada');
    const login = session('s-1');
    valueOf(await store.insert(given));
    valueOf(await store.insertSession(login));
    Object.assign(given, { displayName: 'changed' });
    Object.assign(login, { revoked: true });
    Object.assign(valueOf(await store.byId(account('ada').userId))!, { passwordHash: 'changed' });
    Object.assign(valueOf(await store.byEmailKey('ada@example.org'))!, { passwordHash: 'changed' });
    Object.assign(valueOf(await store.session('s-1'))!, { revoked: true });
    assert.equal(valueOf(await store.byId(account('ada').userId)), account('ada'));
    assert.equal(valueOf(await store.session('s-1')), session('s-1'));
  });

  run();
}

/** What an `AccountStore` that outlives its process promises besides. */
export function durableAccountStoreContract(name: string, make: () => Promise<DurableUnderTest<AccountStore>>): void {
  const { test, run } = suiteOver<AccountStore, DurableUnderTest<AccountStore>>(`durable account store: ${name}`, make);

  test('accounts and revoked sessions are there after closing and opening again', async (under) => {
    valueOf(await under.store.insert(account('ada')));
    valueOf(await under.store.insertSession(session('s-1')));
    valueOf(await under.store.revokeSession(account('ada').userId, 's-1'));
    const reopened = await under.reopen();
    assert.equal(valueOf(await reopened.byEmailKey('ada@example.org')), account('ada'));
    assert.is(valueOf(await reopened.session('s-1'))?.revoked, true);
    assert.equal(errorOf(await reopened.insert(account('ada'))), { kind: 'email-taken' });
  });

  run();
}

/** What an `AccountStore` that several processes share promises besides. */
export function sharedAccountStoreContract(name: string, make: () => Promise<SharedUnderTest<AccountStore>>): void {
  const { test, run } = suiteOver<AccountStore, SharedUnderTest<AccountStore>>(`shared account store: ${name}`, make);

  test('of two administrators who turn each other off at the same time one stays', async ({ store, other }) => {
    for (let round = 0; round < 5; round++) {
      const [ada, ben] = ['ada', 'ben'].map((name) =>
        account(`${name}-${String(round)}`, { userId: userId(`${name} ${String(round)}`), roles: ['admin'] }),
      );
      for (const each of [ada!, ben!]) valueOf(await store.insert(each));
      const outcomes = await Promise.all([
        store.changeStanding(ada!.userId, round % 2 === 0 ? { disabled: true } : { roles: ['patient'] }),
        other.changeStanding(ben!.userId, { disabled: true }),
      ]);
      assert.is(outcomes.filter((outcome) => outcome.isOk()).length, 1);
      const admins = valueOf(await store.list({ role: 'admin', disabled: false, after: null, limit: 10 }));
      assert.is(admins.length, 1);
      for (const each of [ada!, ben!]) valueOf(await store.erase(each.userId));
    }
  });

  test('a token that two processes are shown at once is replaced once, and no session ends for it', async (under) => {
    const userOf = account('ada').userId;
    valueOf(await under.store.insertSession(session('s-1')));
    for (let rotation = 0; rotation < 20; rotation += 1) {
      const token = { userId: userOf, sessionId: 's-1', rotation, nowMs: rotation * 1000 };
      const both = await Promise.all([under.store.rotateSession(token), under.other.rotateSession(token)]);
      assert.equal(both.map((outcome) => valueOf(outcome).kind).sort(), ['repeated', 'rotated']);
    }
    assert.is(valueOf(await under.other.session('s-1'))?.rotation, 20);
  });

  test('a session that one process revokes is revoked for the other', async (under) => {
    valueOf(await under.store.insertSession(session('s-1')));
    assert.is(valueOf(await under.store.revokeSession(account('ada').userId, 's-1')), true);
    const token = { userId: account('ada').userId, sessionId: 's-1', rotation: 0, nowMs: 0 };
    assert.equal(valueOf(await under.other.rotateSession(token)), { kind: 'over' });
    assert.equal(valueOf(await under.other.openSessions(account('ada').userId, 0, 10)), []);
  });

  run();
}
