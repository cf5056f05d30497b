import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, text } from '../scalars.ts';
import { code, CODE } from './credentials.ts';

/** One login that has not ended. `last_used_at` is when its tokens were last made. */
export const OpenSession = object('OpenSession', {
  session_id: t.string,
  created_at: t.string,
  last_used_at: t.string,
  current: t.boolean,
});

export const TotpSetup = object('TotpSetup', { secret: t.string, otpauth_uri: t.string });

export const RecoveryCodes = object('RecoveryCodes', { recovery_codes: list(t.string, { min: 10, max: 10 }) });

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const TOTP_CODE = object('TotpCode', { code });

/** Where a person is logged in, and their second factor. */
export const accountSecurityRoutes = routes({
  listSessions: {
    method: 'GET',
    path: '/api/v1/auth/sessions',
    auth: 'read-own-data',
    audit: { action: 'read', dataTypes: ['sessions'] },
    tag: 'Authentication',
    feature: 'auth',
    summary: 'Where I am logged in, the session that was used last first',
    responses: {
      200: {
        kind: 'json',
        codec: object('OpenSessions', { data: list(OpenSession, { min: 0, max: 100 }) }),
        example: {
          data: [
            {
              session_id: '019580a3-c400-75f8-8091-a2b3c4d5e6f7',
              created_at: '2025-03-10T12:00:00.000+00:00',
              last_used_at: '2025-03-10T12:45:00.000+00:00',
              current: true,
            },
          ],
        },
        description: 'The sessions that have not ended, at most 100; current is the one of the token.',
      },
    },
    problems: ['not-available-here'],
  },
  endSession: {
    method: 'DELETE',
    path: '/api/v1/auth/sessions/{session_id}',
    auth: 'write-own-data',
    audit: { action: 'logout', dataTypes: ['sessions'] },
    tag: 'Authentication',
    feature: 'auth',
    summary: 'End one of my sessions: its refresh token is worth nothing afterwards',
    params: object('SessionParams', { session_id: text(1, 100) }),
    responses: { 204: { kind: 'empty', description: 'The session has ended.' } },
    problems: ['resource-not-found', 'not-available-here'],
  },
  beginTotp: {
    method: 'POST',
    path: '/api/v1/auth/totp',
    auth: 'write-own-data',
    audit: { action: 'change-credentials', dataTypes: ['account'] },
    tag: 'Authentication',
    feature: 'auth',
    summary: 'Make a secret for an authenticator app; it counts once a code of it was confirmed',
    responses: {
      200: {
        kind: 'json',
        codec: TotpSetup,
        example: {
          secret: SECRET,
          otpauth_uri: `otpauth://totp/Clarity:ada%40example.org?secret=${SECRET}&issuer=Clarity&algorithm=SHA1&digits=6&period=30`,
        },
        description: 'The secret to type into the app, or the URI to show as a QR code. Shown this once.',
      },
    },
    problems: ['resource-conflict', 'not-available-here'],
  },
  confirmTotp: {
    method: 'POST',
    path: '/api/v1/auth/totp/confirm',
    auth: 'write-own-data',
    audit: { action: 'change-credentials', dataTypes: ['account'] },
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'login',
    summary: 'Show a first code: from now on logins ask for one',
    body: { kind: 'json', codec: TOTP_CODE, example: { code: CODE } },
    responses: {
      200: {
        kind: 'json',
        codec: RecoveryCodes,
        example: {
          recovery_codes: Array.from({ length: 10 }, (_, i) => `JBSW-Y3DP-EHPK-3PX${String.fromCharCode(65 + i)}`),
        },
        description: 'Each is good once in the place of a code. Shown this once.',
      },
    },
    problems: [
      'invalid-code',
      'resource-conflict',
      'rate-limit-exceeded',
      'not-available-here',
      'validation-error',
      'malformed-json',
    ],
  },
  removeTotp: {
    method: 'DELETE',
    path: '/api/v1/auth/totp',
    auth: 'write-own-data',
    audit: { action: 'change-credentials', dataTypes: ['account'] },
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'login',
    summary: 'Take the second factor away; needs a code or a recovery code in the body',
    body: { kind: 'json', codec: TOTP_CODE, example: { code: CODE } },
    responses: { 204: { kind: 'empty', description: 'The password alone is enough again.' } },
    problems: ['invalid-code', 'rate-limit-exceeded', 'not-available-here', 'validation-error', 'malformed-json'],
  },
});
