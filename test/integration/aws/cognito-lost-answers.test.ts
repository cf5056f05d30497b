import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sealLogin } from '../../../adapters/aws/cognito/login-steps.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { CLIENT_ID, POOL_ID, recordedCognito } from './recorded-cognito.ts';

/** What becomes of calls whose answer never comes: none is made twice where twice is not as good as once. */
const calls = suite('calls of Cognito');

let cognito: Awaited<ReturnType<typeof recordedCognito>>;

calls.before.each(async () => {
  cognito = await recordedCognito();
});
calls.after.each(() => cognito.close());

const EMAIL = 'ada@example.org';
const USER = userId('11111111-1111-4111-8111-111111111111');
const ADA = { email: 'Ada@example.org', password: 'Correct1horse', displayName: 'Ada' };
const BUSY = { error: 'TooManyRequestsException', message: 'Rate exceeded' };
const BROKEN = { error: 'InternalErrorException', status: 500 };
const TOKENS = { AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r', ExpiresIn: 900 } };
const CREATED = { ok: { UserSub: USER, UserConfirmed: false } };
const EXISTS = { error: 'UsernameExistsException', message: 'User already exists' };
const ATTRIBUTES = {
  UserAttributes: [
    { Name: 'sub', Value: USER },
    { Name: 'email', Value: EMAIL },
  ],
};
const SESSION = { userId: USER, sessionId: 's', accessToken: 'access', refreshToken: 'refresh' };

calls('a registration sends the address in lower case, and the name where there is one', async () => {
  cognito.record({ SignUp: CREATED });
  assert.equal(valueOf(await cognito.provider.register(ADA)), { userId: USER, usable: false });
  valueOf(await cognito.provider.register({ ...ADA, displayName: null }));
  const sent = { ClientId: CLIENT_ID, Username: EMAIL, Password: 'Correct1horse' };
  const address = { Name: 'email', Value: EMAIL };
  assert.equal(
    cognito.asked.map(({ body }) => body),
    [
      { ...sent, UserAttributes: [address, { Name: 'name', Value: 'Ada' }] },
      { ...sent, UserAttributes: [address] },
    ],
  );
});

calls('a busy pool is asked again, and an account that exists then is of somebody else', async () => {
  cognito.record({ SignUp: [BUSY, EXISTS] });
  assert.equal(errorOf(await cognito.provider.register(ADA)), { kind: 'email-taken' });
  assert.equal(cognito.operations(), ['SignUp', 'SignUp']);
});

for (const [loss, lost] of [
  ['cut off', 'lost'],
  ['a 500', BROKEN],
  ['no JSON', { malformed: '<html>' }],
] as const) {
  calls(`a registration whose answer was ${loss} succeeds when the account turns out to be this person's`, async () => {
    cognito.record({
      SignUp: [lost, EXISTS],
      InitiateAuth: { error: 'UserNotConfirmedException', message: 'User is not confirmed.' },
      AdminGetUser: { ok: ATTRIBUTES },
    });
    assert.equal(valueOf(await cognito.provider.register(ADA)), { userId: USER, usable: false });
    assert.equal(cognito.operations(), ['SignUp', 'SignUp', 'InitiateAuth', 'AdminGetUser']);
    cognito.record({ SignUp: [lost, EXISTS], InitiateAuth: { ok: TOKENS } });
    assert.equal(valueOf(await cognito.provider.register(ADA)), { userId: USER, usable: true });
  });
}

calls('a registration whose answer was lost finds an account of somebody else', async () => {
  cognito.record({
    SignUp: ['lost', EXISTS],
    InitiateAuth: { error: 'NotAuthorizedException', message: 'Incorrect username or password.' },
  });
  assert.equal(errorOf(await cognito.provider.register(ADA)), { kind: 'email-taken' });
});

calls('a registration whose answer was lost and cannot be cleared up is no answer about the address', async () => {
  cognito.record({ SignUp: ['lost', EXISTS], InitiateAuth: BUSY });
  assert.is(errorOf(await cognito.provider.register(ADA)).kind, 'port-unavailable');
  const gone = { error: 'UserNotFoundException' };
  cognito.record({ SignUp: ['lost', EXISTS], InitiateAuth: { ok: TOKENS }, AdminGetUser: gone });
  assert.is(errorOf(await cognito.provider.register(ADA)).kind, 'port-unavailable');
});

calls('an account whose message could not be sent exists, and its owner can ask for another one', async () => {
  cognito.record({
    SignUp: { error: 'CodeDeliveryFailureException', message: 'Failed to deliver' },
    InitiateAuth: { error: 'UserNotConfirmedException', message: 'User is not confirmed.' },
    AdminGetUser: { ok: ATTRIBUTES },
  });
  assert.equal(valueOf(await cognito.provider.register(ADA)), { userId: USER, usable: false });
});

calls('a confirmation whose answer was lost has succeeded when the account is confirmed then', async () => {
  const confirmed = {
    error: 'NotAuthorizedException',
    message: 'User cannot be confirmed. Current status is CONFIRMED',
  };
  cognito.record({ ConfirmSignUp: ['lost', confirmed] });
  valueOf(await cognito.provider.confirm(EMAIL, '123456'));
  cognito.record({ ConfirmSignUp: [BUSY, confirmed] });
  assert.equal(errorOf(await cognito.provider.confirm(EMAIL, '123456')), { kind: 'invalid-code' });
});

calls('what uses up a code or a session is not tried again after an answer was lost', async () => {
  const { provider } = cognito;
  const session = sealLogin({ username: USER, session: 'cognito-session' });
  const attempts = [
    ['ConfirmForgotPassword', () => provider.reset({ email: EMAIL, code: '1', newPassword: 'Correct1horse' })],
    ['VerifyUserAttribute', () => provider.confirmChange('access', '1')],
    [
      'RespondToAuthChallenge',
      () => provider.answer({ email: EMAIL, challenge: 'sms_code', session, answer: '123456' }),
    ],
    [
      'VerifySoftwareToken',
      () => provider.answer({ email: EMAIL, challenge: 'totp_setup', session, answer: '123456' }),
    ],
  ] as const;
  for (const [operation, attempt] of attempts) {
    for (const lost of ['lost', BROKEN] as const) {
      cognito.asked.length = 0;
      cognito.record({ [operation]: lost });
      const error = errorOf<unknown, { readonly kind: string }>(await attempt());
      assert.is(error.kind, 'port-unavailable', operation);
      assert.equal(cognito.operations(), [operation]);
    }
    cognito.asked.length = 0;
    cognito.record({ [operation]: [BUSY, { error: 'CodeMismatchException' }] });
    assert.equal(errorOf<unknown, unknown>(await attempt()), { kind: 'invalid-code' }, operation);
    assert.equal(cognito.operations(), [operation, operation]);
  }
});

calls('a login is tried again, and a pool that stays busy is not a failed login', async () => {
  cognito.record({ InitiateAuth: ['lost', BROKEN, { ok: TOKENS }] });
  assert.equal(valueOf(await cognito.provider.login('ADA@example.org', 'x')), {
    tokens: { accessToken: 'a', refreshToken: 'r', expiresInSeconds: 900 },
  });
  cognito.record({ InitiateAuth: BUSY });
  const busy = errorOf(await cognito.provider.login(EMAIL, 'x'));
  assert.ok(busy.kind === 'port-unavailable' && busy.retryable);
  assert.is(cognito.operations().length, 6);
});

calls('a session ends by its refresh token', async () => {
  cognito.record({ RevokeToken: [BROKEN, { ok: {} }] });
  valueOf(await cognito.provider.revokeSession(SESSION));
  assert.equal(cognito.asked.at(-1), {
    operation: 'RevokeToken',
    body: { ClientId: CLIENT_ID, Token: 'refresh' },
  });
});

calls('without a refresh token that Cognito takes, all sessions of the person end', async () => {
  cognito.record({ GlobalSignOut: { ok: {} }, RevokeToken: { error: 'UnsupportedTokenTypeException' } });
  for (const refreshToken of [null, 'an-access-token', '\u0000', '', 'x'.repeat(20_000)]) {
    valueOf(await cognito.provider.revokeSession({ ...SESSION, refreshToken }));
    assert.equal(cognito.asked.at(-1), { operation: 'GlobalSignOut', body: { AccessToken: 'access' } });
  }
  assert.is(cognito.operations().filter((operation) => operation === 'RevokeToken').length, 1);
});

calls('a logout that Cognito did not hear of is not reported as one', async () => {
  cognito.record({ RevokeToken: BUSY, GlobalSignOut: BUSY });
  assert.is(errorOf(await cognito.provider.revokeSession(SESSION)).kind, 'port-unavailable');
  assert.is(errorOf(await cognito.provider.revokeSession({ ...SESSION, refreshToken: null })).kind, 'port-unavailable');
});

calls('an account is erased once or often, as its owner in the pool', async () => {
  cognito.record({ AdminDeleteUser: ['lost', { error: 'UserNotFoundException' }] });
  valueOf(await cognito.provider.eraseAccount(USER));
  assert.equal(cognito.asked.at(-1)?.body, { UserPoolId: POOL_ID, Username: USER });
});

calls('a profile has what the pool has, and null for what it has not', async () => {
  const attributes = (UserAttributes: object[]) => cognito.record({ AdminGetUser: { ok: { UserAttributes } } });
  attributes([
    { Name: 'email', Value: EMAIL },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'name', Value: 'Ada' },
  ]);
  const full = { userId: USER, email: EMAIL, emailVerified: true, displayName: 'Ada', provider: 'cognito' };
  assert.equal(valueOf(await cognito.provider.profile(USER)), full);
  attributes([{ Name: 'name', Value: '' }, { Value: 'x' }, { Name: 'sub' }]);
  const bare = { userId: USER, email: null, emailVerified: false, displayName: null, provider: 'cognito' };
  assert.equal(valueOf(await cognito.provider.profile(USER)), bare);
  cognito.record({ AdminGetUser: { ok: {} } });
  assert.equal(valueOf(await cognito.provider.profile(USER)), bare);
});

calls('an answer without what it must have is trouble, not tokens and not an account', async () => {
  cognito.record({ SignUp: { ok: {} }, InitiateAuth: { ok: { AuthenticationResult: { AccessToken: 'a' } } } });
  assert.is(errorOf(await cognito.provider.register(ADA)).kind, 'port-unavailable');
  assert.is(errorOf(await cognito.provider.login(EMAIL, 'x')).kind, 'port-unavailable');
  cognito.record({ InitiateAuth: { ok: {} } });
  assert.is(errorOf(await cognito.provider.login(EMAIL, 'x')).kind, 'port-unavailable');
  assert.is(errorOf(await cognito.provider.refresh('refresh')).kind, 'port-unavailable');
});

calls('refreshing keeps the refresh token, unless Cognito gives another, and tells the time there is', async () => {
  const token = (claims: object): string =>
    ['{"alg":"RS256"}', JSON.stringify(claims), '?'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const answers = [
    [{ AccessToken: 'a', ExpiresIn: 900 }, ['refresh', 900]],
    [{ AccessToken: 'a', ExpiresIn: 900, RefreshToken: 'rotated' }, ['rotated', 900]],
    [{ AccessToken: token({ iat: 1000, exp: 1600 }) }, ['refresh', 600]],
    [{ AccessToken: token({}) }, ['refresh', 3600]],
    [{ AccessToken: 'no token' }, ['refresh', 3600]],
  ] as const;
  for (const [result, [refreshToken, seconds]] of answers) {
    cognito.record({ InitiateAuth: { ok: { AuthenticationResult: result } } });
    const tokens = valueOf(await cognito.provider.refresh('refresh'));
    assert.equal([tokens.refreshToken, tokens.expiresInSeconds], [refreshToken, seconds]);
  }
});

calls.run();
