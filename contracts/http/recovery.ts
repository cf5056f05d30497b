import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { oneOf } from '../scalars.ts';
import { code, CODE, email, EMAIL, password } from './credentials.ts';

const sent = object('Sent', { status: oneOf('sent') });
const SENT = { status: 'sent' };

const CONFIRMATION_PROBLEMS = [
  'invalid-code',
  'expired-code',
  'resource-conflict',
  'rate-limit-exceeded',
  'validation-error',
  'malformed-json',
] as const;

/** What is done with the codes that are sent by mail. */
export const recoveryRoutes = routes({
  confirmEmail: {
    method: 'POST',
    path: '/api/v1/auth/confirm-email',
    audit: { action: 'update', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'recovery',
    summary: 'Confirm the e-mail address of a new account',
    body: { kind: 'json', codec: object('EmailConfirmation', { email, code }), example: { email: EMAIL, code: CODE } },
    responses: {
      200: {
        kind: 'json',
        codec: object('Confirmed', { status: oneOf('confirmed') }),
        example: { status: 'confirmed' },
        description: 'The account can be used.',
      },
    },
    problems: CONFIRMATION_PROBLEMS,
  },
  resendConfirmation: {
    method: 'POST',
    path: '/api/v1/auth/resend-confirmation',
    audit: { action: 'update', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'recovery',
    summary: 'Send the confirmation code again',
    body: { kind: 'json', codec: object('ResendConfirmation', { email }), example: { email: EMAIL } },
    responses: {
      200: {
        kind: 'json',
        codec: sent,
        example: SENT,
        description: 'Sent, if an account with this address waits for it.',
      },
    },
    problems: ['validation-error', 'malformed-json'],
  },
  confirmEmailChange: {
    method: 'POST',
    path: '/api/v1/auth/confirm-email-change',
    audit: { action: 'update', dataTypes: ['account'] },
    auth: 'write-own-data',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'recovery',
    summary: 'Confirm the e-mail address that I changed to',
    body: { kind: 'json', codec: object('EmailChangeConfirmation', { code }), example: { code: CODE } },
    responses: {
      200: {
        kind: 'json',
        codec: object('ChangeConfirmed', { status: oneOf('confirmed') }),
        example: { status: 'confirmed' },
        description: 'The new address is confirmed, and the one to log in with.',
      },
    },
    problems: CONFIRMATION_PROBLEMS,
  },
  forgotPassword: {
    method: 'POST',
    path: '/api/v1/auth/forgot-password',
    audit: { action: 'change-credentials', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'recovery',
    summary: 'Send a code for setting a new password',
    body: { kind: 'json', codec: object('ForgotPassword', { email }), example: { email: EMAIL } },
    responses: {
      200: { kind: 'json', codec: sent, example: SENT, description: 'Sent, if there is an account with this address.' },
    },
    problems: ['validation-error', 'malformed-json'],
  },
  resetPassword: {
    method: 'POST',
    path: '/api/v1/auth/reset-password',
    audit: { action: 'change-credentials', dataTypes: ['account'] },
    auth: 'none',
    tag: 'Authentication',
    feature: 'auth',
    rateLimit: 'recovery',
    summary: 'Set a new password with the code that was sent',
    body: {
      kind: 'json',
      codec: object('PasswordReset', { email, code, new_password: password }),
      example: { email: EMAIL, code: CODE, new_password: 'Correct-horse-8' },
    },
    responses: {
      200: {
        kind: 'json',
        codec: object('PasswordWasReset', { status: oneOf('reset') }),
        example: { status: 'reset' },
        description: 'The new password is the one to log in with, and every session has ended.',
      },
    },
    problems: [
      'invalid-code',
      'expired-code',
      'weak-password',
      'rate-limit-exceeded',
      'validation-error',
      'malformed-json',
    ],
  },
});
