import { okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptablePassword, foldedPassword, KNOWN_PASSWORD_RULE } from '../../../core/auth/acceptable-password.ts';
import { answerChallenge } from '../../../core/auth/answer-challenge.ts';
import { register } from '../../../core/auth/register.ts';
import { resetPassword } from '../../../core/auth/reset-password.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { codesAnswering, failing, identitiesAnswering, knowing } from './identities.ts';

const KNOWN = 'Password1';
const REFUSED = { kind: 'weak-password', unmet: [KNOWN_PASSWORD_RULE] };
const email = 'ada@example.org';

test('a password that breaks no rule is refused where it is known, and the refusal does not repeat it', async () => {
  const refused = errorOf(await acceptablePassword(knowing(KNOWN), KNOWN));
  assert.equal(refused, REFUSED);
  assert.not.match(JSON.stringify(refused).toLowerCase(), KNOWN.toLowerCase());
  valueOf(await acceptablePassword(knowing(KNOWN), 'Password2'));
});

test('the rules come first: nobody looks up what they refuse', async () => {
  let asked = 0;
  const known = { includes: () => okAsync((asked += 1) > 0) };
  errorOf(await acceptablePassword(known, 'short'));
  assert.is(asked, 0);
});

test('where the list cannot be read no password is chosen', async () => {
  const down = portUnavailable('KnownPasswords', 'includes', 'gone');
  assert.equal(errorOf(await acceptablePassword({ includes: failing(down) }, 'Correct1horse')), down);
});

test('it is asked wherever a password is chosen, and the provider is not', async () => {
  const { identities, asked } = identitiesAnswering();
  const knownPasswords = knowing(KNOWN);
  const registering = register({ identities, knownPasswords, signUpEnabled: true });
  assert.equal(errorOf(await registering({ email, password: KNOWN, displayName: null })), REFUSED);
  const codes = codesAnswering();
  const resetting = resetPassword({ recovery: codes.provider, knownPasswords });
  assert.equal(errorOf(await resetting({ email, code: '1', newPassword: KNOWN })), REFUSED);
  const answering = answerChallenge({ challenges: codes.provider, knownPasswords });
  const answer = { email, challenge: 'new_password', session: 's', answer: KNOWN } as const;
  assert.equal(errorOf(await answering(answer)), REFUSED);
  assert.equal([asked, codes.asked], [[], []]);
});

test('one password is one however it is written', () => {
  for (const written of ['PASSWORD1', 'Ｐassword１', 'password1']) assert.is(foldedPassword(written), 'password1');
  assert.is(foldedPassword('CAFE\u0301'), foldedPassword('café'));
});

test.run();
