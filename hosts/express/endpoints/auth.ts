import { errAsync, okAsync } from 'neverthrow';
import { describeMe } from '../../../core/auth/describe-me.ts';
import { login } from '../../../core/auth/login.ts';
import { logout } from '../../../core/auth/logout.ts';
import type { IdentityProvider, SessionRevoker, TokenSet } from '../../../core/auth/ports.ts';
import { refresh } from '../../../core/auth/refresh.ts';
import { register } from '../../../core/auth/register.ts';
import { updateMe } from '../../../core/auth/update-me.ts';
import { inputRejected } from '../../../core/kernel/errors.ts';
import type { Endpoints } from '../http/endpoint.ts';
import type { Health } from '../health.ts';

export interface AuthEndpointDeps {
  readonly identities: IdentityProvider;
  readonly sessions: SessionRevoker;
  readonly signUpEnabled: boolean;
  readonly health: Health;
  readonly version: string;
}

type AuthEndpoints = Pick<
  Endpoints,
  'register' | 'login' | 'refresh' | 'logout' | 'describeMe' | 'updateMe' | 'authHealth'
>;

const tokenResponse = (tokens: TokenSet) => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: 'bearer' as const,
  expires_in: tokens.expiresInSeconds,
  scope: 'full_access' as const,
});

export function authEndpoints(deps: AuthEndpointDeps): AuthEndpoints {
  return {
    register: ({ body }) =>
      register(deps)({ email: body.email, password: body.password, displayName: body.display_name ?? null }).map(
        (registered) =>
          registered.kind === 'signed-in'
            ? { status: 201, body: tokenResponse(registered.tokens) }
            : { status: 202, body: { requires_email_verification: true } },
      ),
    login: ({ body }) => login(deps)(body).map((tokens) => ({ status: 200, body: tokenResponse(tokens) })),
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
    logout: ({ principal }) =>
      logout(deps)(principal).map(() => ({ status: 200, body: { message: 'Successfully logged out' } })),
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
