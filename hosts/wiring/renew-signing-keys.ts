import type { Logger } from 'pino';
import { rotateAgedKeys } from '../../adapters/local-identity/rotate-signing-keys.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { People } from './storage.ts';

/** Keys live for days at least, so that an hour more or less is nothing. */
const LOOK_MS = 3_600_000;

export interface SigningKeyRenewal {
  readonly people: People;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: no key is ever too old. */
  readonly mostAgeMs: number | null;
}

/**
 * Has another key sign once the newest one is too old: looks now, and every hour until `timer` is cleared. A user pool renews
 * its own, so that there is no timer then. A store that does not answer is asked again after the hour; the keys at hand serve on.
 */
export async function renewSigningKeys({
  people,
  clock,
  logger,
  mostAgeMs,
}: SigningKeyRenewal): Promise<{ readonly timer: NodeJS.Timeout | undefined }> {
  if (people.kind !== 'local' || mostAgeMs === null) return { timer: undefined };
  const { signingKeys } = people;
  const look = async (): Promise<void> => {
    const renewed = await rotateAgedKeys({ signingKeys, clock }, mostAgeMs);
    if (renewed.isErr()) logger.warn(renewed.error, 'it could not be told whether the signing key is too old');
    else if (renewed.value !== null) logger.info('the signing key was too old, and another one follows it');
  };
  await look();
  return { timer: setInterval(() => void look(), LOOK_MS).unref() };
}
