import { ResultAsync } from 'neverthrow';
import type { Consent, ConsentId, EmergencyAccess } from '../consent/model.ts';
import type { ConsentStore } from '../consent/ports.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

/**
 * A consent store that is given the reasons of emergency accesses encrypted only, with the patient's key: they are about the
 * patient. Consents hold no free text.
 */
export class EncryptedConsentStore implements ConsentStore {
  readonly #store: ConsentStore;
  readonly #fields: SealedFields;

  constructor(store: ConsentStore, encryption: Encryption) {
    this.#store = store;
    this.#fields = new SealedFields('ConsentStore', encryption);
  }

  insert(consent: Consent): ResultAsync<void, PortUnavailable> {
    return this.#store.insert(consent);
  }

  revoke(patient: UserId, id: ConsentId, atMs: EpochMs): ResultAsync<Consent, NotFound | PortUnavailable> {
    return this.#store.revoke(patient, id, atMs);
  }

  ofPatient(patient: UserId): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#store.ofPatient(patient);
  }

  forGrantee(grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#store.forGrantee(grantee, nowMs);
  }

  between(patient: UserId, grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#store.between(patient, grantee, nowMs);
  }

  insertEmergency(access: EmergencyAccess): ResultAsync<void, PortUnavailable> {
    const { patient, accessId, reason } = access;
    return this.#fields
      .sealer(patient)
      .andThen((seal) => this.#store.insertEmergency({ ...access, reason: seal(PURPOSE, accessId, reason) }));
  }

  emergencies(patient: UserId): ResultAsync<readonly EmergencyAccess[], PortUnavailable> {
    return this.#store
      .emergencies(patient)
      .andThen((accesses) =>
        ResultAsync.combine(
          accesses.map((access) =>
            this.#fields
              .open({ owner: patient, purpose: PURPOSE, record: access.accessId }, access.reason, 'emergencies')
              .map((reason) => ({ ...access, reason })),
          ),
        ),
      );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.eraseOwner(owner);
  }
}

const PURPOSE = 'emergency.reason';
