import { fixedOffsetZone, localZone, type LocalZone } from '../kernel/local-time.ts';

/** What is known about where a recording was made, best first. */
export interface ZoneEvidence {
  /** What the person asked for. */
  readonly requested: string | null;
  /** The zone that most samples name. */
  readonly recorded: string | null;
  /** The UTC offset that most samples carry, in minutes. */
  readonly offsetMinutes: number | null;
}

/**
 * The zone in which local days are counted: the requested one, else the one most samples name, else the offset most
 * samples carry, else UTC. A recorded name that this system does not know falls through to the next; a requested one is
 * checked before it gets here.
 */
export function chooseZone(evidence: ZoneEvidence): LocalZone {
  for (const name of [evidence.requested, evidence.recorded]) {
    if (name === null) continue;
    const zone = localZone(name);
    if (zone.isOk()) return zone.value;
  }
  return fixedOffsetZone(evidence.offsetMinutes ?? 0);
}
