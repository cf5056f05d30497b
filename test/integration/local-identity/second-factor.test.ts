import { createHmac } from 'node:crypto';
import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHALLENGE_SECONDS } from '../../../adapters/local-identity/session-tokens.ts';
import { MemorySecondFactorStore } from '../../../adapters/memory/second-factor-store.ts';
import { fromBase32 } from '../../../core/auth/base32.ts';
import { codeAt, stepAt, TOTP_STEP_MS } from '../../../core/auth/totp.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { replacing } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { FIRST_CODE, localInstallation } from './local-installation.ts';

const EMAIL = 'ada@example.org';
const PASSWORD = 'Correct1horse';
const ADA = { email: EMAIL, password: PASSWORD, displayName: null };
const WRONG = { kind: 'invalid-code' };
const EXPIRED = { kind: 'challenge-expired' };
const ENABLED = { kind: 'second-factor-enabled' };

async function withAda(...parameters: Parameters<typeof localInstallation>) {
  const installation = localInstallation(...parameters);
  const { provider, time } = installation;
  const { userId: ada } = valueOf(await provider.register(ADA));
  const challenged = async (email = EMAIL, password = PASSWORD) => {
    const step = valueOf(await provider.login(email, password));
    assert.ok('challenge' in step, 'a second factor is asked for');
    return step.challenge;
  };
  const answer = (session: string, code: string, email = EMAIL) =>
    provider.answer({ email, challenge: 'totp_code', session, answer: code });
  return { ...installation, ada, challenged, answer, next: () => (time.nowMs += TOTP_STEP_MS) };
}

/** The code that an app shows at an instant. */
function codeOf(secret: string, nowMs: number): string {
  const key = fromBase32(secret);
  assert.ok(key);
  return codeAt((hmacKey, message) => createHmac('sha1', hmacKey).update(message).digest(), key, stepAt(nowMs));
}

/** With the second factor set up; the code of the step it was set up in is used. */
async function withFactor(...parameters: Parameters<typeof localInstallation>) {
  const world = await withAda(...parameters);
  const { provider, ada, time, next } = world;
  const { secret } = valueOf(await provider.secondFactor.begin(ada));
  const recoveryCodes = valueOf(await provider.secondFactor.confirm(ada, codeOf(secret, time.nowMs)));
  next();
  const code = () => codeOf(secret, time.nowMs);
  return { ...world, secret, recoveryCodes, code, wrong: () => String((Number(code()) + 1) % 1e6).padStart(6, '0') };
}

test('a factor that was begun changes no login until a code of it was confirmed', async () => {
  const { provider, ada, time, challenged } = await withAda();
  const begun = valueOf(await provider.secondFactor.begin(ada));
  assert.match(begun.secret, /^[A-Z2-7]{32}$/);
  assert.ok(begun.uri.includes(begun.secret));
  tokensOf(valueOf(await provider.login(EMAIL, PASSWORD)));
  const again = valueOf(await provider.secondFactor.begin(ada));
  assert.is.not(again.secret, begun.secret);
  assert.equal(errorOf(await provider.secondFactor.confirm(ada, codeOf(begun.secret, time.nowMs))), WRONG);
  const codes = valueOf(await provider.secondFactor.confirm(ada, codeOf(again.secret, time.nowMs)));
  assert.is(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}$/);
  const { name, choices, sentTo, totpSecret } = await challenged();
  assert.equal([name, choices, sentTo, totpSecret], ['totp_code', [], null, null]);
});

test('a login is the password and a code, and each code is good once', async () => {
  const { provider, ada, challenged, answer, code } = await withFactor();
  const first = await challenged();
  const tokens = tokensOf(valueOf(await answer(first.session, code())));
  assert.is(valueOf(await provider.verify(tokens.accessToken)).userId, ada);
  valueOf(await provider.refresh(tokens.refreshToken));
  const second = await challenged();
  assert.equal(errorOf(await answer(second.session, code())), WRONG);
});

test('the code that confirmed the factor is used up by that', async () => {
  const { time, challenged, answer, secret } = await withFactor();
  const { session } = await challenged();
  assert.equal(errorOf(await answer(session, codeOf(secret, time.nowMs - TOTP_STEP_MS))), WRONG);
});

test('an app whose clock is a step ahead or behind is understood, one that is two steps away is not', async () => {
  for (const [steps, isGood] of [
    [1, true],
    [-1, true],
    [2, false],
    [-2, false],
  ] as const) {
    const { time, challenged, answer, secret, next } = await withFactor();
    for (let times = 0; times < 4; times += 1) next();
    const { session } = await challenged();
    const outcome = await answer(session, codeOf(secret, time.nowMs + steps * TOTP_STEP_MS));
    assert.is(outcome.isOk(), isGood, `${steps} steps`);
  }
});

test('a recovery code stands in for a code once, however it is copied', async () => {
  const { challenged, answer, recoveryCodes } = await withFactor();
  const [first = '', second = '', third = ''] = recoveryCodes;
  valueOf(await answer((await challenged()).session, first));
  valueOf(await answer((await challenged()).session, second.toLowerCase()));
  valueOf(await answer((await challenged()).session, third.replaceAll('-', '')));
  assert.equal(errorOf(await answer((await challenged()).session, first)), WRONG);
});

test('of recovery codes only hashes are kept', async () => {
  const { deps, ada, recoveryCodes } = await withFactor();
  const hashes = valueOf(await deps.secondFactors.find(ada))?.recoveryHashes ?? [];
  assert.is(hashes.length, recoveryCodes.length);
  const kept = hashes.join();
  for (const code of recoveryCodes) assert.not.ok(kept.includes(code) || kept.includes(code.replaceAll('-', '')));
});

test('after three wrong codes even the right one is refused for a quarter of an hour', async () => {
  const { time, challenged, answer, code, wrong } = await withFactor();
  const { session } = await challenged();
  for (let times = 0; times < 3; times += 1) assert.equal(errorOf(await answer(session, wrong())), WRONG);
  assert.equal(errorOf(await answer(session, code())), { kind: 'too-many-attempts', retryAfterSeconds: 900 });
  time.nowMs += 15 * 60_000;
  valueOf(await answer((await challenged()).session, code()));
});

test('a storm of guesses is answered no more often than a sequence of them', async () => {
  const { challenged, answer, wrong } = await withFactor();
  const { session } = await challenged();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => answer(session, wrong())));
  const kinds = outcomes.map((outcome) => errorOf(outcome).kind);
  assert.is(kinds.filter((kind) => kind === 'invalid-code').length, 3);
  assert.is(kinds.filter((kind) => kind === 'too-many-attempts').length, 17);
});

test('in a storm of guesses the right one counts among the first three alone, whatever it is to do', async () => {
  const { provider, deps, ada, code, wrong } = await withFactor();
  const remove = (guess: string) => provider.secondFactor.remove(ada, guess);
  const outcomes = await Promise.all([...Array.from({ length: 10 }, wrong), code()].map(remove));
  assert.is(errorOf(outcomes.at(-1)!).kind, 'too-many-attempts');
  assert.is(valueOf(await deps.secondFactors.find(ada))?.enabled, true);
});

test('wrong codes do not lock the password, nor wrong passwords the code', async () => {
  const { provider, challenged, answer, code, wrong } = await withFactor();
  const { session } = await challenged();
  for (let times = 0; times < 3; times += 1) errorOf(await answer(session, wrong()));
  await challenged();
  const other = await withFactor();
  const begun = await other.challenged();
  for (let times = 0; times < 3; times += 1) errorOf(await other.provider.login(EMAIL, 'Wrong1password'));
  valueOf(await other.answer(begun.session, other.code()));
  assert.ok(provider !== other.provider && code().length === 6);
});

test('a challenge is over after five minutes, with its first session, and for another address', async () => {
  const { provider, time, challenged, answer, code, recoveryCodes } = await withFactor({ clockToleranceSeconds: 0 });
  const { session } = await challenged();
  valueOf(await provider.register({ ...ADA, email: 'eve@example.org' }));
  assert.equal(errorOf(await answer(session, code(), 'eve@example.org')), EXPIRED);
  valueOf(await answer(session, code()));
  assert.equal(errorOf(await answer(session, recoveryCodes[0] ?? '')), EXPIRED);
  const late = await challenged();
  time.nowMs += CHALLENGE_SECONDS * 1000;
  assert.equal(errorOf(await answer(late.session, code())), EXPIRED);
});

test('a challenge is no token, and no token a challenge', async () => {
  const { provider, challenged, answer, code, recoveryCodes } = await withFactor();
  const { session } = await challenged();
  assert.equal(errorOf(await provider.verify(session)), { kind: 'invalid-token' });
  assert.equal(errorOf(await provider.refresh(session)), { kind: 'invalid-refresh-token' });
  const { accessToken, refreshToken } = tokensOf(valueOf(await answer(session, code())));
  for (const token of [accessToken, refreshToken, 'x', '']) {
    assert.equal(errorOf(await answer(token, recoveryCodes[0] ?? '')), EXPIRED);
  }
});

test('another challenge than the one that was put is not answered', async () => {
  const { provider, challenged, code } = await withFactor();
  const { session } = await challenged();
  for (const challenge of ['sms_code', 'email_code', 'new_password', 'choose_factor', 'totp_setup'] as const) {
    assert.equal(errorOf(await provider.answer({ email: EMAIL, challenge, session, answer: code() })), EXPIRED);
  }
});

test('a new password ends challenges of the old one, keeps the second factor, and forgets wrong codes', async () => {
  const { provider, challenged, answer, code, wrong } = await withFactor();
  const { session } = await challenged();
  for (let times = 0; times < 3; times += 1) errorOf(await answer(session, wrong()));
  valueOf(await provider.forgot(EMAIL));
  await provider.settled();
  valueOf(await provider.reset({ email: EMAIL, code: FIRST_CODE, newPassword: 'Another2password' }));
  assert.equal(errorOf(await answer(session, code())), EXPIRED);
  valueOf(await answer((await challenged(EMAIL, 'Another2password')).session, code()));
});

test('it is taken away by a code or a recovery code alone, and can be set up again', async () => {
  for (const byRecovery of [false, true]) {
    const { provider, ada, code, wrong, recoveryCodes, time, next } = await withFactor();
    const { secondFactor } = provider;
    assert.equal(errorOf(await secondFactor.begin(ada)), ENABLED);
    assert.equal(errorOf(await secondFactor.confirm(ada, code())), ENABLED);
    assert.equal(errorOf(await secondFactor.remove(ada, wrong())), WRONG);
    valueOf(await secondFactor.remove(ada, byRecovery ? (recoveryCodes[9] ?? '') : code()));
    tokensOf(valueOf(await provider.login(EMAIL, PASSWORD)));
    assert.equal(errorOf(await secondFactor.remove(ada, code())), WRONG);
    const { secret } = valueOf(await secondFactor.begin(ada));
    next();
    valueOf(await secondFactor.confirm(ada, codeOf(secret, time.nowMs)));
  }
});

test('tries are limited where it is confirmed and where it is taken away, too', async () => {
  const { provider, ada, time } = await withAda();
  const { secret } = valueOf(await provider.secondFactor.begin(ada));
  for (let times = 0; times < 3; times += 1)
    assert.equal(errorOf(await provider.secondFactor.confirm(ada, 'x')), WRONG);
  const right = codeOf(secret, time.nowMs);
  assert.is(errorOf(await provider.secondFactor.confirm(ada, right)).kind, 'too-many-attempts');
  assert.is(errorOf(await provider.secondFactor.remove(ada, right)).kind, 'too-many-attempts');
});

test('what is no code at all is wrong, of any length and alphabet', async () => {
  for (const text of ['', '12345', '1234567', '12345é', '١٢٣٤٥٦', 'ABCD-EFGH-IJKL-MNOP', 'x'.repeat(64), '\u0000']) {
    const { provider, ada } = await withFactor();
    assert.equal(errorOf(await provider.secondFactor.remove(ada, text)), WRONG, text);
  }
});

test('with the account the second factor goes, and its tries', async () => {
  const { provider, deps, ada, attempts, challenged, answer, wrong } = await withFactor();
  const { session } = await challenged();
  errorOf(await answer(session, wrong()));
  valueOf(await provider.eraseAccount(ada));
  assert.is(valueOf(await deps.secondFactors.find(ada)), null);
  assert.is(attempts.size, 0);
  assert.equal(errorOf(await answer(session, '123456')), EXPIRED);
  assert.equal(errorOf(await provider.secondFactor.begin(ada)), { kind: 'unknown-user' });
});

test('where it cannot be told whether there is a second factor nobody is let in', async () => {
  const down = portUnavailable('SecondFactorStore', 'find', 'down');
  const { provider } = await withAda(
    {},
    { secondFactors: replacing(new MemorySecondFactorStore(), { find: () => errAsync(down) }) },
  );
  assert.equal(errorOf(await provider.login(EMAIL, PASSWORD)), down);
});

test.run();
