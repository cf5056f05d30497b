import { errAsync, okAsync } from 'neverthrow';
import type { ResultAsync } from 'neverthrow';
import {
  isInForce,
  newestFirst,
  type Consent,
  type ConsentId,
  type EmergencyAccess,
} from '../../core/consent/model.ts';
import type { ConsentStore } from '../../core/consent/ports.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { notFound } from '../../core/kernel/errors.ts';
import type { NotFound, PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import { compareCodePoints } from '../../core/kernel/text-order.ts';

/** Consents and emergency accesses in the process's memory. */
export class MemoryConsentStore implements ConsentStore {
  readonly #consents = new Map<string, Consent>();
  readonly #accesses = new Map<string, EmergencyAccess>();

  insert(consent: Consent): ResultAsync<void, PortUnavailable> {
    const key = keyOf(consent.patient, consent.consentId);
    if (!this.#consents.has(key)) this.#consents.set(key, structuredClone(consent));
    return okAsync(undefined);
  }

  revoke(patient: UserId, id: ConsentId, atMs: EpochMs): ResultAsync<Consent, NotFound | PortUnavailable> {
    const consent = this.#consents.get(keyOf(patient, id));
    if (consent === undefined) return errAsync(notFound('consent', id));
    const revoked = { ...consent, revokedAtMs: consent.revokedAtMs ?? atMs };
    this.#consents.set(keyOf(patient, id), revoked);
    return okAsync(structuredClone(revoked));
  }

  ofPatient(patient: UserId): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#those((consent) => consent.patient === patient);
  }

  forGrantee(grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#those((consent) => consent.grantee === grantee && isInForce(consent, nowMs));
  }

  between(patient: UserId, grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    return this.#those(
      (consent) => consent.patient === patient && consent.grantee === grantee && isInForce(consent, nowMs),
    );
  }

  insertEmergency(access: EmergencyAccess): ResultAsync<void, PortUnavailable> {
    const key = keyOf(access.patient, access.accessId);
    if (!this.#accesses.has(key)) this.#accesses.set(key, { ...access });
    return okAsync(undefined);
  }

  emergencies(patient: UserId): ResultAsync<readonly EmergencyAccess[], PortUnavailable> {
    const accesses = [...this.#accesses.values()].filter((access) => access.patient === patient);
    return okAsync(
      accesses
        .sort((a, b) => b.openedAtMs - a.openedAtMs || compareCodePoints(a.accessId, b.accessId))
        .map((access) => ({ ...access })),
    );
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    for (const [key, { patient, grantee }] of this.#consents) {
      if (patient === owner || grantee === owner) this.#consents.delete(key);
    }
    for (const [key, access] of this.#accesses) {
      if (access.patient === owner) this.#accesses.delete(key);
      else if (access.clinician === owner) this.#accesses.set(key, { ...access, clinician: null });
    }
    return okAsync(undefined);
  }

  #those(wanted: (consent: Consent) => boolean): ResultAsync<readonly Consent[], PortUnavailable> {
    return okAsync(structuredClone([...this.#consents.values()].filter(wanted).sort(newestFirst)));
  }
}

const keyOf = (patient: UserId, id: string): string => JSON.stringify([patient, id]);
