import { okAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { Principal, TokenVerifier } from './token-ports.ts';

/** A verified token is taken at its word for so long, and never past its own end. */
export const REMEMBERED_FOR_MS = 30_000;

/** More tokens than this within that time, and all are verified anew. */
const MOST_REMEMBERED = 10_000;

/**
 * A verifier that does not check the same token again within half a minute: a client makes many calls with one, and a
 * signature takes longer to check than most of them to answer. What is not in a token, such as that its owner was erased,
 * is not remembered here.
 */
export function rememberingTokens(tokens: TokenVerifier, clock: Clock): TokenVerifier {
  const remembered = new Map<string, { readonly principal: Principal; readonly untilMs: EpochMs }>();
  return {
    verify: (accessToken, purpose) => {
      const nowMs = clock.now();
      const known = remembered.get(accessToken);
      if (known !== undefined && nowMs < known.untilMs) return okAsync(known.principal);
      return tokens.verify(accessToken, purpose).map((principal) => {
        if (remembered.size >= MOST_REMEMBERED) remembered.clear();
        remembered.set(accessToken, {
          principal,
          untilMs: Math.min(nowMs + REMEMBERED_FOR_MS, principal.expiresAtMs),
        });
        return principal;
      });
    },
  };
}
