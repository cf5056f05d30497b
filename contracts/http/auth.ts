import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { integer, jsonObject, oneOf, text } from '../scalars.ts';

const email = text(3, 254);

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

export const authRoutes = routes({
  register: {
    method: 'POST',
    path: '/api/v1/auth/register',
    auth: 'none',
    tag: 'Authentication',
    summary: 'Create an account',
    body: {
      kind: 'json',
      codec: object('Registration', { email, password: text(0, 1024) }, { display_name: text(1, 200) }),
    },
    responses: {
      201: { kind: 'json', codec: TokenResponse, description: 'The account can be used at once.' },
      202: {
        kind: 'json',
        codec: object('VerificationRequired', { requires_email_verification: t.literal(true) }),
        description: 'The e-mail address must be confirmed first.',
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
      codec: object('Login', { email, password: text(0, 1024) }, { remember_me: t.boolean, device_info: jsonObject }),
    },
    responses: { 200: { kind: 'json', codec: TokenResponse, description: 'Logged in.' } },
    problems: ['invalid-credentials', 'email-not-verified', 'validation-error', 'malformed-json'],
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
    summary: 'End the session: its refresh token is worth nothing afterwards',
    body: { kind: 'json', codec: jsonObject, optional: true },
    responses: {
      200: { kind: 'json', codec: object('LoggedOut', { message: t.string }), description: 'The session has ended.' },
    },
    problems: [],
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
