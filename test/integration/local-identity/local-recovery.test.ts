import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CODE_MINUTES, MOST_TRIES } from '../../../adapters/local-identity/mailed-codes.ts';
import { MemoryEmailedCodes } from '../../../adapters/memory/emailed-codes.ts';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { AccountTable, FIRST_CODE, localInstallation, WRONG_CODE } from './local-installation.ts';

const EMAIL = 'ada@example.org';
const ADA = { email: 'Ada@Example.org', password: 'Correct1horse', displayName: 'Ada' };
const NEW_PASSWORD = 'Another2password';
const MINUTE = 60_000;
const INVALID = { kind: 'invalid-code' };
const EXPIRED = { kind: 'expired-code' };
const down = (port: string): PortUnavailable => portUnavailable(port, 'any', 'down');

async function withAda(...parameters: Parameters<typeof localInstallation>) {
  const installation = localInstallation(...parameters);
  const { provider, outbox } = installation;
  const { userId: ada } = valueOf(await provider.register(ADA));
  await provider.settled();
  const codes = () => outbox.messages.flatMap(({ text }) => /\b\d{6}\b/.exec(text)?.[0] ?? []);
  return {
    ...installation,
    ada,
    /** What was mailed, the newest last. */
    codes,
    newest: () => codes().at(-1) ?? 'none',
    forgot: async (email = EMAIL) => {
      valueOf(await provider.forgot(email));
      await provider.settled();
    },
    resend: async (email = EMAIL) => {
      valueOf(await provider.resend(email));
      await provider.settled();
    },
    changeTo: async (email: string) => {
      const changed = await provider.changeProfile(ada, { email });
      await provider.settled();
      return changed;
    },
    reset: (code: string, newPassword = NEW_PASSWORD, email = EMAIL) => provider.reset({ email, code, newPassword }),
    login: (password = ADA.password, email = EMAIL) => provider.login(email, password).map(tokensOf),
  };
}

test('a registration that must be confirmed mails a code, to the address as it was typed; another one does not', async () => {
  const { outbox, ada } = await withAda({ requireEmailVerification: true });
  const [mail, ...others] = outbox.messages;
  assert.equal(others, []);
  assert.equal([mail?.owner, mail?.to, mail?.subject], [ada, ADA.email, 'Confirm your e-mail address']);
  assert.match(mail?.text ?? '', `    ${FIRST_CODE}\n`);
  assert.match(mail?.text ?? '', '1 hour');
  assert.equal((await withAda()).outbox.messages, []);
});

test('nothing of a code is kept but a salted hash', async () => {
  const kept: unknown[] = [];
  const store = new MemoryEmailedCodes();
  const codes = replacing(store, {
    issue: (...given) => {
      kept.push(given);
      return store.issue(...given);
    },
  });
  const { forgot, newest } = await withAda({}, { codes });
  await forgot();
  assert.is(newest(), FIRST_CODE);
  assert.is(kept.length, 1);
  assert.not.match(JSON.stringify(kept), FIRST_CODE);
});

test('the answer does not wait for the code or the mail, and tells nothing of either', async () => {
  const { provider, outbox, unsent } = await withAda({}, { codes: new MemoryEmailedCodes() });
  valueOf(await provider.forgot(EMAIL));
  valueOf(await provider.forgot('nobody@example.org'));
  assert.equal(outbox.messages, []);
  await provider.settled();
  assert.is(outbox.messages.length, 1);
  assert.equal(unsent, []);
});

for (const [what, deps] of [
  [
    'a code that cannot be kept',
    { codes: replacing(new MemoryEmailedCodes(), { issue: () => errAsync(down('codes')) }) },
  ],
  [
    'a mail that cannot be sent',
    { mail: { send: () => errAsync(down('mail')), eraseOwner: () => okAsync(undefined) } },
  ],
] as const) {
  test(`${what} is told to the operator, not to whoever asked`, async () => {
    const { provider, unsent } = await withAda({}, deps);
    for (const email of [EMAIL, 'nobody@example.org']) valueOf(await provider.forgot(email));
    await provider.settled();
    assert.equal(
      unsent.map(({ port }) => port),
      ['codes' in deps ? 'codes' : 'mail'],
    );
  });
}

test('where the accounts cannot be asked, everybody is told', async () => {
  const accounts = new AccountTable();
  const { provider } = await withAda({}, { accounts });
  Object.assign(accounts, { byEmailKey: () => errAsync(down('accounts')) });
  for (const email of [EMAIL, 'nobody@example.org']) {
    assert.is(errorOf(await provider.forgot(email)).port, 'accounts');
    assert.is(errorOf(await provider.resend(email)).port, 'accounts');
  }
});

test('a code that is confirmed again has been used, a wrong one is wrong, and nobody has none', async () => {
  const { provider } = await withAda({ requireEmailVerification: true });
  assert.equal(errorOf(await provider.confirm(EMAIL, WRONG_CODE)), INVALID);
  valueOf(await provider.confirm(EMAIL, FIRST_CODE));
  assert.equal(errorOf(await provider.confirm(EMAIL, FIRST_CODE)), EXPIRED);
  assert.equal(errorOf(await provider.confirm(EMAIL, WRONG_CODE)), INVALID);
  assert.equal(errorOf(await provider.confirm('nobody@example.org', FIRST_CODE)), INVALID);
});

test('a code is good for its time and then is expired, which only who has it learns', async () => {
  const { provider, time, forgot, reset, newest } = await withAda({ requireEmailVerification: true });
  const confirmation = newest();
  await forgot();
  time.nowMs += CODE_MINUTES.reset * MINUTE;
  assert.equal(errorOf(await reset(WRONG_CODE)), INVALID);
  assert.equal(errorOf(await reset(newest())), EXPIRED);
  time.nowMs += (CODE_MINUTES.confirm - CODE_MINUTES.reset) * MINUTE - 1;
  valueOf(await provider.confirm(EMAIL, confirmation));
  await forgot();
  time.nowMs += CODE_MINUTES.reset * MINUTE - 1;
  valueOf(await reset(newest()));
});

test('after a thousand tries a code is worth nothing, also when it is right, until a new one is sent', async () => {
  const { time, forgot, reset, newest } = await withAda();
  await forgot();
  for (let tries = 0; tries < MOST_TRIES; tries += 1) assert.equal(errorOf(await reset(WRONG_CODE)), INVALID);
  assert.equal(errorOf(await reset(newest())), INVALID);
  time.nowMs += MINUTE;
  await forgot();
  valueOf(await reset(newest()));
});

test('of very many guesses at the same time a thousand are looked at', async () => {
  const { forgot, reset, newest } = await withAda();
  await forgot();
  const guesses = [...Array.from({ length: MOST_TRIES }, () => WRONG_CODE), newest()];
  const outcomes = await Promise.all(guesses.map((guess) => reset(guess)));
  for (const outcome of outcomes) assert.equal(errorOf(outcome), INVALID);
});

test('the newest code replaces the one before', async () => {
  const { time, forgot, reset, codes } = await withAda();
  await forgot();
  time.nowMs += MINUTE;
  await forgot();
  const [first = '', second = ''] = codes();
  assert.equal(errorOf(await reset(first)), INVALID);
  valueOf(await reset(second));
});

test('there is one mail a minute and five an hour, in silence, and each purpose has its own', async () => {
  const { time, forgot, resend, outbox } = await withAda();
  for (let minutes = 0; minutes < 60; minutes += 1) {
    await forgot();
    await forgot();
    time.nowMs += MINUTE;
  }
  assert.is(outbox.messages.length, 5);
  await resend();
  assert.is(outbox.messages.length, 6);
  await forgot();
  assert.is(outbox.messages.length, 7);
});

test('a code is good for what it was sent for and for nothing else', async () => {
  const { provider, forgot, reset, login, changeTo, codes } = await withAda({ requireEmailVerification: true });
  await forgot();
  const [confirmation = '', forReset = ''] = codes();
  assert.equal(errorOf(await reset(confirmation)), INVALID);
  assert.equal(errorOf(await provider.confirm(EMAIL, forReset)), INVALID);
  valueOf(await provider.confirm(EMAIL, confirmation));
  const { accessToken } = valueOf(await login());
  assert.equal(errorOf(await provider.confirmChange(accessToken, forReset)), INVALID);
  valueOf(await changeTo('countess@example.org'));
  assert.equal(errorOf(await reset(codes().at(-1) ?? '')), INVALID);
});

test('a confirmation is sent again while the address is unconfirmed, and not afterwards', async () => {
  const { provider, time, resend, outbox, newest } = await withAda({ requireEmailVerification: true });
  await resend();
  assert.is(outbox.messages.length, 1);
  time.nowMs += MINUTE;
  await resend();
  await resend('nobody@example.org');
  assert.is(outbox.messages.length, 2);
  valueOf(await provider.confirm(EMAIL, newest()));
  time.nowMs += MINUTE;
  await resend();
  assert.is(outbox.messages.length, 2);
});

test('a new password is the one to log in with, ends every session and confirms the address', async () => {
  const { provider, ada, login, forgot, reset, newest } = await withAda();
  const phone = valueOf(await login());
  const laptop = valueOf(await login());
  await forgot();
  valueOf(await reset(newest()));
  for (const { refreshToken } of [phone, laptop]) {
    assert.equal(errorOf(await provider.refresh(refreshToken)), { kind: 'invalid-refresh-token' });
  }
  assert.equal(errorOf(await login()), { kind: 'invalid-credentials' });
  valueOf(await login(NEW_PASSWORD));
  assert.is(valueOf(await provider.profile(ada)).emailVerified, true);
});

test('a weak password is refused with what it lacks, and the code stays good', async () => {
  const { forgot, reset, newest } = await withAda();
  await forgot();
  for (let tries = 0; tries < 6; tries += 1) {
    const error = errorOf(await reset(newest(), 'short'));
    assert.ok(error.kind === 'weak-password' && error.unmet.length > 0);
  }
  valueOf(await reset(newest()));
});

test('of resets with one code at the same time exactly one sets its password', async () => {
  const { forgot, reset, newest, login } = await withAda();
  await forgot();
  const passwords = ['Number1one', 'Number2two', 'Number3three'];
  const outcomes = await Promise.all(passwords.map((password) => reset(newest(), password)));
  const winners = passwords.filter((_, i) => outcomes[i]?.isOk());
  assert.is(winners.length, 1);
  for (const outcome of outcomes) if (outcome.isErr()) assert.equal(outcome.error, EXPIRED);
  valueOf(await login(winners[0]));
});

for (const method of ['update', 'revokeAllSessions'] as const) {
  test(`a reset that fails at ${method} is done by the same call again`, async () => {
    const accounts = new AccountTable();
    const real = accounts[method].bind(accounts) as () => never;
    const { forgot, reset, newest, login } = await withAda({}, { accounts });
    await forgot();
    Object.assign(accounts, { [method]: () => errAsync(down(method)) });
    assert.is((errorOf(await reset(newest())) as PortUnavailable).port, method);
    Object.assign(accounts, { [method]: real });
    valueOf(await reset(newest()));
    assert.equal(errorOf(await reset(newest())), EXPIRED);
    valueOf(await login(NEW_PASSWORD));
  });
}

test('a code that cannot be given back after a failure stays used, and the failure is what is told', async () => {
  const accounts = new AccountTable();
  const codes = replacing(new MemoryEmailedCodes(), { release: () => errAsync(down('codes')) });
  const { forgot, reset, newest } = await withAda({}, { accounts, codes });
  await forgot();
  const update = accounts.update.bind(accounts);
  Object.assign(accounts, { update: () => errAsync(down('accounts')) });
  assert.is((errorOf(await reset(newest())) as PortUnavailable).port, 'accounts');
  Object.assign(accounts, { update });
  assert.equal(errorOf(await reset(newest())), EXPIRED);
});

test('an account that goes while its code is checked is changed by none', async () => {
  const accounts = new AccountTable();
  const { ada, forgot, reset, newest } = await withAda({}, { accounts });
  await forgot();
  Object.assign(accounts, { byId: () => okAsync(null) });
  assert.equal(errorOf(await reset(newest())), INVALID);
  Object.assign(accounts, { byId: () => okAsync(accounts.accounts.get(ada) ?? null) });
  assert.equal(errorOf(await reset(newest())), EXPIRED);
});

for (const kind of ['unknown-user', 'email-taken'] as const) {
  test(`an account of which the store says ${kind} at the last moment is changed by no code`, async () => {
    const accounts = new AccountTable();
    const { forgot, reset, newest } = await withAda({}, { accounts });
    await forgot();
    Object.assign(accounts, { update: () => errAsync({ kind }) });
    assert.equal(errorOf(await reset(newest())), INVALID);
  });
}

test('a changed address is mailed at the new place, takes effect when confirmed, and frees the old one', async () => {
  const { provider, outbox, login, changeTo, newest } = await withAda();
  const { accessToken } = valueOf(await login());
  assert.is(valueOf(await changeTo('Countess@example.org')).email, ADA.email);
  const mail = outbox.messages.find(({ to }) => to === 'Countess@example.org');
  assert.match(mail?.text ?? '', '15 minutes');
  valueOf(await provider.confirmChange(accessToken, newest()));
  valueOf(await login(ADA.password, 'countess@example.org'));
  assert.equal(errorOf(await login()), { kind: 'invalid-credentials' });
  valueOf(await provider.register({ ...ADA, displayName: null }));
});

test('a change that is asked for twice is mailed once; to yet another address, it has to wait', async () => {
  const { time, outbox, changeTo } = await withAda();
  valueOf(await changeTo('countess@example.org'));
  valueOf(await changeTo('countess@example.org'));
  const newPlaces = () => outbox.messages.map(({ to }) => to).filter((to) => to !== ADA.email);
  assert.equal(newPlaces(), ['countess@example.org']);
  time.nowMs += 15_500;
  assert.equal(errorOf(await changeTo('lady@example.org')), { kind: 'too-many-attempts', retryAfterSeconds: 45 });
  time.nowMs += 44_500;
  valueOf(await changeTo('lady@example.org'));
  assert.equal(newPlaces(), ['countess@example.org', 'lady@example.org']);
});

test('a change that has to wait leaves the name as it is, too', async () => {
  const { provider, ada, changeTo } = await withAda();
  valueOf(await changeTo('countess@example.org'));
  errorOf(await provider.changeProfile(ada, { email: 'lady@example.org', displayName: 'Lady' }));
  assert.is(valueOf(await provider.profile(ada)).displayName, 'Ada');
});

test('an address that somebody else takes meanwhile stays theirs', async () => {
  const { provider, login, changeTo, newest } = await withAda();
  const { accessToken } = valueOf(await login());
  valueOf(await changeTo('countess@example.org'));
  valueOf(await provider.register({ ...ADA, email: 'countess@example.org' }));
  assert.equal(errorOf(await provider.confirmChange(accessToken, newest())), { kind: 'email-taken' });
  assert.equal(errorOf(await changeTo('countess@example.org')), { kind: 'email-taken' });
});

test('a code for the address that an account has left proves nothing of the new one', async () => {
  const { provider, time, login, changeTo, forgot, reset, newest } = await withAda();
  const { accessToken } = valueOf(await login());
  await forgot();
  const sentToOld = newest();
  valueOf(await changeTo('countess@example.org'));
  valueOf(await provider.confirmChange(accessToken, newest()));
  assert.equal(errorOf(await reset(sentToOld, NEW_PASSWORD, 'countess@example.org')), INVALID);
  assert.equal(errorOf(await reset(sentToOld)), INVALID);
  time.nowMs += MINUTE;
  await forgot('countess@example.org');
  valueOf(await reset(newest(), NEW_PASSWORD, 'countess@example.org'));
});

test('a change is confirmed by a token only', async () => {
  const { provider, changeTo, newest } = await withAda();
  valueOf(await changeTo('countess@example.org'));
  assert.equal(errorOf(await provider.confirmChange('a.b.c', newest())), { kind: 'invalid-token' });
});

test('an erased person has no codes, no mails and no failures left', async () => {
  const { provider, ada, attempts, outbox, forgot, reset, login, newest } = await withAda();
  await forgot();
  errorOf(await login('Wrong1password'));
  assert.is(attempts.size, 1);
  const code = newest();
  valueOf(await provider.eraseAccount(ada));
  assert.is(attempts.size, 0);
  assert.equal(outbox.messages, []);
  assert.equal(errorOf(await reset(code)), INVALID);
});

test('a code that is on its way while its person is erased leaves nothing of them', async () => {
  const codes = new MemoryEmailedCodes();
  const { provider, ada, outbox } = await withAda({}, { codes });
  valueOf(await provider.forgot(EMAIL));
  valueOf(await provider.eraseAccount(ada));
  await provider.settled();
  assert.equal(outbox.messages, []);
  assert.is(valueOf(await codes.countTry(ada, 'reset', 5)), null);
});

for (const port of ['codes', 'mail', 'attempts'] as const) {
  test(`an erasure that fails at ${port} leaves the account, and the same call again ends it`, async () => {
    const installation = await withAda();
    const { provider, deps, ada, accounts } = installation;
    const broken = { codes: 'eraseOwner', mail: 'eraseOwner', attempts: 'clear' } as const;
    const real = deps[port];
    const second = localInstallation(
      {},
      { ...deps, [port]: replacing(real as object, { [broken[port]]: () => errAsync(down(port)) }) },
    );
    assert.is(errorOf(await second.provider.eraseAccount(ada)).port, port);
    assert.ok(accounts.accounts.has(ada));
    valueOf(await provider.eraseAccount(ada));
    assert.is(accounts.accounts.has(ada), false);
  });
}

test('an account that was never there is erased without more ado', async () => {
  const { provider } = await withAda();
  valueOf(await provider.eraseAccount(userId('nobody')));
});

test('the address that an account has is told of one that is to take its place', async () => {
  const { outbox, changeTo } = await withAda();
  valueOf(await changeTo('new@example.org'));
  const [code, notice] = outbox.messages.toSorted((a, b) => a.to.localeCompare(b.to)).reverse();
  assert.equal([code?.to, notice?.to], ['new@example.org', ADA.email]);
  assert.is(notice?.subject, 'Your e-mail address is to be changed');
  assert.not.match(notice?.text ?? '', /new@example\.org|\d{6}/);
});

test('a new password ends all tokens, and the change to another address that was under way', async () => {
  const { provider, ada, changeTo, newest, forgot, reset, login, tokensEnded } = await withAda();
  const { accessToken } = valueOf(await login());
  valueOf(await changeTo('thief@example.org'));
  const change = newest();
  await forgot();
  valueOf(await reset(newest()));
  assert.equal(tokensEnded, [ada]);
  assert.equal(errorOf(await provider.confirmChange(accessToken, change)), EXPIRED);
  assert.is(valueOf(await provider.profile(ada)).email, ADA.email);
});

test('a login that began with the password of before a reset ends as one with a wrong password', async () => {
  const accounts = new AccountTable();
  const { ada, login } = await withAda({}, { accounts });
  const insertSession = accounts.insertSession.bind(accounts);
  Object.assign(accounts, {
    insertSession: (session: Parameters<typeof insertSession>[0]) => {
      // The reset comes after the password was looked at, and before the session is there.
      accounts.accounts.set(ada, { ...accounts.accounts.get(ada)!, passwordHash: 'new' });
      return insertSession(session);
    },
  });
  assert.is(errorOf(await login()).kind, 'invalid-credentials');
  assert.ok([...accounts.sessions.values()].at(-1)?.revoked);
});

test.run();
