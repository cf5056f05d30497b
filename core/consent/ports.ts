import type { ResultAsync } from 'neverthrow';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ErasesOwner } from '../kernel/owner-data.ts';
import type { Consent, ConsentId, EmergencyAccess } from './model.ts';

/**
 * Consents and emergency accesses, found by the patient and by whoever they are for. What was answered to a call holds for
 * every later one in every process: who asks after a revocation reads nothing on the strength of what was revoked.
 */
export interface ConsentStore extends ErasesOwner {
  /** Adds the consent, durably. One of this id that the patient already gave stays as it is, also where it was revoked. */
  insert(consent: Consent): ResultAsync<void, PortUnavailable>;
  /** Answers the consent as it is now; one that was revoked before keeps its first time. */
  revoke(patient: UserId, id: ConsentId, atMs: EpochMs): ResultAsync<Consent, NotFound | PortUnavailable>;
  /** Those that the patient gave, newest first, the ended and the revoked too; ties by id, as in every list here. */
  ofPatient(patient: UserId): ResultAsync<readonly Consent[], PortUnavailable>;
  /** Those that are for this person and in force at `nowMs` (see `isInForce`), newest first. */
  forGrantee(grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable>;
  /** Those of the patient for this person, in force at `nowMs`, newest first. */
  between(patient: UserId, grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable>;
  /** Adds the access, durably; one of this id that is there stays as it is. */
  insertEmergency(access: EmergencyAccess): ResultAsync<void, PortUnavailable>;
  /** Those to the patient's data, newest first. */
  emergencies(patient: UserId): ResultAsync<readonly EmergencyAccess[], PortUnavailable>;
  /**
   * Removes what the person gave, what was opened of theirs, and the consents that are for them. What they opened of others
   * stays without their name.
   */
  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable>;
}
