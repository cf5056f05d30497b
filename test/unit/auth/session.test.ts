import { errAsync, okAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { authenticate } from '../../../core/auth/authenticate.ts';
import { logout } from '../../../core/auth/logout.ts';
import { refresh } from '../../../core/auth/refresh.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { ADA, codesAnswering, failing, identitiesAnswering, TOKENS } from './identities.ts';

const DOWN = portUnavailable('any', 'any', 'down');

test('an access token says whom it speaks for, and any other text is invalid', async () => {
  const authenticateHere = authenticate({
    tokens: { verify: (token) => (token === 'good' ? okAsync(ADA) : errAsync({ kind: 'invalid-token' })) },
  });
  assert.equal(valueOf(await authenticateHere('good')), ADA);
  assert.equal(errorOf(await authenticateHere('bad')), { kind: 'invalid-token' });
});

test('a verifier that cannot check is not an invalid token', async () => {
  assert.equal(errorOf(await authenticate({ tokens: { verify: failing(DOWN) } })('good')), DOWN);
});

test('refreshing answers with the new tokens, or with why there are none', async () => {
  const { identities, asked } = identitiesAnswering();
  assert.equal(valueOf(await refresh({ identities })('old')), TOKENS);
  assert.equal(asked, [['refresh', 'old']]);
  for (const refusal of [{ kind: 'invalid-refresh-token' } as const, DOWN]) {
    const refusing = identitiesAnswering({ refresh: failing(refusal) });
    assert.equal(errorOf(await refresh({ identities: refusing.identities })('old')), refusal);
  }
});

const LOGOUT = { caller: ADA, accessToken: 'access', refreshToken: null, everywhere: false };

test('logging out revokes the session of the token that was used, of that person', async () => {
  const { provider, asked } = codesAnswering();
  valueOf(await logout({ sessions: provider })(LOGOUT));
  valueOf(await logout({ sessions: provider })({ ...LOGOUT, refreshToken: 'refresh' }));
  const session = { userId: ADA.userId, sessionId: 'session-1', accessToken: 'access' };
  assert.equal(asked, [
    ['revokeSession', { ...session, refreshToken: null }],
    ['revokeSession', { ...session, refreshToken: 'refresh' }],
  ]);
});

test('logging out everywhere revokes all sessions of that person', async () => {
  const { provider, asked } = codesAnswering();
  valueOf(await logout({ sessions: provider })({ ...LOGOUT, everywhere: true }));
  assert.equal(asked, [['revokeAllSessions', { userId: ADA.userId, accessToken: 'access' }]]);
});

test('a logout that did not happen is not reported as one', async () => {
  const { provider } = codesAnswering({ revokeSession: failing(DOWN), revokeAllSessions: failing(DOWN) });
  for (const everywhere of [true, false]) {
    assert.equal(errorOf(await logout({ sessions: provider })({ ...LOGOUT, everywhere })), DOWN);
  }
});

test.run();
