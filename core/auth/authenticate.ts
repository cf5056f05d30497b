import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { InvalidToken } from './errors.ts';
import type { Principal, TokenPurpose, TokenVerifier } from './token-ports.ts';

export interface AuthenticateDeps {
  readonly tokens: TokenVerifier;
}

/**
 * Says whom an access token speaks for. Whatever is wrong with the token, the answer is the same `invalid-token`. A
 * token stays good until it expires (at most 15 minutes), also after its session was revoked: a signed token cannot be
 * called back, only refreshing stops at once. Tokens of people who were erased are refused: always by `write`, the purpose
 * unless another is said, and within `LOOKED_UP_FOR_MS` by `read`.
 */
export const authenticate =
  ({ tokens }: AuthenticateDeps) =>
  (accessToken: string, purpose: TokenPurpose = 'write'): ResultAsync<Principal, InvalidToken | PortUnavailable> =>
    tokens.verify(accessToken, purpose);
