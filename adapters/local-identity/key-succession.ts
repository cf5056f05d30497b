import type { EpochMs } from '../../core/kernel/clock.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';

/** How long a login lasts without logging in again, and so its last refresh token. Refreshing does not prolong it. */
export const SESSION_DAYS = 30;

/** Every process looks for new keys at least this often. */
export const KEYS_LOOKED_UP_EVERY_MS = 30_000;

/** A key signs only once every process has had the time to learn of it, however their clocks differ. */
export const KEY_LEAD_MS = 2 * KEYS_LOOKED_UP_EVERY_MS;

/** The most that two hosts' clocks may differ. */
const CLOCKS_DIFFER_MS = 60_000;

/** From when a key signs, and until when there may be tokens of it that have not ended; null while no other one follows. */
export interface Reign<K> {
  readonly key: K;
  readonly signsFromMs: EpochMs;
  readonly verifiesUntilMs: EpochMs | null;
}

/** The keys in the order in which they sign. The first signs at once, for without it nobody could log in. */
export function reignsOf<K extends { readonly keyId: string; readonly createdAtMs: EpochMs }>(
  keys: readonly K[],
): readonly Reign<K>[] {
  const inOrder = [...keys].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.keyId < b.keyId ? -1 : 1));
  const signsFrom = ({ createdAtMs }: K, place: number): EpochMs =>
    place === 0 ? -Infinity : createdAtMs + KEY_LEAD_MS;
  return inOrder.map((key, place) => {
    const next = inOrder[place + 1];
    return {
      key,
      signsFromMs: signsFrom(key, place),
      verifiesUntilMs:
        next === undefined ? null : signsFrom(next, place + 1) + SESSION_DAYS * MS_PER_DAY + CLOCKS_DIFFER_MS,
    };
  });
}

/** The key that signs at an instant; undefined only where there are no keys. */
export const signingAt = <K>(reigns: readonly Reign<K>[], nowMs: EpochMs): K | undefined =>
  reigns.findLast(({ signsFromMs }) => signsFromMs <= nowMs)?.key;

/** Whether no token of the key can be good any more. */
export const hasEnded = ({ verifiesUntilMs }: Reign<unknown>, nowMs: EpochMs): boolean =>
  verifiesUntilMs !== null && verifiesUntilMs < nowMs;
