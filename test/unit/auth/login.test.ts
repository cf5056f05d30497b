import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { login } from '../../../core/auth/login.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { failing, identitiesAnswering, TOKENS } from './identities.ts';

const CLIENT = '192.0.2.1';

test('a login answers with the tokens of the new session', async () => {
  const { identities, asked } = identitiesAnswering();
  const outcome = await login({ identities })({
    email: ' Ada@Example.org',
    password: ' Correct1horse ',
    client: CLIENT,
  });
  assert.equal(valueOf(outcome), { tokens: TOKENS });
  assert.equal(asked, [['login', 'Ada@Example.org', ' Correct1horse ']]);
});

test('text that is no e-mail address is rejected without asking the provider', async () => {
  const { identities, asked } = identitiesAnswering();
  for (const email of ['', 'ada', 'x'.repeat(100_000), `${'x'.repeat(300)}@example.org`]) {
    const error = errorOf(await login({ identities })({ email, password: 'Correct1horse', client: CLIENT }));
    assert.ok(error.kind === 'input-rejected', error.kind);
    assert.equal(
      error.issues.map(({ pointer, code }) => [pointer, code]),
      [['/email', 'invalid_email']],
    );
  }
  assert.equal(asked, []);
});

test('a password that could never have been registered is still only a wrong one', async () => {
  const { identities, asked } = identitiesAnswering({ login: failing({ kind: 'invalid-credentials' } as const) });
  for (const password of ['', 'short', 'x'.repeat(1_000)]) {
    assert.equal(errorOf(await login({ identities })({ email: 'ada@example.org', password, client: CLIENT })), {
      kind: 'invalid-credentials',
    });
  }
  assert.is(asked.length, 3);
});

test("the provider's refusals are passed on", async () => {
  for (const refusal of [
    { kind: 'invalid-credentials' },
    { kind: 'email-not-verified' },
    { kind: 'user-disabled' },
    { kind: 'password-reset-required', by: 'owner' },
    { kind: 'too-many-attempts', retryAfterSeconds: 60 },
    portUnavailable('IdentityProvider', 'login', 'down'),
  ] as const) {
    const { identities } = identitiesAnswering({ login: failing(refusal) });
    assert.equal(
      errorOf(await login({ identities })({ email: 'ada@example.org', password: 'x', client: CLIENT })),
      refusal,
    );
  }
});

test.run();
