import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerChallenge } from '../../../core/auth/answer-challenge.ts';
import { confirmEmailChange } from '../../../core/auth/confirm-email-change.ts';
import { confirmEmail } from '../../../core/auth/confirm-email.ts';
import { forgotPassword } from '../../../core/auth/forgot-password.ts';
import { resendConfirmation } from '../../../core/auth/resend-confirmation.ts';
import { resetPassword } from '../../../core/auth/reset-password.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { codesAnswering, failing, knowing, TOKENS } from './identities.ts';

const DOWN = portUnavailable('IdentityProvider', 'any', 'down');
const ANSWER = { email: ' Ada@example.org ', challenge: 'totp_code', session: 's', answer: ' 123 456 ' } as const;

test('addresses and codes reach the provider without the white space around and in them', async () => {
  const { provider, asked } = codesAnswering();
  const email = ' Ada@example.org\n';
  valueOf(await confirmEmail({ confirmation: provider })({ email, code: ' 123 456\n' }));
  valueOf(await resendConfirmation({ confirmation: provider })(email));
  valueOf(await confirmEmailChange({ confirmation: provider })({ accessToken: 'access', code: '12 34 56' }));
  valueOf(await forgotPassword({ recovery: provider })(email));
  valueOf(
    await resetPassword({ recovery: provider, knownPasswords: knowing() })({
      email,
      code: '123 456',
      newPassword: ' Correct1 horse ',
    }),
  );
  assert.equal(asked, [
    ['confirm', 'Ada@example.org', '123456'],
    ['resend', 'Ada@example.org'],
    ['confirmChange', 'access', '123456'],
    ['forgot', 'Ada@example.org'],
    ['reset', { email: 'Ada@example.org', code: '123456', newPassword: ' Correct1 horse ' }],
  ]);
});

test('text that is no e-mail address is rejected without asking the provider', async () => {
  const { provider, asked } = codesAnswering();
  for (const email of ['', 'ada', 'ada@example']) {
    for (const outcome of [
      await confirmEmail({ confirmation: provider })({ email, code: '1' }),
      await resendConfirmation({ confirmation: provider })(email),
      await forgotPassword({ recovery: provider })(email),
      await resetPassword({ recovery: provider, knownPasswords: knowing() })({
        email,
        code: '1',
        newPassword: 'Correct1horse',
      }),
      await answerChallenge({ challenges: provider, knownPasswords: knowing() })({ ...ANSWER, email }),
    ]) {
      assert.is(errorOf<unknown, { readonly kind: string }>(outcome).kind, 'input-rejected');
    }
  }
  assert.equal(asked, []);
});

test('a code is answered without white space, a password as it is', async () => {
  const { provider, asked } = codesAnswering();
  const answer = answerChallenge({ challenges: provider, knownPasswords: knowing() });
  assert.equal(valueOf(await answer(ANSWER)), { tokens: TOKENS });
  valueOf(await answer({ ...ANSWER, challenge: 'new_password', answer: ' Correct1 horse ' }));
  const given = { email: 'Ada@example.org', session: 's' };
  assert.equal(asked, [
    ['answer', { ...given, challenge: 'totp_code', answer: '123456' }],
    ['answer', { ...given, challenge: 'new_password', answer: ' Correct1 horse ' }],
  ]);
});

test('a new password that is weak is refused before a code or a session is used up', async () => {
  const { provider, asked } = codesAnswering();
  const weak = { kind: 'weak-password', unmet: ['must have an upper-case letter'] };
  const reset = { email: 'ada@example.org', code: '1', newPassword: 'nocaps123' };
  assert.equal(errorOf(await resetPassword({ recovery: provider, knownPasswords: knowing() })(reset)), weak);
  const answer = { ...ANSWER, challenge: 'new_password', answer: 'nocaps123' } as const;
  assert.equal(errorOf(await answerChallenge({ challenges: provider, knownPasswords: knowing() })(answer)), weak);
  assert.equal(asked, []);
});

test("the provider's refusals are passed on", async () => {
  const email = 'ada@example.org';
  for (const refusal of [{ kind: 'invalid-code' }, { kind: 'expired-code' }, DOWN] as const) {
    const { provider } = codesAnswering({
      answer: failing(refusal),
      confirm: failing(refusal),
      confirmChange: failing(refusal),
      reset: failing(refusal),
    });
    for (const outcome of [
      await answerChallenge({ challenges: provider, knownPasswords: knowing() })(ANSWER),
      await confirmEmail({ confirmation: provider })({ email, code: '1' }),
      await confirmEmailChange({ confirmation: provider })({ accessToken: 'access', code: '1' }),
      await resetPassword({ recovery: provider, knownPasswords: knowing() })({
        email,
        code: '1',
        newPassword: 'Correct1horse',
      }),
    ]) {
      assert.equal(errorOf<unknown, unknown>(outcome), refusal);
    }
  }
  const { provider } = codesAnswering({ resend: failing(DOWN), forgot: failing(DOWN) });
  assert.equal(errorOf(await resendConfirmation({ confirmation: provider })(email)), DOWN);
  assert.equal(errorOf(await forgotPassword({ recovery: provider })(email)), DOWN);
});

test.run();
