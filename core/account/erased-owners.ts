import type { ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { Digest } from '../kernel/digest.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';

declare const brand: unique symbol;

/** Tells one person from another without naming either: the SHA-256 of their id. */
export type ErasureMark = string & { readonly [brand]: 'ErasureMark' };

/**
 * Remembers for a while that somebody was erased, because a signed token goes on being good until it ends. All processes
 * of an installation see the same.
 */
export interface ErasedOwners {
  /** Remembered until `untilMs`, at least; again is fine. What is not to be remembered any more by `nowMs` may be forgotten. */
  remember(mark: ErasureMark, nowMs: EpochMs, untilMs: EpochMs): ResultAsync<void, PortUnavailable>;
  isRemembered(mark: ErasureMark, nowMs: EpochMs): ResultAsync<boolean, PortUnavailable>;
  /** Until when the mark is to be remembered; null where it is not, or not any more. */
  rememberedUntil(mark: ErasureMark, nowMs: EpochMs): ResultAsync<EpochMs | null, PortUnavailable>;
}

export interface ErasedOwnersPorts {
  readonly erasedOwners: ErasedOwners;
  readonly digest: Digest;
  readonly clock: Clock;
}

/** No access token is good for longer: a user pool's live for a day at most, those made here for a quarter of an hour. */
export const LONGEST_TOKEN_MS = 25 * 60 * 60_000;

const markOf = ({ digest }: ErasedOwnersPorts, user: UserId): ErasureMark =>
  digest.sha256Hex(`erased ${user}`) as ErasureMark;

/** Remembers the mark for as long as any token that was made up to now can be good. */
export function rememberMark(
  { clock, erasedOwners }: ErasedOwnersPorts,
  mark: ErasureMark,
): ResultAsync<void, PortUnavailable> {
  const nowMs = clock.now();
  return erasedOwners.remember(mark, nowMs, nowMs + LONGEST_TOKEN_MS);
}

/** From now on no token speaks for this person. */
export function rememberErased(ports: ErasedOwnersPorts) {
  return (user: UserId): ResultAsync<void, PortUnavailable> => rememberMark(ports, markOf(ports, user));
}

/** Whether the person was erased while tokens of theirs may still be good. */
export function wasErased(ports: ErasedOwnersPorts) {
  return (user: UserId): ResultAsync<boolean, PortUnavailable> =>
    ports.erasedOwners.isRemembered(markOf(ports, user), ports.clock.now());
}
