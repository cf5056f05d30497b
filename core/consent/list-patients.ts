import type { ResultAsync } from 'neverthrow';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { compareCodePoints } from '../kernel/text-order.ts';
import type { ConsentedType } from './model.ts';
import type { ConsentStore } from './ports.ts';

/** A patient who lets somebody read. */
export interface ConsentingPatient {
  readonly patient: UserId;
  /** Each once, with the end of the consent that lasts longest, in text order. */
  readonly readable: readonly { readonly type: ConsentedType; readonly untilMs: EpochMs }[];
}

/** The patients whose consents to care by this person are in force, in the order of their ids. */
export function listPatients({
  consents,
  clock,
}: {
  readonly consents: Pick<ConsentStore, 'forGrantee'>;
  readonly clock: Clock;
}) {
  return (grantee: UserId): ResultAsync<readonly ConsentingPatient[], PortUnavailable> =>
    consents.forGrantee(grantee, clock.now()).map((given) => {
      const patients = new Map<UserId, Map<ConsentedType, EpochMs>>();
      for (const { patient, purpose, dataTypes, endsAtMs } of given) {
        if (purpose !== 'care') continue;
        const readable = patients.get(patient) ?? new Map<ConsentedType, EpochMs>();
        patients.set(patient, readable);
        for (const type of dataTypes) readable.set(type, Math.max(endsAtMs, readable.get(type) ?? 0));
      }
      return [...patients]
        .sort(([a], [b]) => compareCodePoints(a, b))
        .map(([patient, readable]) => ({
          patient,
          readable: [...readable]
            .sort(([a], [b]) => compareCodePoints(a, b))
            .map(([type, untilMs]) => ({ type, untilMs })),
        }));
    });
}
