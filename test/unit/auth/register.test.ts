import { okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { register, type RegisterCommand } from '../../../core/auth/register.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { ADA, failing, identitiesAnswering, knowing, TOKENS } from './identities.ts';

const COMMAND: RegisterCommand = { email: 'ada@example.org', password: 'Correct1horse', displayName: 'Ada' };
const REGISTRATION = { email: 'ada@example.org', password: 'Correct1horse', displayName: 'Ada' };
const UNUSABLE = { register: () => okAsync({ userId: ADA.userId, usable: false }) };

test('a person whose account is usable at once is signed in', async () => {
  const { identities, asked } = identitiesAnswering();
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND);
  assert.equal(valueOf(outcome), { kind: 'signed-in', tokens: TOKENS });
  assert.equal(asked, [
    ['register', REGISTRATION],
    ['login', 'ada@example.org', 'Correct1horse'],
  ]);
});

test('a person who must confirm their address first is told so, without a login', async () => {
  const { identities, asked } = identitiesAnswering(UNUSABLE);
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND);
  assert.equal(valueOf(outcome), { kind: 'confirmation-required' });
  assert.equal(asked, [['register', REGISTRATION]]);
});

test('a login that finds the address unconfirmed is no failure of the registration', async () => {
  const { identities } = identitiesAnswering({ login: failing({ kind: 'email-not-verified' } as const) });
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND);
  assert.equal(valueOf(outcome), { kind: 'confirmation-required' });
});

test('a person whose login takes more than the password logs in by themselves', async () => {
  const challenge = {
    name: 'totp_setup',
    session: 's',
    choices: [],
    sentTo: null,
    totpSecret: 'JBSWY3DP',
  } as const;
  const { identities } = identitiesAnswering({ login: () => okAsync({ challenge }) });
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND);
  assert.equal(valueOf(outcome), { kind: 'login-required' });
});

test('where sign-up is off nothing is looked at, good or bad', async () => {
  const { identities, asked } = identitiesAnswering();
  const registerHere = register({ identities, knownPasswords: knowing(), signUpEnabled: false });
  for (const command of [COMMAND, { email: '', password: '', displayName: null }]) {
    assert.equal(errorOf(await registerHere(command)), { kind: 'sign-up-disabled' });
  }
  assert.equal(asked, []);
});

test('every unacceptable field is named, and nothing is created', async () => {
  const { identities, asked } = identitiesAnswering();
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })({
    email: 'not an address',
    password: 'Correct1horse',
    displayName: 'A\u0000',
  });
  const error = errorOf(outcome);
  assert.ok(error.kind === 'input-rejected', error.kind);
  assert.equal(
    error.issues.map(({ pointer }) => pointer),
    ['/email', '/display_name'],
  );
  assert.equal(asked, []);
});

test('a weak password is refused with what it lacks, and nothing is created', async () => {
  const { identities, asked } = identitiesAnswering();
  const outcome = await register({ identities, knownPasswords: knowing(), signUpEnabled: true })({
    ...COMMAND,
    password: 'nocaps123',
  });
  assert.equal(errorOf(outcome), { kind: 'weak-password', unmet: ['must have an upper-case letter'] });
  assert.equal(asked, []);
});

test('the address is trimmed, its case kept, and a blank display name is none', async () => {
  const { identities, asked } = identitiesAnswering(UNUSABLE);
  const registerHere = register({ identities, knownPasswords: knowing(), signUpEnabled: true });
  for (const displayName of ['  ', null]) {
    valueOf(await registerHere({ ...COMMAND, email: ' Ada@Example.org ', displayName }));
  }
  const expected = ['register', { ...REGISTRATION, email: 'Ada@Example.org', displayName: null }];
  assert.equal(asked, [expected, expected]);
});

test('a password is passed on as it was typed', async () => {
  const { identities, asked } = identitiesAnswering(UNUSABLE);
  valueOf(
    await register({ identities, knownPasswords: knowing(), signUpEnabled: true })({
      ...COMMAND,
      password: ' Cafe\u0301 1234 ',
    }),
  );
  assert.equal(asked, [['register', { ...REGISTRATION, password: ' Cafe\u0301 1234 ' }]]);
});

test("the provider's refusals are passed on, without a login", async () => {
  for (const refusal of [
    { kind: 'email-taken' },
    { kind: 'weak-password', unmet: ['must have a symbol'] },
    portUnavailable('IdentityProvider', 'register', 'down'),
  ] as const) {
    const { identities, asked } = identitiesAnswering({ register: failing(refusal) });
    assert.equal(
      errorOf(await register({ identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND)),
      refusal,
    );
    assert.is(asked.length, 1);
  }
});

test('a login that fails after the account was made is the failure of the provider, and is not to be repeated', async () => {
  const down = portUnavailable('IdentityProvider', 'login', 'down');
  const unavailable = identitiesAnswering({ login: failing(down) });
  const deps = { identities: unavailable.identities, knownPasswords: knowing(), signUpEnabled: true };
  assert.equal(errorOf(await register(deps)(COMMAND)), down);

  const contrary = identitiesAnswering({ login: failing({ kind: 'invalid-credentials' } as const) });
  const error = errorOf(
    await register({ identities: contrary.identities, knownPasswords: knowing(), signUpEnabled: true })(COMMAND),
  );
  assert.ok(error.kind === 'port-unavailable' && !error.retryable, JSON.stringify(error));
});

test.run();
