import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CognitoIdentityProvider } from '../../../adapters/aws/cognito/cognito-identity-provider.ts';
import * as tables from '../../../adapters/aws/cognito/cognito-meanings.ts';
import { TROUBLE_NAMES } from '../../../adapters/aws/cognito/error-meaning.ts';
import { sealLogin } from '../../../adapters/aws/cognito/login-steps.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { recordedCognito } from './recorded-cognito.ts';

const errors = suite("Cognito's errors");

type Cognito = Awaited<ReturnType<typeof recordedCognito>>;
let cognito: Cognito;

errors.before.each(async () => {
  cognito = await recordedCognito();
});
errors.after.each(() => cognito.close());

const EMAIL = 'ada@example.org';
const USER = userId('11111111-1111-4111-8111-111111111111');
const SESSION = sealLogin({ username: USER, session: 'cognito-session-of-twenty' });
const TOKENS = { AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r', ExpiresIn: 900 } };
const USER_ATTRIBUTES = {
  UserAttributes: [
    { Name: 'sub', Value: USER },
    { Name: 'email', Value: EMAIL },
  ],
};

type Outcome = Result<unknown, { readonly kind: string }>;

/** Each operation by what the adapter asks it for, with the table that reads its errors. */
const OPERATIONS: Readonly<
  Record<
    string,
    {
      readonly table: Readonly<Record<string, unknown>>;
      readonly ask: (provider: CognitoIdentityProvider) => Promise<Outcome>;
      /** What must have been answered before. */
      readonly before?: Parameters<Cognito['record']>[0];
    }
  >
> = {
  SignUp: {
    table: tables.SIGN_UP,
    ask: async (provider) => provider.register({ email: EMAIL, password: 'Correct1horse', displayName: 'Ada' }),
  },
  ConfirmSignUp: { table: tables.CONFIRM_SIGN_UP, ask: async (provider) => provider.confirm(EMAIL, '123456') },
  ResendConfirmationCode: { table: tables.RESEND_CODE, ask: async (provider) => provider.resend(EMAIL) },
  InitiateAuth: { table: tables.INITIATE_AUTH, ask: async (provider) => provider.login(EMAIL, 'Correct1horse') },
  RespondToAuthChallenge: {
    table: tables.RESPOND_TO_CHALLENGE,
    ask: async (provider) =>
      provider.answer({ email: EMAIL, challenge: 'totp_code', session: SESSION, answer: '123456' }),
  },
  AssociateSoftwareToken: {
    table: tables.ASSOCIATE_TOKEN,
    ask: async (provider) => provider.login(EMAIL, 'Correct1horse'),
    before: { InitiateAuth: { ok: { ChallengeName: 'MFA_SETUP', ChallengeParameters: {}, Session: 's1' } } },
  },
  VerifySoftwareToken: {
    table: tables.VERIFY_TOKEN,
    ask: async (provider) =>
      provider.answer({ email: EMAIL, challenge: 'totp_setup', session: SESSION, answer: '123456' }),
  },
  ForgotPassword: { table: tables.FORGOT_PASSWORD, ask: async (provider) => provider.forgot(EMAIL) },
  ConfirmForgotPassword: {
    table: tables.RESET_PASSWORD,
    ask: async (provider) => provider.reset({ email: EMAIL, code: '123456', newPassword: 'Correct1horse' }),
  },
  AdminGetUser: { table: tables.GET_USER, ask: async (provider) => provider.profile(USER) },
  AdminUpdateUserAttributes: {
    table: tables.UPDATE_ATTRIBUTES,
    ask: async (provider) => provider.changeProfile(USER, { email: 'countess@example.org' }),
    before: { AdminGetUser: { ok: USER_ATTRIBUTES } },
  },
  VerifyUserAttribute: {
    table: tables.VERIFY_ATTRIBUTE,
    ask: async (provider) => provider.confirmChange('access-token', '123456'),
  },
  GlobalSignOut: {
    table: tables.GLOBAL_SIGN_OUT,
    ask: async (provider) => provider.revokeAllSessions({ userId: USER, accessToken: 'access-token' }),
  },
  RevokeToken: {
    table: tables.REVOKE_TOKEN,
    ask: async (provider) =>
      provider.revokeSession({ userId: USER, sessionId: 's', accessToken: 'access-token', refreshToken: 'r' }),
    before: { GlobalSignOut: { ok: {} } },
  },
  AdminDeleteUser: { table: tables.DELETE_USER, ask: async (provider) => provider.eraseAccount(USER) },
};

const modules = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../node_modules');

/** The errors that the API reference names for an operation, as the installed SDK carries it. */
function documentedErrors(operation: string): readonly string[] {
  const file = `@aws-sdk/client-cognito-identity-provider/dist-types/commands/${operation}Command.d.ts`;
  const text = readFileSync(path.join(modules, file), 'utf8');
  const names = [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name]) => name ?? '');
  return names.filter((name) => name !== 'CognitoIdentityProviderServiceException');
}

async function outcomeOf(operation: string, error: string, message?: string): Promise<Outcome> {
  const { ask, before } = OPERATIONS[operation] ?? {};
  if (ask === undefined) throw new Error(`no operation ${operation}`);
  cognito.record({ ...before, [operation]: { error, ...(message === undefined ? {} : { message }) } });
  return await ask(cognito.provider);
}

for (const [operation, { table }] of Object.entries(OPERATIONS)) {
  errors(`every error that is documented for ${operation} has a meaning that was decided on`, () => {
    const names = documentedErrors(operation);
    assert.ok(names.length > 4, `${operation}: ${String(names.length)} errors`);
    const undecided = names.filter((name) => !Object.hasOwn(table, name) && !TROUBLE_NAMES.has(name));
    assert.equal(undecided, []);
    assert.equal(
      Object.keys(table).filter((name) => !names.includes(name)),
      [],
      'a meaning for an error that the operation does not have',
    );
  });

  errors(`${operation}: the trouble of a pool is not the person's, and a busy one may be asked later`, async () => {
    for (const name of [...TROUBLE_NAMES, 'SomethingNewException', 'toString']) {
      const error = errorOf(await outcomeOf(operation, name)) as { kind: string; retryable?: boolean; cause?: string };
      assert.is(error.kind, 'port-unavailable', name);
      assert.match(error.cause ?? '', name);
      const passes = ['TooManyRequestsException', 'InternalErrorException'].includes(name);
      assert.is(error.retryable, passes, name);
    }
  });
}

errors('refreshing has the documented errors of InitiateAuth', () => {
  assert.equal(Object.keys(tables.REFRESH).sort(), Object.keys(tables.INITIATE_AUTH).sort());
});

const weak = (...unmet: string[]) => ({ kind: 'weak-password', unmet });
const POLICY = 'Password did not conform with policy: ';
const CODE_RULE =
  "1 validation error detected: Value 'secret code' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+";
const PASSWORD_RULE =
  "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$";
const TOO_OFTEN = { kind: 'too-many-attempts', retryAfterSeconds: 900 };

/** Operation, error and message as AWS answers them, and what the adapter answers. */
const RECORDED: readonly (readonly [string, string, string, { readonly kind: string }])[] = [
  ['SignUp', 'UsernameExistsException', 'User already exists', { kind: 'email-taken' }],
  ['SignUp', 'InvalidPasswordException', `${POLICY}Password not long enough`, weak('must be longer')],
  [
    'SignUp',
    'InvalidPasswordException',
    `${POLICY}Password must have uppercase characters`,
    weak('must have an upper-case letter'),
  ],
  [
    'SignUp',
    'InvalidPasswordException',
    `${POLICY}Password must have lowercase characters`,
    weak('must have a lower-case letter'),
  ],
  ['SignUp', 'InvalidPasswordException', `${POLICY}Password must have numeric characters`, weak('must have a digit')],
  [
    'SignUp',
    'InvalidPasswordException',
    `${POLICY}Password must have symbol characters`,
    weak('must have a symbol such as ! or -'),
  ],
  [
    'SignUp',
    'InvalidPasswordException',
    'Provided password cannot be used for security reasons.',
    weak('must not be one that is known from a data leak'),
  ],
  [
    'SignUp',
    'InvalidPasswordException',
    'Something new',
    weak('must meet the rules of the identity provider, which does not name them'),
  ],
  ['SignUp', 'InvalidParameterException', PASSWORD_RULE, weak('must not begin or end with a space')],
  ['SignUp', 'NotAuthorizedException', 'SignUp is not permitted for this user pool', { kind: 'port-unavailable' }],
  ['InitiateAuth', 'NotAuthorizedException', 'Incorrect username or password.', { kind: 'invalid-credentials' }],
  ['InitiateAuth', 'UserNotFoundException', 'User does not exist.', { kind: 'invalid-credentials' }],
  [
    'InitiateAuth',
    'NotAuthorizedException',
    'Password attempts exceeded',
    { kind: 'too-many-attempts', retryAfterSeconds: 60 } as { kind: string },
  ],
  ['InitiateAuth', 'NotAuthorizedException', 'User is disabled.', { kind: 'user-disabled' }],
  [
    'InitiateAuth',
    'NotAuthorizedException',
    'Temporary password has expired and must be reset by an administrator.',
    { kind: 'password-reset-required', by: 'operator' } as { kind: string },
  ],
  [
    'InitiateAuth',
    'PasswordResetRequiredException',
    'Password reset required for the user',
    { kind: 'password-reset-required', by: 'owner' } as { kind: string },
  ],
  ['InitiateAuth', 'UserNotConfirmedException', 'User is not confirmed.', { kind: 'email-not-verified' }],
  [
    'InitiateAuth',
    'NotAuthorizedException',
    'Client 1234 is configured with secret but SECRET_HASH was not received',
    { kind: 'port-unavailable' },
  ],
  [
    'InitiateAuth',
    'InvalidParameterException',
    'USER_PASSWORD_AUTH flow not enabled for this client',
    { kind: 'port-unavailable' },
  ],
  [
    'ConfirmSignUp',
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
    { kind: 'invalid-code' },
  ],
  [
    'ConfirmSignUp',
    'ExpiredCodeException',
    'Invalid code provided, please request a code again.',
    { kind: 'expired-code' },
  ],
  [
    'ConfirmSignUp',
    'NotAuthorizedException',
    'User cannot be confirmed. Current status is CONFIRMED',
    { kind: 'invalid-code' },
  ],
  [
    'ConfirmSignUp',
    'NotAuthorizedException',
    'Unable to verify secret hash for client 1234',
    { kind: 'port-unavailable' },
  ],
  ['ConfirmSignUp', 'UserNotFoundException', 'Username/client id combination not found.', { kind: 'invalid-code' }],
  ['ConfirmSignUp', 'AliasExistsException', 'An account with the email already exists.', { kind: 'email-taken' }],
  ['ConfirmSignUp', 'InvalidParameterException', CODE_RULE, { kind: 'invalid-code' }],
  ['ConfirmSignUp', 'InvalidParameterException', 'Something else', { kind: 'port-unavailable' }],
  ['ConfirmSignUp', 'LimitExceededException', 'Attempt limit exceeded, please try after some time.', TOO_OFTEN],
  ['ConfirmSignUp', 'TooManyFailedAttemptsException', 'Attempt limit exceeded, please try after some time.', TOO_OFTEN],
  [
    'ConfirmForgotPassword',
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
    { kind: 'invalid-code' },
  ],
  [
    'ConfirmForgotPassword',
    'ExpiredCodeException',
    'Invalid code provided, please request a code again.',
    { kind: 'expired-code' },
  ],
  ['ConfirmForgotPassword', 'InvalidPasswordException', `${POLICY}Password not long enough`, weak('must be longer')],
  [
    'ConfirmForgotPassword',
    'PasswordHistoryPolicyViolationException',
    'Password has previously been used',
    weak('must not be one of your earlier ones'),
  ],
  ['ConfirmForgotPassword', 'InvalidParameterException', PASSWORD_RULE, weak('must not begin or end with a space')],
  ['ConfirmForgotPassword', 'InvalidParameterException', CODE_RULE, { kind: 'invalid-code' }],
  [
    'ConfirmForgotPassword',
    'UserNotFoundException',
    'Username/client id combination not found.',
    { kind: 'invalid-code' },
  ],
  ['ConfirmForgotPassword', 'UserNotConfirmedException', 'User is not confirmed.', { kind: 'invalid-code' }],
  [
    'ConfirmForgotPassword',
    'NotAuthorizedException',
    'User password cannot be reset in the current state.',
    { kind: 'invalid-code' },
  ],
  [
    'ConfirmForgotPassword',
    'NotAuthorizedException',
    'Unable to verify secret hash for client 1234',
    { kind: 'port-unavailable' },
  ],
  ['ConfirmForgotPassword', 'LimitExceededException', 'Attempt limit exceeded, please try after some time.', TOO_OFTEN],
  ['ResendConfirmationCode', 'CodeDeliveryFailureException', 'Failed to deliver', { kind: 'port-unavailable' }],
  ['ResendConfirmationCode', 'InvalidParameterException', 'Something else', { kind: 'port-unavailable' }],
  [
    'ForgotPassword',
    'NotAuthorizedException',
    'Unable to verify secret hash for client 1234',
    { kind: 'port-unavailable' },
  ],
  ['RespondToAuthChallenge', 'CodeMismatchException', 'Invalid code received for user', { kind: 'invalid-code' }],
  [
    'RespondToAuthChallenge',
    'ExpiredCodeException',
    'Your software token has already been used once.',
    { kind: 'expired-code' },
  ],
  [
    'RespondToAuthChallenge',
    'NotAuthorizedException',
    'Invalid session for the user, session is expired.',
    { kind: 'challenge-expired' },
  ],
  ['RespondToAuthChallenge', 'NotAuthorizedException', 'User is disabled.', { kind: 'user-disabled' }],
  [
    'RespondToAuthChallenge',
    'InvalidParameterException',
    "1 validation error detected: Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20",
    { kind: 'challenge-expired' },
  ],
  ['RespondToAuthChallenge', 'InvalidParameterException', PASSWORD_RULE, weak('must not begin or end with a space')],
  [
    'RespondToAuthChallenge',
    'InvalidParameterException',
    'Missing required parameter SMS_MFA_CODE',
    { kind: 'invalid-code' },
  ],
  ['VerifySoftwareToken', 'EnableSoftwareTokenMFAException', 'Code mismatch', { kind: 'invalid-code' }],
  ['VerifySoftwareToken', 'NotAuthorizedException', 'Invalid session for the user.', { kind: 'challenge-expired' }],
  [
    'VerifySoftwareToken',
    'InvalidParameterException',
    "Value 'abc' at 'userCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+",
    { kind: 'invalid-code' },
  ],
  [
    'VerifySoftwareToken',
    'InvalidParameterException',
    "Value at 'session' failed to satisfy constraint",
    { kind: 'challenge-expired' },
  ],
  ['AssociateSoftwareToken', 'NotAuthorizedException', 'Invalid session for the user.', { kind: 'port-unavailable' }],
  ['AdminGetUser', 'UserNotFoundException', 'User does not exist.', { kind: 'unknown-user' }],
  [
    'AdminUpdateUserAttributes',
    'AliasExistsException',
    'An account with the given email already exists.',
    { kind: 'email-taken' },
  ],
  ['AdminUpdateUserAttributes', 'UserNotFoundException', 'User does not exist.', { kind: 'unknown-user' }],
  [
    'VerifyUserAttribute',
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
    { kind: 'invalid-code' },
  ],
  [
    'VerifyUserAttribute',
    'ExpiredCodeException',
    'Invalid code provided, please request a code again.',
    { kind: 'expired-code' },
  ],
  ['VerifyUserAttribute', 'NotAuthorizedException', 'Access Token has been revoked', { kind: 'invalid-token' }],
  [
    'VerifyUserAttribute',
    'AliasExistsException',
    'An account with the given email already exists.',
    { kind: 'email-taken' },
  ],
  ['VerifyUserAttribute', 'LimitExceededException', 'Attempt limit exceeded, please try after some time.', TOO_OFTEN],
  ['GlobalSignOut', 'NotAuthorizedException', 'Access Token has expired', { kind: 'port-unavailable' }],
];

for (const [operation, error, message, expected] of RECORDED) {
  errors(`${operation} ${error} "${message.slice(0, 60)}" is ${expected.kind}`, async () => {
    const outcome = errorOf(await outcomeOf(operation, error, message));
    if (expected.kind === 'port-unavailable') assert.is(outcome.kind, 'port-unavailable');
    else assert.equal(outcome, expected);
  });
}

/** What an operation answers as if it had done its work. */
const ANSWERED_ALL_THE_SAME: readonly (readonly [string, string, string])[] = [
  ['ResendConfirmationCode', 'UserNotFoundException', 'Username/client id combination not found.'],
  ['ResendConfirmationCode', 'InvalidParameterException', 'User is already confirmed.'],
  ['ResendConfirmationCode', 'LimitExceededException', 'Attempt limit exceeded, please try after some time.'],
  ['ResendConfirmationCode', 'NotAuthorizedException', 'User is disabled.'],
  ['ForgotPassword', 'UserNotFoundException', 'Username/client id combination not found.'],
  [
    'ForgotPassword',
    'InvalidParameterException',
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  ],
  ['ForgotPassword', 'LimitExceededException', 'Attempt limit exceeded, please try after some time.'],
  ['ForgotPassword', 'NotAuthorizedException', 'User password cannot be reset in the current state.'],
  ['GlobalSignOut', 'NotAuthorizedException', 'Access Token has been revoked'],
  ['AdminDeleteUser', 'UserNotFoundException', 'User does not exist.'],
  ['RevokeToken', 'UnsupportedTokenTypeException', 'Unsupported token type'],
  ['RevokeToken', 'UnauthorizedException', 'Token is not issued to this client'],
];

for (const [operation, error, message] of ANSWERED_ALL_THE_SAME) {
  errors(`${operation} ${error} "${message.slice(0, 60)}" is answered like a success`, async () => {
    assert.is(valueOf(await outcomeOf(operation, error, message)), undefined);
  });
}

errors('an address or a name that Cognito does not take is named by its place', async () => {
  const place = async (operation: string, message: string) => {
    const error = errorOf(await outcomeOf(operation, 'InvalidParameterException', message));
    return 'issues' in error ? (error.issues as { pointer: string }[]).map(({ pointer }) => pointer) : error.kind;
  };
  for (const operation of ['SignUp', 'AdminUpdateUserAttributes']) {
    assert.equal(await place(operation, 'Invalid email address format.'), ['/email']);
    const schema = 'Attributes did not conform to the schema: name: The attribute name is required';
    assert.equal(await place(operation, schema), ['/display_name']);
    assert.equal(await place(operation, 'Something else'), 'port-unavailable');
  }
});

errors('a refresh token that Cognito refuses is invalid, a client that is set up wrongly is not', async () => {
  for (const [error, message, kind] of [
    ['NotAuthorizedException', 'Refresh Token has been revoked', 'invalid-refresh-token'],
    ['NotAuthorizedException', 'Refresh Token has expired', 'invalid-refresh-token'],
    ['NotAuthorizedException', 'Invalid Refresh Token', 'invalid-refresh-token'],
    ['NotAuthorizedException', 'User is disabled.', 'invalid-refresh-token'],
    ['UserNotFoundException', 'User does not exist.', 'invalid-refresh-token'],
    ['InvalidParameterException', 'Missing required parameter REFRESH_TOKEN', 'invalid-refresh-token'],
    ['NotAuthorizedException', 'Unable to verify secret hash for client 1234', 'port-unavailable'],
    ['InvalidParameterException', 'REFRESH_TOKEN_AUTH flow not enabled for this client', 'port-unavailable'],
    ['TooManyRequestsException', 'Rate exceeded', 'port-unavailable'],
  ] as const) {
    cognito.record({ InitiateAuth: { error, message } });
    assert.is(errorOf(await cognito.provider.refresh('a-refresh-token')).kind, kind, message);
  }
  cognito.record({ InitiateAuth: { ok: TOKENS } });
  assert.is(valueOf(await cognito.provider.refresh('a-refresh-token')).refreshToken, 'r');
});

errors('what Cognito quotes of a request does not reach the log', async () => {
  const message = "1 validation error detected: Value 'top secret' at 'somewhere' failed to satisfy constraint";
  const error = errorOf(await outcomeOf('AdminGetUser', 'InvalidParameterException', message));
  assert.not.match(JSON.stringify(error), 'secret');
  assert.match(JSON.stringify(error), 'InvalidParameterException');
});

errors.run();
