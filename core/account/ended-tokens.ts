import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { LONGEST_TOKEN_MS, rememberMark, type ErasedOwnersPorts, type ErasureMark } from './erased-owners.ts';

const markOf = ({ digest }: ErasedOwnersPorts, user: UserId): ErasureMark =>
  digest.sha256Hex(`tokens ended ${user}`) as ErasureMark;

/**
 * From now on no token speaks for the person that was made up to this moment: one made later may. It is remembered as long
 * as such a token can be good.
 */
export function endTokens(ports: ErasedOwnersPorts) {
  return (user: UserId): ResultAsync<void, PortUnavailable> => rememberMark(ports, markOf(ports, user));
}

/** Up to which moment the person's tokens were ended; null where none that may still be good was. */
export function tokensEndedAt(ports: ErasedOwnersPorts) {
  return (user: UserId): ResultAsync<EpochMs | null, PortUnavailable> =>
    ports.erasedOwners
      .rememberedUntil(markOf(ports, user), ports.clock.now())
      .map((untilMs) => (untilMs === null ? null : untilMs - LONGEST_TOKEN_MS));
}
