import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { integer, jsonObject, list, oneOf, text } from '../scalars.ts';
import { CODE, email, EMAIL, password, PASSWORD } from './credentials.ts';

const challengeName = oneOf('totp_code', 'sms_code', 'email_code', 'new_password', 'choose_factor', 'totp_setup');
/** Tokens are three parts of Base64url; these are cut short. */
const TOKENS = {
  access_token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  refresh_token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl',
  token_type: 'bearer',
  expires_in: 900,
  scope: 'full_access',
};

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
  example: { challenge: 'totp_code', session: 'AYABeC1-y8qj', choices: [] },
  description: 'The password is right, and one more answer is needed: send it to /api/v1/auth/challenge.',
} as const;

export const authRoutes = routes({
  register: {
    method: 'POST',
    path: '/api/v1/auth/register',
    audit: { action: 'register', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'register',
    summary: 'Create an account',
    body: {
      kind: 'json',
      codec: object('Registration', { email, password }, { display_name: text(1, 200) }),
      example: { email: EMAIL, password: PASSWORD, display_name: 'Ada' },
    },
    responses: {
      201: { kind: 'json', codec: TokenResponse, example: TOKENS, description: 'The account can be used at once.' },
      202: {
        kind: 'json',
        codec: object('VerificationRequired', { requires_email_verification: t.boolean }),
        example: { requires_email_verification: true },
        description: 'The e-mail address must be confirmed first; or, where it says false, the login takes more steps.',
      },
    },
    problems: ['weak-password', 'sign-up-disabled', 'resource-conflict', 'validation-error', 'malformed-json'],
  },
  login: {
    method: 'POST',
    path: '/api/v1/auth/login',
    audit: { action: 'login', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'login',
    summary: 'Log in with e-mail and password',
    body: {
      kind: 'json',
      codec: object('Login', { email, password }, { remember_me: t.boolean, device_info: jsonObject }),
      example: { email: EMAIL, password: PASSWORD },
    },
    responses: {
      200: { kind: 'json', codec: TokenResponse, example: TOKENS, description: 'Logged in.' },
      202: nextChallenge,
    },
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
    audit: { action: 'login', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'login',
    summary: 'Answer what a login still asks for: a code, a new password, or a choice',
    body: {
      kind: 'json',
      codec: object('ChallengeAnswer', {
        email,
        challenge: challengeName,
        session: text(1, 8192),
        answer: password,
      }),
      example: { email: EMAIL, challenge: 'totp_code', session: 'AYABeC1-y8qj', answer: CODE },
    },
    responses: {
      200: { kind: 'json', codec: TokenResponse, example: TOKENS, description: 'Logged in.' },
      202: nextChallenge,
    },
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
  refresh: {
    method: 'POST',
    path: '/api/v1/auth/refresh',
    audit: { action: 'login', dataTypes: ['sessions'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    // A refresh token cannot be guessed, and everybody behind one address refreshes.
    summary: 'Exchange a refresh token (in the body, or as Bearer token) for a new access token',
    body: {
      kind: 'json',
      codec: object('Refresh', {}, { refresh_token: text(1, 16_384) }),
      optional: true,
      example: { refresh_token: TOKENS.refresh_token },
    },
    responses: { 200: { kind: 'json', codec: TokenResponse, example: TOKENS, description: 'A new access token.' } },
    problems: ['invalid-refresh-token', 'validation-error', 'malformed-json'],
  },
  logout: {
    method: 'POST',
    path: '/api/v1/auth/logout',
    audit: { action: 'logout', dataTypes: ['sessions'] },
    auth: 'write-own-data',
    tag: 'Authentication',
    feature: 'auth',
    summary: 'End the session, or all of mine: refresh tokens are worth nothing afterwards',
    body: {
      kind: 'json',
      codec: object('Logout', {}, { refresh_token: text(1, 16_384), everywhere: t.boolean }),
      optional: true,
      example: { everywhere: true },
    },
    responses: {
      200: {
        kind: 'json',
        codec: object('LoggedOut', { message: t.string }),
        example: { message: 'Successfully logged out' },
        description: 'The session has ended.',
      },
    },
    problems: ['validation-error', 'malformed-json'],
  },
  describeMe: {
    method: 'GET',
    path: '/api/v1/auth/me',
    audit: { action: 'read', dataTypes: ['account'] },
    auth: 'read-own-data',
    tag: 'Authentication',
    feature: 'auth',
    summary: 'Who am I',
    responses: {
      200: {
        kind: 'json',
        codec: CurrentUser,
        example: {
          user_id: '11111111-1111-4111-8111-111111111111',
          email: EMAIL,
          email_verified: true,
          display_name: 'Ada',
          auth_provider: 'local',
        },
        description: 'The caller.',
      },
    },
    problems: [],
  },
  updateMe: {
    method: 'PUT',
    path: '/api/v1/auth/me',
    audit: { action: 'update', dataTypes: ['account'] },
    auth: 'write-own-data',
    tag: 'Authentication',
    feature: 'auth',
    summary: 'Change my display name or e-mail address',
    body: {
      kind: 'json',
      codec: object('ProfileChange', {}, { display_name: text(1, 200), email }),
      example: { display_name: 'Ada' },
    },
    responses: {
      200: {
        kind: 'json',
        codec: object(
          'ProfileChanged',
          { user_id: t.string, updated: t.literal(true) },
          { email: t.string, display_name: t.string },
        ),
        example: {
          user_id: '11111111-1111-4111-8111-111111111111',
          email: EMAIL,
          display_name: 'Ada',
          updated: true,
        },
        description:
          'Changed. A new e-mail address is sent a code; where the answer has the old one, that stays until the code comes back to /api/v1/auth/confirm-email-change.',
      },
    },
    problems: ['resource-conflict', 'rate-limit-exceeded', 'validation-error', 'malformed-json'],
  },
  authHealth: {
    method: 'GET',
    path: '/api/v1/auth/health',
    audit: 'none',
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
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
