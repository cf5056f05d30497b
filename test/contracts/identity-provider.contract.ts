import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  LoginStep,
  PasswordRecovery,
  TokenSet,
} from '../../core/auth/identity-ports.ts';
import type { SessionRevoker } from '../../core/auth/session-ports.ts';
import type { TokenVerifier } from '../../core/auth/token-ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** One identity provider on empty storage. */
export interface IdentityUnderTest {
  readonly identities: IdentityProvider;
  readonly challenges: LoginChallenges;
  readonly confirmation: EmailConfirmation;
  readonly recovery: PasswordRecovery;
  readonly sessions: SessionRevoker;
  readonly tokens: TokenVerifier;
  /** Makes a new account usable, as an operator can. Nothing to do where it is so at once. */
  readonly activate: (email: string) => Promise<void>;
  /** Resolves once every code that was asked for is sent. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * What a provider, or what stands in for it in a test, cannot do. Each is false only for a reason that the file which
 * says so names.
 */
export interface IdentityTraits {
  /** An account can be used as soon as it is registered. */
  readonly usableAtOnce: boolean;
  /** An address is kept as it was typed. */
  readonly keepsCase: boolean;
  /** Access tokens carry the address. */
  readonly tokensNameAddress: boolean;
  /** Access tokens live as short as the client asks. */
  readonly shortTokens: boolean;
  /** Of two registrations at the same time the provider lets one through. */
  readonly settlesRaces: boolean;
  readonly refusesWeakPasswords: boolean;
  readonly knowsWrongPasswords: boolean;
  /** The access tokens of one login name the same session. */
  readonly namesSessions: boolean;
  readonly revokesOneSession: boolean;
  readonly revokesTwice: boolean;
  /** A refresh token of an account that was erased is an invalid one. */
  readonly refusesTokensOfErased: boolean;
  readonly revokesWithoutRefreshToken: boolean;
  readonly endsAllSessions: boolean;
  /** A session can be ended by its id alone, and no other one with it. */
  readonly endsSessionById: boolean;
  /** Another account's address is refused in a change. */
  readonly guardsChangedAddress: boolean;
  /** A changed address is in use at once; if not, once it is confirmed. */
  readonly changesAddressAtOnce: boolean;
  /** The code that is sent to every address, where the test knows it; null where it does not. */
  readonly sentCode: string | null;
  /** A confirmation can be sent again. */
  readonly resends: boolean;
}

const PASSWORD = 'Correct1horse';
const ANOTHER_PASSWORD = 'Wrong2battery';
const NOBODY = userId('00000000-0000-4000-8000-000000000000');

/** The tokens of a login that asks for nothing more. */
export function tokensOf(step: LoginStep): TokenSet {
  if (!('tokens' in step)) throw new Error(`expected tokens, got the challenge ${step.challenge.name}`);
  return step.tokens;
}

/**
 * What every identity provider, with the revoker and the verifier that belong to it, promises. `make` is called once a
 * test.
 */
export function identityContract(name: string, make: () => Promise<IdentityUnderTest>, traits: IdentityTraits): void {
  const suiteOfAll = suite(`identity provider: ${name}`);
  const contract = (title: string, work: (under: IdentityUnderTest) => Promise<void>): void => {
    suiteOfAll(title, async () => {
      const under = await make();
      try {
        await work(under);
      } finally {
        await under.close();
      }
    });
  };

  const registered = async (under: IdentityUnderTest, email: string, displayName: string | null = null) => {
    const account = valueOf(await under.identities.register({ email, password: PASSWORD, displayName }));
    await under.activate(email);
    return account.userId;
  };
  const loggedIn = async (under: IdentityUnderTest, email: string, password = PASSWORD) =>
    tokensOf(valueOf(await under.identities.login(email, password)));
  const sessionOf = async (under: IdentityUnderTest, { accessToken, refreshToken }: TokenSet) => {
    const { userId: user, sessionId } = valueOf(await under.tokens.verify(accessToken));
    return { userId: user, sessionId, accessToken, refreshToken };
  };
  const kept = (address: string): string => (traits.keepsCase ? address : address.toLowerCase());

  contract('a registered person can log in, and the access token speaks for them', async (under) => {
    const account = valueOf(
      await under.identities.register({ email: 'ada@example.org', password: PASSWORD, displayName: 'Ada' }),
    );
    assert.is(account.usable, traits.usableAtOnce);
    await under.activate('ada@example.org');

    const principal = valueOf(await under.tokens.verify((await loggedIn(under, 'ada@example.org')).accessToken));
    assert.is(principal.userId, account.userId);
    assert.is(principal.email, traits.tokensNameAddress ? 'ada@example.org' : null);
    assert.equal(principal.roles, ['patient']);
    assert.is.not(principal.sessionId, '');
  });

  if (traits.shortTokens)
    contract('an access token lives for more than nothing and at most 15 minutes', async (under) => {
      await registered(under, 'ada@example.org');
      const { expiresInSeconds } = await loggedIn(under, 'ada@example.org');
      assert.ok(expiresInSeconds > 0 && expiresInSeconds <= 900, `${expiresInSeconds} s`);
    });

  if (traits.knowsWrongPasswords)
    contract('a wrong password and an unknown address are the same error', async (under) => {
      await registered(under, 'ada@example.org');
      const wrongPassword = errorOf(await under.identities.login('ada@example.org', ANOTHER_PASSWORD));
      const unknownAddress = errorOf(await under.identities.login('nobody@example.org', PASSWORD));
      assert.equal(wrongPassword, { kind: 'invalid-credentials' });
      assert.equal(unknownAddress, wrongPassword);
    });

  contract('an e-mail address is one account in whatever case it is typed', async (under) => {
    await registered(under, 'Ada@Example.org');
    const taken = await under.identities.register({ email: 'aDA@eXAMPLE.ORG', password: PASSWORD, displayName: null });
    assert.equal(errorOf(taken), { kind: 'email-taken' });
    await loggedIn(under, 'ada@example.org');
  });

  contract('a refused registration leaves the existing account as it was', async (under) => {
    const ada = await registered(under, 'ada@example.org', 'Ada');
    await under.identities.register({ email: 'ada@example.org', password: ANOTHER_PASSWORD, displayName: 'Eve' });
    await loggedIn(under, 'ada@example.org');
    errorOf(await under.identities.login('ada@example.org', ANOTHER_PASSWORD));
    assert.is(valueOf(await under.identities.profile(ada)).displayName, 'Ada');
  });

  if (traits.settlesRaces)
    contract('of two registrations of one address at the same time exactly one succeeds', async (under) => {
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

  if (traits.refusesWeakPasswords)
    contract('a weak password is refused with what it lacks, and no account comes to be', async (under) => {
      const error = errorOf(
        await under.identities.register({ email: 'ada@example.org', password: 'short', displayName: null }),
      );
      assert.ok(error.kind === 'weak-password' && error.unmet.length > 0, JSON.stringify(error));
      await registered(under, 'ada@example.org');
    });

  contract('refreshing continues the same session of the same person', async (under) => {
    const ada = await registered(under, 'ada@example.org');
    const first = await loggedIn(under, 'ada@example.org');
    const second = valueOf(await under.identities.refresh(first.refreshToken));
    const before = valueOf(await under.tokens.verify(first.accessToken));
    const after = valueOf(await under.tokens.verify(second.accessToken));
    if (traits.namesSessions) assert.equal(after, before);
    assert.is(after.userId, ada);
    assert.is(before.userId, ada);
  });

  contract('the refresh token of each answer refreshes again', async (under) => {
    await registered(under, 'ada@example.org');
    let tokens: TokenSet = await loggedIn(under, 'ada@example.org');
    for (let times = 0; times < 3; times += 1) tokens = valueOf(await under.identities.refresh(tokens.refreshToken));
    valueOf(await under.tokens.verify(tokens.accessToken));
  });

  contract('neither token does the work of the other', async (under) => {
    await registered(under, 'ada@example.org');
    const { accessToken, refreshToken } = await loggedIn(under, 'ada@example.org');
    assert.equal(errorOf(await under.tokens.verify(refreshToken)), { kind: 'invalid-token' });
    assert.equal(errorOf(await under.identities.refresh(accessToken)), { kind: 'invalid-refresh-token' });
  });

  contract('text that is not a token is refused, however long or odd', async (under) => {
    await registered(under, 'ada@example.org');
    const { accessToken } = await loggedIn(under, 'ada@example.org');
    for (const text of ['', '.', '..', 'Bearer', 'a.b.c', `${accessToken}.`, '\u0000', '\ud800', 'x'.repeat(100_000)]) {
      assert.equal(errorOf(await under.tokens.verify(text)), { kind: 'invalid-token' }, text.slice(0, 40));
      assert.equal(errorOf(await under.identities.refresh(text)), { kind: 'invalid-refresh-token' }, text.slice(0, 40));
    }
  });

  if (traits.revokesOneSession)
    contract('a revoked session cannot be refreshed, and revoking it again changes nothing', async (under) => {
      await registered(under, 'ada@example.org');
      const first = await loggedIn(under, 'ada@example.org');
      const refreshed = valueOf(await under.identities.refresh(first.refreshToken));
      const session = await sessionOf(under, first);
      for (let times = 0; times < (traits.revokesTwice ? 2 : 1); times += 1) {
        valueOf(await under.sessions.revokeSession(session));
        for (const token of [first.refreshToken, refreshed.refreshToken]) {
          assert.equal(errorOf(await under.identities.refresh(token)), { kind: 'invalid-refresh-token' });
        }
      }
    });

  if (traits.revokesOneSession)
    contract("revoking one session leaves the person's other sessions alone", async (under) => {
      await registered(under, 'ada@example.org');
      const phone = await sessionOf(under, await loggedIn(under, 'ada@example.org'));
      const laptop = await sessionOf(under, await loggedIn(under, 'ada@example.org'));
      assert.is.not(phone.sessionId, laptop.sessionId);
      valueOf(await under.sessions.revokeSession(phone));
      valueOf(await under.identities.refresh(laptop.refreshToken));
    });

  if (traits.revokesWithoutRefreshToken) {
    contract('a session ends also where its refresh token is not at hand', async (under) => {
      await registered(under, 'ada@example.org');
      const tokens = await loggedIn(under, 'ada@example.org');
      valueOf(await under.sessions.revokeSession({ ...(await sessionOf(under, tokens)), refreshToken: null }));
      assert.equal(errorOf(await under.identities.refresh(tokens.refreshToken)), { kind: 'invalid-refresh-token' });
    });
  }

  if (traits.endsAllSessions) {
    contract("all of a person's sessions end at once, and nobody else's", async (under) => {
      for (const email of ['ada@example.org', 'eve@example.org']) await registered(under, email);
      const phone = await loggedIn(under, 'ada@example.org');
      const laptop = await loggedIn(under, 'ada@example.org');
      const eves = await loggedIn(under, 'eve@example.org');
      const { userId: ada, accessToken } = await sessionOf(under, phone);
      valueOf(await under.sessions.revokeAllSessions({ userId: ada, accessToken }));
      for (const { refreshToken } of [phone, laptop]) {
        assert.equal(errorOf(await under.identities.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
      }
      valueOf(await under.identities.refresh(eves.refreshToken));
    });
  }

  if (traits.endsSessionById) {
    contract(
      "nobody can revoke another person's session, and trying does not tell whether it exists",
      async (under) => {
        await registered(under, 'ada@example.org');
        await registered(under, 'eve@example.org');
        const adas = await sessionOf(under, await loggedIn(under, 'ada@example.org'));
        const eves = await sessionOf(under, await loggedIn(under, 'eve@example.org'));
        const attempt = (sessionId: string) => under.sessions.revokeSession({ ...eves, sessionId, refreshToken: null });
        const foreign = await attempt(adas.sessionId);
        const absent = await attempt('no such session');
        assert.equal(foreign, absent);
        valueOf(await under.identities.refresh(adas.refreshToken));
      },
    );
  }

  contract('a profile is what its owner registered', async (under) => {
    const ada = await registered(under, 'Ada@example.org', 'Ada');
    const bob = await registered(under, 'bob@example.org');
    const profile = valueOf(await under.identities.profile(ada));
    assert.is(profile.userId, ada);
    assert.is(profile.email, kept('Ada@example.org'));
    assert.is(profile.displayName, 'Ada');
    assert.is.not(profile.provider, '');
    assert.is(valueOf(await under.identities.profile(bob)).displayName, null);
  });

  contract('a user who does not exist has no profile to read or change', async (under) => {
    assert.equal(errorOf(await under.identities.profile(NOBODY)), { kind: 'unknown-user' });
    assert.equal(errorOf(await under.identities.changeProfile(NOBODY, { displayName: 'X' })), { kind: 'unknown-user' });
  });

  contract('a change of the display name changes that alone, and the empty name removes it', async (under) => {
    const ada = await registered(under, 'ada@example.org', 'Ada');
    const before = valueOf(await under.identities.profile(ada));
    const renamed = valueOf(await under.identities.changeProfile(ada, { displayName: 'Countess' }));
    assert.equal(renamed, { ...before, displayName: 'Countess' });
    assert.equal(valueOf(await under.identities.profile(ada)), renamed);
    assert.is(valueOf(await under.identities.changeProfile(ada, { displayName: '' })).displayName, null);
  });

  contract('a change of nothing answers with the profile as it is', async (under) => {
    const ada = await registered(under, 'ada@example.org', 'Ada');
    const before = valueOf(await under.identities.profile(ada));
    assert.equal(valueOf(await under.identities.changeProfile(ada, {})), before);
  });

  if (traits.changesAddressAtOnce) {
    contract('a new e-mail address replaces the old one for logging in, and is unverified', async (under) => {
      const ada = await registered(under, 'ada@example.org');
      const changed = valueOf(await under.identities.changeProfile(ada, { email: 'countess@example.org' }));
      assert.is(changed.email, 'countess@example.org');
      assert.is(changed.emailVerified, false);

      const tokens = await loggedIn(under, 'countess@example.org');
      assert.is(valueOf(await under.tokens.verify(tokens.accessToken)).userId, ada);
      const withOld = await under.identities.login('ada@example.org', PASSWORD);
      assert.equal(errorOf(withOld), { kind: 'invalid-credentials' });
    });
  } else {
    contract('a new e-mail address changes nothing until it is confirmed', async (under) => {
      const ada = await registered(under, 'ada@example.org');
      const before = valueOf(await under.identities.profile(ada));
      assert.equal(valueOf(await under.identities.changeProfile(ada, { email: 'countess@example.org' })), before);
      assert.equal(valueOf(await under.identities.profile(ada)), before);
      await loggedIn(under, 'ada@example.org');
      const withNew = await under.identities.login('countess@example.org', PASSWORD);
      assert.equal(errorOf(withNew), { kind: 'invalid-credentials' });
      assert.is.not(await registered(under, 'countess@example.org'), ada);
    });
  }

  if (traits.guardsChangedAddress)
    contract(
      "another person's e-mail address cannot be taken, in no case, and nothing else of the change happens",
      async (under) => {
        await registered(under, 'ada@example.org');
        const eve = await registered(under, 'eve@example.org', 'Eve');
        const change = await under.identities.changeProfile(eve, { email: 'ADA@example.org', displayName: 'Ada' });
        assert.equal(errorOf(change), { kind: 'email-taken' });
        const { email, displayName } = valueOf(await under.identities.profile(eve));
        assert.equal({ email, displayName }, { email: 'eve@example.org', displayName: 'Eve' });
      },
    );

  contract('an erased account is gone, erasing it again changes nothing, and its address is free', async (under) => {
    const ada = await registered(under, 'ada@example.org');
    const eve = await registered(under, 'eve@example.org');
    const { refreshToken } = await loggedIn(under, 'ada@example.org');
    for (let times = 0; times < 2; times += 1) valueOf(await under.identities.eraseAccount(ada));
    assert.equal(errorOf(await under.identities.profile(ada)), { kind: 'unknown-user' });
    assert.equal(errorOf(await under.identities.login('ada@example.org', PASSWORD)), { kind: 'invalid-credentials' });
    if (traits.refusesTokensOfErased) {
      assert.equal(errorOf(await under.identities.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
    }
    assert.is(valueOf(await under.identities.profile(eve)).userId, eve);
    assert.is.not(await registered(under, 'ada@example.org'), ada);
  });

  contract('an answer to a login that nobody began is refused', async (under) => {
    await registered(under, 'ada@example.org');
    for (const session of ['x', 'YWRh.', '.x', `YWRh.${'x'.repeat(3000)}`, '\u0000', 'YWRh YWRh']) {
      const answered = await under.challenges.answer({
        email: 'ada@example.org',
        challenge: 'totp_code',
        session,
        answer: '123456',
      });
      assert.equal(errorOf(answered), { kind: 'challenge-expired' }, session.slice(0, 20));
    }
  });

  const code = traits.sentCode;
  if (code !== null) {
    const WRONG_CODE = '000000';

    if (!traits.usableAtOnce) {
      contract('an account is usable once its address is confirmed, and not by a wrong code', async (under) => {
        const email = 'ada@example.org';
        const account = { email: 'Ada@example.org', password: PASSWORD, displayName: null };
        assert.is(valueOf(await under.identities.register(account)).usable, false);
        await under.settled();
        assert.equal(errorOf(await under.confirmation.confirm(email, WRONG_CODE)), { kind: 'invalid-code' });
        assert.equal(errorOf(await under.identities.login(email, PASSWORD)), { kind: 'email-not-verified' });
        valueOf(await under.confirmation.confirm(email, code));
        await loggedIn(under, email);
      });
    }

    contract('an address without an account is confirmed and reset by no code', async (under) => {
      const email = 'nobody@example.org';
      assert.equal(errorOf(await under.confirmation.confirm(email, code)), { kind: 'invalid-code' });
      const reset = await under.recovery.reset({ email, code, newPassword: ANOTHER_PASSWORD });
      assert.equal(errorOf(reset), { kind: 'invalid-code' });
    });

    contract('whoever asks for a code does not learn whether there is an account', async (under) => {
      await registered(under, 'ada@example.org');
      for (const email of ['ada@example.org', 'nobody@example.org']) {
        valueOf(await under.recovery.forgot(email));
        if (traits.resends) valueOf(await under.confirmation.resend(email));
      }
    });

    contract('a forgotten password is replaced with the code that was sent, once', async (under) => {
      const email = 'ada@example.org';
      await registered(under, email);
      valueOf(await under.recovery.forgot(email));
      await under.settled();
      const reset = (given: string) => under.recovery.reset({ email, code: given, newPassword: ANOTHER_PASSWORD });
      assert.equal(errorOf(await reset(WRONG_CODE)), { kind: 'invalid-code' });
      await loggedIn(under, email);
      valueOf(await reset(code));
      await loggedIn(under, email, ANOTHER_PASSWORD);
      errorOf(await under.identities.login(email, PASSWORD));
      const again = errorOf(await reset(code));
      assert.ok(again.kind === 'invalid-code' || again.kind === 'expired-code', again.kind);
    });

    contract('a changed address is confirmed by its owner with the code that was sent to it', async (under) => {
      const ada = await registered(under, 'ada@example.org');
      const { accessToken } = await loggedIn(under, 'ada@example.org');
      valueOf(await under.identities.changeProfile(ada, { email: 'countess@example.org' }));
      const wrong = await under.confirmation.confirmChange(accessToken, WRONG_CODE);
      assert.equal(errorOf(wrong), { kind: 'invalid-code' });
      const meanwhile = valueOf(await under.identities.profile(ada));
      if (traits.changesAddressAtOnce) assert.is(meanwhile.emailVerified, false);
      else assert.is(meanwhile.email, 'ada@example.org');
      valueOf(await under.confirmation.confirmChange(accessToken, code));
      const { email, emailVerified } = valueOf(await under.identities.profile(ada));
      assert.equal({ email, emailVerified }, { email: 'countess@example.org', emailVerified: true });
      // In another case it is the same address, and stays confirmed.
      valueOf(await under.identities.changeProfile(ada, { email: 'Countess@example.org' }));
      assert.is(valueOf(await under.identities.profile(ada)).emailVerified, true);
    });
  }

  suiteOfAll.run();
}
