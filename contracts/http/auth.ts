import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { integer, jsonObject, list, oneOf, text } from '../scalars.ts';

const email = text(3, 254);
/** A password that somebody may have; whether it is good enough is another question. */
const password = text(0, 1024);
/** Codes have 6 to 8 digits; people copy them with spaces. */
const code = text(1, 64);
const challengeName = oneOf('totp_code', 'sms_code', 'email_code', 'new_password', 'choose_factor', 'totp_setup');
const sent = object('Sent', { status: oneOf('sent') });

export const TokenResponse = object('TokenResponse', {
  access_token: t.string,
  refresh_token: t.string,
  token_type: oneOf('bearer'),
  expires_in: integer(0, 2_147_483_647),
  scope: oneOf('full_access'),
});

export const CurrentUser = object(
  'CurrentUser',
  { user_id: t.string, email_verified: t.boolean, auth_provider: t.string },
  { email: t.string, display_name: t.string },
);

/** What a login still asks for; `session` goes back to /api/v1/auth/challenge with the answer. */
export const LoginChallengeResponse = object(
  'LoginChallenge',
  {
    challenge: challengeName,
    session: t.string,
    choices: list(challengeName, { min: 0, max: 6 }),
  },
  { sent_to: t.string, totp_secret: t.string },
);

const nextChallenge = {
  kind: 'json',
  codec: LoginChallengeResponse,
  description: 'The password is right, and one more answer is needed: send it to /api/v1/auth/challenge.',
} as const;

export const authRoutes = routes({
  register: {
    method: 'POST',
    path: '/api/v1/auth/register',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Create an account',
    body: {
      kind: 'json',
      codec: object('Registration', { email, password }, { display_name: text(1, 200) }),
    },
    responses: {
      201: { kind: 'json', codec: TokenResponse, description: 'The account can be used at once.' },
      202: {
        kind: 'json',
        codec: object('VerificationRequired', { requires_email_verification: t.boolean }),
        description: 'The e-mail address must be confirmed first; or, where it says false, the login takes more steps.',
      },
    },
    problems: ['weak-password', 'sign-up-disabled', 'resource-conflict', 'validation-error', 'malformed-json'],
  },
  login: {
    method: 'POST',
    path: '/api/v1/auth/login',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Log in with e-mail and password',
    body: {
      kind: 'json',
      codec: object('Login', { email, password }, { remember_me: t.boolean, device_info: jsonObject }),
    },
    responses: { 200: { kind: 'json', codec: TokenResponse, description: 'Logged in.' }, 202: nextChallenge },
    problems: [
      'invalid-credentials',
      'email-not-verified',
      'account-disabled',
      'password-reset-required',
      'rate-limit-exceeded',
      'validation-error',
      'malformed-json',
    ],
  },
  answerChallenge: {
    method: 'POST',
    path: '/api/v1/auth/challenge',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Answer what a login still asks for: a code, a new password, or a choice',
    body: {
      kind: 'json',
      codec: object('ChallengeAnswer', {
        email,
        challenge: challengeName,
        session: text(1, 8192),
        answer: password,
      }),
    },
    responses: { 200: { kind: 'json', codec: TokenResponse, description: 'Logged in.' }, 202: nextChallenge },
    problems: [
      'invalid-code',
      'expired-code',
      'weak-password',
      'challenge-expired',
      'account-disabled',
      'password-reset-required',
      'rate-limit-exceeded',
      'validation-error',
      'malformed-json',
    ],
  },
  confirmEmail: {
    method: 'POST',
    path: '/api/v1/auth/confirm-email',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Confirm the e-mail address of a new account',
    body: { kind: 'json', codec: object('EmailConfirmation', { email, code }) },
    responses: {
      200: {
        kind: 'json',
        codec: object('Confirmed', { status: oneOf('confirmed') }),
        description: 'The account can be used.',
      },
    },
    problems: [
      'invalid-code',
      'expired-code',
      'resource-conflict',
      'rate-limit-exceeded',
      'not-available-here',
      'validation-error',
      'malformed-json',
    ],
  },
  resendConfirmation: {
    method: 'POST',
    path: '/api/v1/auth/resend-confirmation',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Send the confirmation code again',
    body: { kind: 'json', codec: object('ResendConfirmation', { email }) },
    responses: {
      200: { kind: 'json', codec: sent, description: 'Sent, if an account with this address waits for it.' },
    },
    problems: ['not-available-here', 'validation-error', 'malformed-json'],
  },
  confirmEmailChange: {
    method: 'POST',
    path: '/api/v1/auth/confirm-email-change',
    auth: 'user',
    tag: 'Authentication',
    summary: 'Confirm the e-mail address that I changed to',
    body: { kind: 'json', codec: object('EmailChangeConfirmation', { code }) },
    responses: {
      200: {
        kind: 'json',
        codec: object('ChangeConfirmed', { status: oneOf('confirmed') }),
        description: 'The new address is confirmed.',
      },
    },
    problems: [
      'invalid-code',
      'expired-code',
      'resource-conflict',
      'rate-limit-exceeded',
      'not-available-here',
      'validation-error',
      'malformed-json',
    ],
  },
  forgotPassword: {
    method: 'POST',
    path: '/api/v1/auth/forgot-password',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Send a code for setting a new password',
    body: { kind: 'json', codec: object('ForgotPassword', { email }) },
    responses: { 200: { kind: 'json', codec: sent, description: 'Sent, if there is an account with this address.' } },
    problems: ['not-available-here', 'validation-error', 'malformed-json'],
  },
  resetPassword: {
    method: 'POST',
    path: '/api/v1/auth/reset-password',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Set a new password with the code that was sent',
    body: { kind: 'json', codec: object('PasswordReset', { email, code, new_password: password }) },
    responses: {
      200: {
        kind: 'json',
        codec: object('PasswordWasReset', { status: oneOf('reset') }),
        description: 'The new password is the one to log in with.',
      },
    },
    problems: [
      'invalid-code',
      'expired-code',
      'weak-password',
      'rate-limit-exceeded',
      'not-available-here',
      'validation-error',
      'malformed-json',
    ],
  },
  refresh: {
    method: 'POST',
    path: '/api/v1/auth/refresh',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Exchange a refresh token (in the body, or as Bearer token) for a new access token',
    body: { kind: 'json', codec: object('Refresh', {}, { refresh_token: text(1, 16_384) }), optional: true },
    responses: { 200: { kind: 'json', codec: TokenResponse, description: 'A new access token.' } },
    problems: ['invalid-refresh-token', 'validation-error', 'malformed-json'],
  },
  logout: {
    method: 'POST',
    path: '/api/v1/auth/logout',
    auth: 'user',
    tag: 'Authentication',
    summary: 'End the session, or all of mine: refresh tokens are worth nothing afterwards',
    body: {
      kind: 'json',
      codec: object('Logout', {}, { refresh_token: text(1, 16_384), everywhere: t.boolean }),
      optional: true,
    },
    responses: {
      200: { kind: 'json', codec: object('LoggedOut', { message: t.string }), description: 'The session has ended.' },
    },
    problems: ['validation-error', 'malformed-json'],
  },
  describeMe: {
    method: 'GET',
    path: '/api/v1/auth/me',
    auth: 'user',
    tag: 'Authentication',
    summary: 'Who am I',
    responses: { 200: { kind: 'json', codec: CurrentUser, description: 'The caller.' } },
    problems: [],
  },
  updateMe: {
    method: 'PUT',
    path: '/api/v1/auth/me',
    auth: 'user',
    tag: 'Authentication',
    summary: 'Change my display name or e-mail address',
    body: { kind: 'json', codec: object('ProfileChange', {}, { display_name: text(1, 200), email }) },
    responses: {
      200: {
        kind: 'json',
        codec: object(
          'ProfileChanged',
          { user_id: t.string, updated: t.literal(true) },
          { email: t.string, display_name: t.string },
        ),
        description: 'Changed.',
      },
    },
    problems: ['resource-conflict', 'validation-error', 'malformed-json'],
  },
  authHealth: {
    method: 'GET',
    path: '/api/v1/auth/health',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Whether accounts can be reached',
    responses: {
      200: {
        kind: 'json',
        codec: object('AuthHealth', { status: oneOf('healthy', 'unhealthy'), service: t.string, version: t.string }),
        description: 'The state of the account store, read just now.',
      },
    },
    problems: [],
  },
});
