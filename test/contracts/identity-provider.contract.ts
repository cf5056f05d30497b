import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { IdentityProvider, SessionRevoker, TokenSet, TokenVerifier } from '../../core/auth/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** One identity provider on empty storage, whose accounts are usable as soon as they are registered. */
export interface IdentityUnderTest {
  readonly identities: IdentityProvider;
  readonly sessions: SessionRevoker;
  readonly tokens: TokenVerifier;
}

const PASSWORD = 'Correct1horse';
const ANOTHER_PASSWORD = 'Wrong2battery';
const NOBODY = userId('00000000-0000-4000-8000-000000000000');

/**
 * What every identity provider, with the revoker and the verifier that belong to it, promises. `make` is called once a
 * test.
 */
export function identityContract(name: string, make: () => Promise<IdentityUnderTest>): void {
  const contract = suite(`identity provider: ${name}`);

  const registered = async (under: IdentityUnderTest, email: string, displayName: string | null = null) =>
    valueOf(await under.identities.register({ email, password: PASSWORD, displayName })).userId;
  const loggedIn = async (under: IdentityUnderTest, email: string) =>
    valueOf(await under.identities.login(email, PASSWORD));

  contract('a registered person can log in, and the access token speaks for them', async () => {
    const under = await make();
    const account = valueOf(
      await under.identities.register({ email: 'ada@example.org', password: PASSWORD, displayName: 'Ada' }),
    );
    assert.is(account.usable, true);

    const principal = valueOf(await under.tokens.verify((await loggedIn(under, 'ada@example.org')).accessToken));
    assert.is(principal.userId, account.userId);
    assert.is(principal.email, 'ada@example.org');
    assert.is.not(principal.sessionId, '');
  });

  contract('an access token lives for more than nothing and at most 15 minutes', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const { expiresInSeconds } = await loggedIn(under, 'ada@example.org');
    assert.ok(expiresInSeconds > 0 && expiresInSeconds <= 900, `${expiresInSeconds} s`);
  });

  contract('a wrong password and an unknown address are the same error', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const wrongPassword = errorOf(await under.identities.login('ada@example.org', ANOTHER_PASSWORD));
    const unknownAddress = errorOf(await under.identities.login('nobody@example.org', PASSWORD));
    assert.equal(wrongPassword, { kind: 'invalid-credentials' });
    assert.equal(unknownAddress, wrongPassword);
  });

  contract('an e-mail address is one account in whatever case it is typed', async () => {
    const under = await make();
    await registered(under, 'Ada@Example.org');
    const taken = await under.identities.register({ email: 'aDA@eXAMPLE.ORG', password: PASSWORD, displayName: null });
    assert.equal(errorOf(taken), { kind: 'email-taken' });
    await loggedIn(under, 'ada@example.org');
  });

  contract('a refused registration leaves the existing account as it was', async () => {
    const under = await make();
    const ada = await registered(under, 'ada@example.org', 'Ada');
    await under.identities.register({ email: 'ada@example.org', password: ANOTHER_PASSWORD, displayName: 'Eve' });
    await loggedIn(under, 'ada@example.org');
    errorOf(await under.identities.login('ada@example.org', ANOTHER_PASSWORD));
    assert.is(valueOf(await under.identities.profile(ada)).displayName, 'Ada');
  });

  contract('of two registrations of one address at the same time exactly one succeeds', async () => {
    const under = await make();
    const both = await Promise.all(
      ['ada@example.org', 'ADA@example.org'].map((email) =>
        under.identities.register({ email, password: PASSWORD, displayName: null }),
      ),
    );
    assert.equal(both.map((outcome) => outcome.isOk()).sort(), [false, true]);
    assert.equal(
      both.flatMap((outcome) => (outcome.isErr() ? [outcome.error] : [])),
      [{ kind: 'email-taken' }],
    );
  });

  contract('a weak password is refused with what it lacks, and no account comes to be', async () => {
    const under = await make();
    const error = errorOf(
      await under.identities.register({ email: 'ada@example.org', password: 'short', displayName: null }),
    );
    assert.ok(error.kind === 'weak-password' && error.unmet.length > 0, JSON.stringify(error));
    await registered(under, 'ada@example.org');
  });

  contract('refreshing continues the same session of the same person', async () => {
    const under = await make();
    const ada = await registered(under, 'ada@example.org');
    const first = await loggedIn(under, 'ada@example.org');
    const second = valueOf(await under.identities.refresh(first.refreshToken));
    const before = valueOf(await under.tokens.verify(first.accessToken));
    const after = valueOf(await under.tokens.verify(second.accessToken));
    assert.equal(after, before);
    assert.is(after.userId, ada);
  });

  contract('the refresh token of each answer refreshes again', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    let tokens: TokenSet = await loggedIn(under, 'ada@example.org');
    for (let times = 0; times < 3; times += 1) tokens = valueOf(await under.identities.refresh(tokens.refreshToken));
    valueOf(await under.tokens.verify(tokens.accessToken));
  });

  contract('neither token does the work of the other', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const { accessToken, refreshToken } = await loggedIn(under, 'ada@example.org');
    assert.equal(errorOf(await under.tokens.verify(refreshToken)), { kind: 'invalid-token' });
    assert.equal(errorOf(await under.identities.refresh(accessToken)), { kind: 'invalid-refresh-token' });
  });

  contract('text that is not a token is refused, however long or odd', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const { accessToken } = await loggedIn(under, 'ada@example.org');
    for (const text of ['', '.', '..', 'Bearer', 'a.b.c', `${accessToken}.`, '\u0000', '\ud800', 'x'.repeat(100_000)]) {
      assert.equal(errorOf(await under.tokens.verify(text)), { kind: 'invalid-token' }, text.slice(0, 40));
      assert.equal(errorOf(await under.identities.refresh(text)), { kind: 'invalid-refresh-token' }, text.slice(0, 40));
    }
  });

  contract('a revoked session cannot be refreshed, and revoking it again changes nothing', async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const first = await loggedIn(under, 'ada@example.org');
    const refreshed = valueOf(await under.identities.refresh(first.refreshToken));
    const { userId: ada, sessionId } = valueOf(await under.tokens.verify(first.accessToken));
    for (let times = 0; times < 2; times += 1) {
      valueOf(await under.sessions.revokeSession(ada, sessionId));
      for (const token of [first.refreshToken, refreshed.refreshToken]) {
        assert.equal(errorOf(await under.identities.refresh(token)), { kind: 'invalid-refresh-token' });
      }
    }
  });

  contract("revoking one session leaves the person's other sessions alone", async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const phone = await loggedIn(under, 'ada@example.org');
    const laptop = await loggedIn(under, 'ada@example.org');
    const onPhone = valueOf(await under.tokens.verify(phone.accessToken));
    const onLaptop = valueOf(await under.tokens.verify(laptop.accessToken));
    assert.is.not(onPhone.sessionId, onLaptop.sessionId);
    valueOf(await under.sessions.revokeSession(onPhone.userId, onPhone.sessionId));
    valueOf(await under.identities.refresh(laptop.refreshToken));
  });

  contract("nobody can revoke another person's session, and trying does not tell whether it exists", async () => {
    const under = await make();
    await registered(under, 'ada@example.org');
    const eve = await registered(under, 'eve@example.org');
    const tokens = await loggedIn(under, 'ada@example.org');
    const { sessionId } = valueOf(await under.tokens.verify(tokens.accessToken));
    const foreign = await under.sessions.revokeSession(eve, sessionId);
    const absent = await under.sessions.revokeSession(eve, 'no such session');
    assert.equal(foreign, absent);
    valueOf(await under.identities.refresh(tokens.refreshToken));
  });

  contract('a profile is what its owner registered', async () => {
    const under = await make();
    const ada = await registered(under, 'Ada@example.org', 'Ada');
    const bob = await registered(under, 'bob@example.org');
    const profile = valueOf(await under.identities.profile(ada));
    assert.is(profile.userId, ada);
    assert.is(profile.email, 'Ada@example.org');
    assert.is(profile.displayName, 'Ada');
    assert.is.not(profile.provider, '');
    assert.is(valueOf(await under.identities.profile(bob)).displayName, null);
  });

  contract('a user who does not exist has no profile to read or change', async () => {
    const under = await make();
    assert.equal(errorOf(await under.identities.profile(NOBODY)), { kind: 'unknown-user' });
    assert.equal(errorOf(await under.identities.changeProfile(NOBODY, { displayName: 'X' })), { kind: 'unknown-user' });
  });

  contract('a change of the display name changes that alone, and the empty name removes it', async () => {
    const under = await make();
    const ada = await registered(under, 'ada@example.org', 'Ada');
    const before = valueOf(await under.identities.profile(ada));
    const renamed = valueOf(await under.identities.changeProfile(ada, { displayName: 'Countess' }));
    assert.equal(renamed, { ...before, displayName: 'Countess' });
    assert.equal(valueOf(await under.identities.profile(ada)), renamed);
    assert.is(valueOf(await under.identities.changeProfile(ada, { displayName: '' })).displayName, null);
  });

  contract('a change of nothing answers with the profile as it is', async () => {
    const under = await make();
    const ada = await registered(under, 'ada@example.org', 'Ada');
    const before = valueOf(await under.identities.profile(ada));
    assert.equal(valueOf(await under.identities.changeProfile(ada, {})), before);
  });

  contract('a new e-mail address replaces the old one for logging in, and is unverified', async () => {
    const under = await make();
    const ada = await registered(under, 'ada@example.org');
    const changed = valueOf(await under.identities.changeProfile(ada, { email: 'countess@example.org' }));
    assert.is(changed.email, 'countess@example.org');
    assert.is(changed.emailVerified, false);

    const tokens = await loggedIn(under, 'countess@example.org');
    assert.is(valueOf(await under.tokens.verify(tokens.accessToken)).userId, ada);
    const withOld = await under.identities.login('ada@example.org', PASSWORD);
    assert.equal(errorOf(withOld), { kind: 'invalid-credentials' });
  });

  contract(
    "another person's e-mail address cannot be taken, in no case, and nothing else of the change happens",
    async () => {
      const under = await make();
      await registered(under, 'ada@example.org');
      const eve = await registered(under, 'eve@example.org', 'Eve');
      const change = await under.identities.changeProfile(eve, { email: 'ADA@example.org', displayName: 'Ada' });
      assert.equal(errorOf(change), { kind: 'email-taken' });
      const { email, displayName } = valueOf(await under.identities.profile(eve));
      assert.equal({ email, displayName }, { email: 'eve@example.org', displayName: 'Eve' });
    },
  );

  contract.run();
}
