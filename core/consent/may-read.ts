import { err, errAsync, ok, ResultAsync } from 'neverthrow';
import { isPermitted } from '../access/permissions.ts';
import type { Principal } from '../auth/token-ports.ts';
import type { Clock } from '../kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { isOpen, type ConsentedType, type ConsentId } from './model.ts';
import type { ConsentStore } from './ports.ts';

/** Why somebody may read a patient's data. */
export type ReadingGround =
  | { readonly kind: 'consent'; readonly consentId: ConsentId }
  | { readonly kind: 'emergency'; readonly accessId: string };

export interface MayReadPorts {
  readonly consents: Pick<ConsentStore, 'between' | 'emergencies'>;
  readonly clock: Clock;
}

/** Who wants to read. */
export type Reader = Pick<Principal, 'userId' | 'roles'>;

/**
 * On what ground the caller may read data of this type of the patient: a consent for care that names the type, or an
 * emergency that they have opened, which names none. Without one the patient reads exactly as one that does not exist,
 * whatever is missing: nobody here, no consent, none any more, or none for this type. One answer for all of them is the
 * only one that cannot tell which it is. A role that was taken away takes with it what was read on the strength of it.
 */
export function mayReadPatient({ consents, clock }: MayReadPorts) {
  return (
    reader: Reader,
    patient: UserId,
    type: ConsentedType,
  ): ResultAsync<ReadingGround, NotFound | PortUnavailable> => {
    if (!isPermitted(reader.roles, 'read-patient-data')) return errAsync(notFound('patient', patient));
    const nowMs = clock.now();
    return ResultAsync.combine([
      consents.between(patient, reader.userId, nowMs),
      consents.emergencies(patient),
    ] as const).andThen(([given, accesses]) => {
      const consent = given.find(({ purpose, dataTypes }) => purpose === 'care' && dataTypes.includes(type));
      if (consent !== undefined) return ok<ReadingGround>({ kind: 'consent', consentId: consent.consentId });
      const access = isPermitted(reader.roles, 'break-glass')
        ? accesses.find((each) => each.clinician === reader.userId && isOpen(each, nowMs))
        : undefined;
      return access === undefined
        ? err(notFound('patient', patient))
        : ok<ReadingGround>({ kind: 'emergency', accessId: access.accessId });
    });
  };
}
