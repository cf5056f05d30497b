import type { Profile } from '../auth/identity-ports.ts';
import type { Digest } from '../kernel/digest.ts';
import type { UserId } from '../kernel/ids.ts';
import { fhirId } from './observation.ts';
import type { Patient } from './resources.ts';

/** The person as a FHIR Patient; without a profile, by their id alone. */
export const patientOf = (user: UserId, profile: Profile | null, digest: Digest): Patient => ({
  resourceType: 'Patient',
  id: fhirId(user, digest),
  active: true,
  ...(profile?.displayName == null ? {} : { name: [{ text: profile.displayName }] }),
  ...(profile?.email == null ? {} : { telecom: [{ system: 'email', value: profile.email }] }),
});
