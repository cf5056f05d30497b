import { giveConsent, revokeConsent } from '../../../core/consent/give-consent.ts';
import { consentId, isInForce, type Consent, type EmergencyAccess } from '../../../core/consent/model.ts';
import type { ConsentStore } from '../../../core/consent/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { userId } from '../../../core/kernel/ids.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface ConsentEndpointDeps {
  readonly consents: ConsentStore;
}

type ConsentEndpoints = Pick<Endpoints, 'giveConsent' | 'listConsents' | 'listEmergencies' | 'revokeConsent'>;

/** What patients let others read, and who has read without being let. */
export function consentEndpoints({ consents }: ConsentEndpointDeps): ConsentEndpoints {
  return {
    giveConsent: ({ body, principal, ids, clock }) =>
      giveConsent({ consents, ids, clock })({
        patient: principal.userId,
        grantee: userId(body.grantee),
        purpose: body.purpose,
        dataTypes: body.data_types,
        endsAtMs: body.ends_at.ms,
      }).map((consent) => ({
        status: 201,
        body: wireConsent(consent, clock.now()),
        headers: { Location: `/api/v1/consents/${consent.consentId}` },
      })),
    listConsents: ({ principal, clock }) =>
      consents.ofPatient(principal.userId).map((given) => {
        const nowMs = clock.now();
        return { status: 200, body: { data: given.map((consent) => wireConsent(consent, nowMs)) } };
      }),
    listEmergencies: ({ principal }) =>
      consents
        .emergencies(principal.userId)
        .map((accesses) => ({ status: 200, body: { data: accesses.map(wireAccess) } })),
    revokeConsent: ({ params, principal, clock }) =>
      revokeConsent({ consents, clock })(principal.userId, consentId(params.consent_id)).map((consent) => ({
        status: 200,
        body: wireConsent(consent, clock.now()),
      })),
  };
}

const wireConsent = (consent: Consent, nowMs: EpochMs) => ({
  consent_id: consent.consentId,
  grantee: consent.grantee,
  purpose: consent.purpose,
  data_types: consent.dataTypes,
  created_at: isoUtc(consent.createdAtMs),
  ends_at: isoUtc(consent.endsAtMs),
  in_force: isInForce(consent, nowMs),
  revoked_at: consent.revokedAtMs === null ? null : isoUtc(consent.revokedAtMs),
});

const wireAccess = ({ accessId, clinician, reason, openedAtMs, endsAtMs }: EmergencyAccess) => ({
  access_id: accessId,
  clinician,
  reason,
  opened_at: isoUtc(openedAtMs),
  ends_at: isoUtc(endsAtMs),
});
