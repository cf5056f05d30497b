import { okAsync, type ResultAsync } from 'neverthrow';
import { hasEnded, signingAt } from '../../adapters/local-identity/key-succession.ts';
import {
  listSigningKeys,
  rotateSigningKeys,
  type StoredReign,
} from '../../adapters/local-identity/rotate-signing-keys.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { People } from '../wiring/storage.ts';

/** A line a signing key: which it is, and what it is for now. A user pool keeps its own; there are none then. */
export function signingKeyLines(people: People, clock: Clock): ResultAsync<readonly string[], PortUnavailable> {
  if (people.kind !== 'local') return okAsync([]);
  return listSigningKeys({ signingKeys: people.signingKeys, clock }).map((reigns) => {
    const signing = signingAt(reigns, clock.now());
    return reigns.map((reign) => `signing key ${reign.key.keyId}: ${taskOf(reign, signing, clock.now())}`);
  });
}

/** Adds a signing key, and says what has become of the others; null where a user pool signs. */
export function rotateSigning(people: People, clock: Clock): ResultAsync<readonly string[] | null, PortUnavailable> {
  if (people.kind !== 'local') return okAsync(null);
  return rotateSigningKeys({ signingKeys: people.signingKeys, clock }).map(({ added, removed, signsFromMs }) => [
    `signing key ${added}: signs from ${instant(signsFromMs)}`,
    ...removed.map((keyId) => `signing key ${keyId}: removed, for all of its tokens have ended`),
  ]);
}

function taskOf(reign: StoredReign, signing: StoredReign['key'] | undefined, nowMs: EpochMs): string {
  if (reign.key === signing) return 'signs';
  if (reign.signsFromMs > nowMs) return `signs from ${instant(reign.signsFromMs)}`;
  const until = reign.verifiesUntilMs === null ? '' : ` until ${instant(reign.verifiesUntilMs)}`;
  return hasEnded(reign, nowMs) ? 'is good for nothing any more' : `checks what it signed${until}`;
}

const instant = (ms: EpochMs): string => new Date(ms).toISOString();
