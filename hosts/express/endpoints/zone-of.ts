import { ok, type Result } from 'neverthrow';
import type { WireInstant } from '../../../contracts/scalars.ts';
import { chooseZone } from '../../../core/analysis/zone-choice.ts';
import { inputRejected, type InputRejected } from '../../../core/kernel/errors.ts';
import { localZone, type LocalZone } from '../../../core/kernel/local-time.ts';

/** Checks a zone name that a client sent. */
export function requestedZone(
  name: string | null | undefined,
  pointer: string,
): Result<LocalZone | null, InputRejected> {
  if (name == null) return ok(null);
  return localZone(name).mapErr(() =>
    inputRejected({
      pointer,
      message: 'is not a known time zone; expected an IANA name such as Europe/Berlin, or UTC+01:00',
      code: 'unknown_time_zone',
    }),
  );
}

/** The zone of readings: the requested one, else the offset that most timestamps carry, else UTC. */
export function zoneOfReadings(
  name: string | null | undefined,
  instants: readonly WireInstant[],
): Result<LocalZone, InputRejected> {
  return requestedZone(name, '/timezone').andThen((zone) => {
    if (zone !== null) return ok(zone);
    const counts = new Map<number, number>();
    for (const { offsetMinutes } of instants) {
      if (offsetMinutes !== null) counts.set(offsetMinutes, (counts.get(offsetMinutes) ?? 0) + 1);
    }
    const [common] = [...counts].sort(([, a], [, b]) => b - a);
    return ok(chooseZone({ requested: null, recorded: null, offsetMinutes: common?.[0] ?? null }));
  });
}
