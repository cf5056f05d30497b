import type { ResultAsync } from 'neverthrow';
import { isSeries, type Consent } from '../consent/model.ts';
import type { ConsentStore } from '../consent/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { compareCodePoints } from '../kernel/text-order.ts';
import type { SeriesTypeName } from '../series/series-types.ts';
import { pseudonymOf, pseudonymText, type Pseudonym } from './pseudonym.ts';
import type { ResearchUnavailable, StudyKey } from './ports.ts';

/** Somebody who lets a researcher read, under the name that this researcher knows them by. */
export interface Participant {
  readonly pseudonym: Pseudonym;
  readonly patient: UserId;
  /** Each once, in text order. */
  readonly dataTypes: readonly SeriesTypeName[];
}

export interface ParticipantPorts {
  readonly consents: Pick<ConsentStore, 'forGrantee'>;
  readonly studyKey: StudyKey;
  readonly clock: Clock;
}

/**
 * Whose consents to research by this person are in force, in the order of their pseudonyms. Neither the order nor anything
 * that is told of them follows from when they consented or until when: a patient who agreed to two studies at once could
 * be found in both by that.
 */
export function participantsOf({ consents, studyKey, clock }: ParticipantPorts) {
  return (researcher: UserId): ResultAsync<readonly Participant[], ResearchUnavailable | PortUnavailable> =>
    consents.forGrantee(researcher, clock.now()).andThen((given) => {
      const types = typesByPatient(given);
      const patients = [...types.keys()];
      return studyKey.macs(patients.map((patient) => pseudonymText(researcher, patient))).map((macs) =>
        patients
          .map((patient, i): Participant => ({
            pseudonym: pseudonymOf(macs[i] as Uint8Array),
            patient,
            dataTypes: [...(types.get(patient) ?? [])].sort(compareCodePoints),
          }))
          .sort((a, b) => compareCodePoints(a.pseudonym, b.pseudonym)),
      );
    });
}

function typesByPatient(given: readonly Consent[]): ReadonlyMap<UserId, ReadonlySet<SeriesTypeName>> {
  const types = new Map<UserId, Set<SeriesTypeName>>();
  for (const { patient, purpose, dataTypes } of given) {
    if (purpose !== 'research' || !dataTypes.some(isSeries)) continue;
    const known = types.get(patient) ?? new Set<SeriesTypeName>();
    types.set(patient, known);
    for (const type of dataTypes) if (isSeries(type)) known.add(type);
  }
  return types;
}
