import { errAsync, okAsync } from 'neverthrow';
import { answerChallenge } from '../../../core/auth/answer-challenge.ts';
import { confirmEmailChange } from '../../../core/auth/confirm-email-change.ts';
import { confirmEmail } from '../../../core/auth/confirm-email.ts';
import { describeMe } from '../../../core/auth/describe-me.ts';
import { forgotPassword } from '../../../core/auth/forgot-password.ts';
import { login } from '../../../core/auth/login.ts';
import { logout } from '../../../core/auth/logout.ts';
import type {
  EmailConfirmation,
  IdentityProvider,
  LoginChallenges,
  LoginStep,
  PasswordRecovery,
  TokenSet,
} from '../../../core/auth/identity-ports.ts';
import type { KnownPasswords } from '../../../core/auth/password-ports.ts';
import type { SessionRevoker } from '../../../core/auth/session-ports.ts';
import { refresh } from '../../../core/auth/refresh.ts';
import { register, type Registered } from '../../../core/auth/register.ts';
import { resendConfirmation } from '../../../core/auth/resend-confirmation.ts';
import { resetPassword } from '../../../core/auth/reset-password.ts';
import { updateMe } from '../../../core/auth/update-me.ts';
import { inputRejected } from '../../../core/kernel/errors.ts';
import type { Endpoints } from '../http/endpoint.ts';
import type { EndpointError } from '../http/endpoint-error.ts';
import type { Health } from '../health.ts';

export interface AuthEndpointDeps {
  readonly identities: IdentityProvider;
  readonly challenges: LoginChallenges;
  readonly confirmation: EmailConfirmation;
  readonly recovery: PasswordRecovery;
  readonly sessions: SessionRevoker;
  readonly knownPasswords: KnownPasswords;
  readonly signUpEnabled: boolean;
  readonly health: Health;
  readonly version: string;
}

type AuthEndpoints = Pick<
  Endpoints,
  | 'register'
  | 'login'
  | 'answerChallenge'
  | 'confirmEmail'
  | 'resendConfirmation'
  | 'confirmEmailChange'
  | 'forgotPassword'
  | 'resetPassword'
  | 'refresh'
  | 'logout'
  | 'describeMe'
  | 'updateMe'
  | 'authHealth'
>;

/** What is answered under `/api/v1/auth`. */
export function authEndpoints(deps: AuthEndpointDeps): AuthEndpoints {
  return {
    register: ({ body }) =>
      register(deps)({ email: body.email, password: body.password, displayName: body.display_name ?? null }).map(
        registrationReply,
      ),
    login: ({ body, clientAddress }) => login(deps)({ ...body, client: clientAddress }).map(stepReply),
    answerChallenge: ({ body }) => answerChallenge(deps)(body).map(stepReply).mapErr(pointingAt('/answer')),
    confirmEmail: ({ body }) => confirmEmail(deps)(body).map(() => ({ status: 200, body: { status: 'confirmed' } })),
    resendConfirmation: ({ body }) =>
      resendConfirmation(deps)(body.email).map(() => ({ status: 200, body: { status: 'sent' } })),
    confirmEmailChange: ({ body, bearerToken }) =>
      confirmEmailChange(deps)({ accessToken: bearerToken ?? '', code: body.code }).map(() => ({
        status: 200,
        body: { status: 'confirmed' },
      })),
    forgotPassword: ({ body }) =>
      forgotPassword(deps)(body.email).map(() => ({ status: 200, body: { status: 'sent' } })),
    resetPassword: ({ body }) =>
      resetPassword(deps)({ email: body.email, code: body.code, newPassword: body.new_password })
        .map(() => ({ status: 200 as const, body: { status: 'reset' as const } }))
        .mapErr(pointingAt('/new_password')),
    refresh: ({ body, bearerToken }) => {
      const token = body.refresh_token ?? bearerToken;
      return token === null
        ? errAsync(
            inputRejected({
              pointer: '/refresh_token',
              message: 'is required, here or as Bearer token',
              code: 'missing',
            }),
          )
        : refresh(deps)(token).map((tokens) => ({ status: 200, body: tokenResponse(tokens) }));
    },
    logout: ({ principal, body, bearerToken }) =>
      logout(deps)({
        caller: principal,
        accessToken: bearerToken ?? '',
        refreshToken: body.refresh_token ?? null,
        everywhere: body.everywhere ?? false,
      }).map(() => ({ status: 200, body: { message: 'Successfully logged out' } })),
    describeMe: ({ principal }) =>
      describeMe(deps)(principal).map((profile) => ({
        status: 200,
        body: {
          user_id: profile.userId,
          email: profile.email,
          email_verified: profile.emailVerified,
          display_name: profile.displayName,
          auth_provider: profile.provider,
        },
      })),
    updateMe: ({ principal, body }) =>
      updateMe(deps)({
        caller: principal,
        displayName: body.display_name ?? undefined,
        email: body.email ?? undefined,
      }).map((profile) => ({
        status: 200,
        body: { user_id: profile.userId, email: profile.email, display_name: profile.displayName, updated: true },
      })),
    authHealth: () =>
      okAsync(undefined)
        .andThen(() => deps.health.of(['accounts']))
        .map((status) => ({ status: 200, body: { status, service: 'authentication', version: deps.version } })),
  };
}

const tokenResponse = (tokens: TokenSet) => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: 'bearer' as const,
  expires_in: tokens.expiresInSeconds,
  scope: 'full_access' as const,
});

function registrationReply(registered: Registered) {
  if (registered.kind === 'signed-in') return { status: 201 as const, body: tokenResponse(registered.tokens) };
  const requiresVerification = registered.kind === 'confirmation-required';
  return { status: 202 as const, body: { requires_email_verification: requiresVerification } };
}

function stepReply(step: LoginStep) {
  if ('tokens' in step) return { status: 200 as const, body: tokenResponse(step.tokens) };
  const { name, session, choices, sentTo, totpSecret } = step.challenge;
  return {
    status: 202 as const,
    body: {
      challenge: name,
      session,
      choices,
      ...(sentTo === null ? {} : { sent_to: sentTo }),
      ...(totpSecret === null ? {} : { totp_secret: totpSecret }),
    },
  };
}

/** Says where in the body a weak password was sent. */
const pointingAt =
  (pointer: string) =>
  (error: EndpointError): EndpointError =>
    error.kind === 'weak-password' ? { ...error, pointer } : error;
