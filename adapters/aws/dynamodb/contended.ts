import type { DynamoTable } from './dynamo-table.ts';

/** With the waits of `AwsCaller.pause`, about 7 seconds of waiting on average, 14 at most. */
const MOST_TRIES = 12;

/** Others changed the same thing whenever this process wanted to. The same call may work later. */
export class Contended extends Error {
  override readonly name = 'Contended';
}

/**
 * What `attempt` answers once it is not null; null means that somebody else was faster, and that it has to look again
 * at what is there now. Rejects with `Contended` when that does not end.
 */
export async function untilUncontended<T>(
  table: DynamoTable,
  what: string,
  attempt: (tries: number) => Promise<T | null>,
): Promise<T> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const answer = await attempt(tries);
    if (answer !== null) return answer;
    if (tries < MOST_TRIES) await table.pause(tries);
  }
  throw new Contended(`${what} was changed by others ${String(MOST_TRIES)} times while it was to be written`);
}
