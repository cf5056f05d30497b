import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { InvalidRefreshToken } from './errors.ts';
import type { IdentityProvider, TokenSet } from './identity-ports.ts';

export interface RefreshDeps {
  readonly identities: IdentityProvider;
}

/**
 * Continues a session with new tokens. The caller must use the refresh token of the answer from now on: it may be a new
 * one. A token that is malformed, expired or of a revoked session is `invalid-refresh-token`.
 */
export const refresh =
  ({ identities }: RefreshDeps) =>
  (refreshToken: string): ResultAsync<TokenSet, InvalidRefreshToken | PortUnavailable> =>
    identities.refresh(refreshToken);
