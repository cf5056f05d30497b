import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import { tokensEndedAt } from '../account/ended-tokens.ts';
import { wasErased, type ErasedOwnersPorts } from '../account/erased-owners.ts';
import { LookedUpOwners, type LookedUpOwner } from './looked-up-owners.ts';
import type { Principal, TokenVerifier } from './token-ports.ts';

/** So long somebody who was looked up counts as still there, for whoever only reads. */
export const LOOKED_UP_FOR_MS = 2000;

/**
 * A verifier that refuses tokens of people who were erased since the token was made, or whose tokens were ended since. Before
 * something may be written it always asks the store, so that nothing comes into being for somebody who is gone; and always
 * for whoever may read more than their own. Of others who only read, an answer of up to `LOOKED_UP_FOR_MS` ago will do,
 * unless `lookedUp` was told in this process to forget them.
 */
export function ofLivingOwners(
  tokens: TokenVerifier,
  ports: ErasedOwnersPorts,
  lookedUp: LookedUpOwners = new LookedUpOwners(),
): TokenVerifier {
  const isErased = wasErased(ports);
  const endedAt = tokensEndedAt(ports);
  return {
    verify: (accessToken, purpose = 'write') =>
      tokens.verify(accessToken, purpose).andThen((principal) => {
        const { userId } = principal;
        const nowMs = ports.clock.now();
        const readsOwn = purpose === 'read' && principal.roles.every((role) => role === 'patient');
        const found = readsOwn ? lookedUp.find(userId, nowMs) : null;
        if (found !== null) return isGood(principal, found) ? okAsync(principal) : errAsync(INVALID);
        return ResultAsync.combine([isErased(userId), endedAt(userId)]).andThen(([erased, endedAtMs]) => {
          // What is written may be the end of the account: whoever reads next is looked up again.
          lookedUp.forget(userId);
          if (erased) return errAsync(INVALID);
          if (readsOwn) lookedUp.keep(userId, { endedAtMs }, nowMs + LOOKED_UP_FOR_MS);
          return isGood(principal, { endedAtMs }) ? okAsync(principal) : errAsync(INVALID);
        });
      }),
  };
}

const INVALID = { kind: 'invalid-token' } as const;

const isGood = ({ issuedAtMs }: Principal, { endedAtMs }: LookedUpOwner): boolean =>
  endedAtMs === null || issuedAtMs > endedAtMs;
