import { errAsync, okAsync } from 'neverthrow';
import { wasErased, type ErasedOwnersPorts } from '../account/erased-owners.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { TokenVerifier } from './ports.ts';

/** So long somebody who was looked up counts as still there, for whoever only reads. */
export const LOOKED_UP_FOR_MS = 2000;

/** More people than this within that time, and all are looked up anew. */
const MOST_LOOKED_UP = 10_000;

/**
 * A verifier that refuses tokens of people who were erased since the token was made. Before something may be written it
 * always asks the store, so that nothing comes into being for somebody who is gone. A reader would find nothing anyway,
 * so an answer of up to `LOOKED_UP_FOR_MS` ago will do.
 */
export function ofLivingOwners(tokens: TokenVerifier, ports: ErasedOwnersPorts): TokenVerifier {
  const goodUntilMs = new Map<UserId, EpochMs>();
  const isErased = wasErased(ports);
  return {
    verify: (accessToken, purpose = 'write') =>
      tokens.verify(accessToken, purpose).andThen((principal) => {
        const { userId } = principal;
        const nowMs = ports.clock.now();
        if (purpose === 'read' && nowMs < (goodUntilMs.get(userId) ?? -Infinity)) return okAsync(principal);
        return isErased(userId).andThen((erased) => {
          goodUntilMs.delete(userId);
          if (erased) return errAsync({ kind: 'invalid-token' as const });
          // What is written may be the end of the account: whoever reads next is looked up again.
          if (purpose === 'write') return okAsync(principal);
          if (goodUntilMs.size >= MOST_LOOKED_UP) goodUntilMs.clear();
          goodUntilMs.set(userId, nowMs + LOOKED_UP_FOR_MS);
          return okAsync(principal);
        });
      }),
  };
}
