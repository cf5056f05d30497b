import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { dateTime, integer, list, oneOf, text, uuid } from '../scalars.ts';
import { SERIES_METRIC_TYPES } from './series.ts';

/** What can be shared: series by their names, and what was made of them. */
export const SHARED_TYPES = [...SERIES_METRIC_TYPES, 'analyses', 'insights'] as const;
export const sharedType = oneOf(...SHARED_TYPES);

const purpose = oneOf('care', 'research');

export const NewConsent = object('NewConsent', {
  grantee: uuid,
  purpose,
  data_types: list(sharedType, { min: 1, max: SHARED_TYPES.length }),
  ends_at: dateTime,
});

/** `revoked_at` is null unless it was taken back; `in_force` is whether something may be read because of it now. */
export const Consent = object(
  'Consent',
  {
    consent_id: t.string,
    grantee: t.string,
    purpose,
    data_types: list(sharedType, { min: 0, max: SHARED_TYPES.length }),
    created_at: t.string,
    ends_at: t.string,
    in_force: t.boolean,
  },
  { revoked_at: t.string },
);

/** Somebody has opened my data in an emergency; `clinician` is null once their account is gone. */
export const EmergencyAccess = object(
  'EmergencyAccess',
  { access_id: t.string, reason: t.string, opened_at: t.string, ends_at: t.string },
  { clinician: t.string },
);

export const NewEmergencyAccess = object('NewEmergencyAccess', { reason: text(20, 500), minutes: integer(1, 240) });

const CLINICIAN = '22222222-2222-4222-8222-222222222222';
export const CONSENT_EXAMPLE = {
  consent_id: '0f8e6c1b-2a3d-4e5f-8091-a2b3c4d5e6f7',
  grantee: CLINICIAN,
  purpose: 'care',
  data_types: ['heart_rate', 'analyses'],
  created_at: '2025-03-10T12:00:00.000+00:00',
  ends_at: '2025-06-10T12:00:00.000+00:00',
  in_force: true,
  revoked_at: null,
};
export const EMERGENCY_EXAMPLE = {
  access_id: '019580a3-c400-4f80-91a2-b3c4d5e6f708',
  clinician: CLINICIAN,
  reason: 'Brought in unconscious; heart rate of the last hours is needed.',
  opened_at: '2025-03-10T12:00:00.000+00:00',
  ends_at: '2025-03-10T13:00:00.000+00:00',
};

const reads = { auth: 'read-own-data', tag: 'Consent', audit: { action: 'read', dataTypes: ['consents'] } } as const;
const writes = { auth: 'write-own-data', tag: 'Consent' } as const;
const all = { min: 0, max: 1_000_000 };

export const consentRoutes = routes({
  giveConsent: {
    ...writes,
    method: 'POST',
    path: '/api/v1/consents',
    audit: { action: 'create', dataTypes: ['consents'] },
    idempotency: 'key',
    summary:
      'Let a clinician (care) or a researcher (research: without my name, and with other dates) read the named data of mine ' +
      'until ends_at, at most 366 days ahead. analyses and insights can be shared for care only',
    body: {
      kind: 'json',
      codec: NewConsent,
      example: {
        grantee: CLINICIAN,
        purpose: 'care',
        data_types: ['heart_rate', 'analyses'],
        ends_at: '2025-06-10T12:00:00Z',
      },
    },
    responses: {
      201: {
        kind: 'json',
        codec: Consent,
        description: 'Given; in force from now on. Whether there is such a person is not told.',
        example: CONSENT_EXAMPLE,
      },
    },
    problems: ['validation-error', 'malformed-json', 'limit-reached'],
  },
  listConsents: {
    ...reads,
    method: 'GET',
    path: '/api/v1/consents',
    conditional: 'etag',
    summary: 'The consents that I have given, newest first, the ended and the revoked too',
    responses: {
      200: {
        kind: 'json',
        codec: object('ConsentList', { data: list(Consent, all) }),
        description: 'All of them.',
        example: { data: [CONSENT_EXAMPLE] },
      },
    },
    problems: [],
  },
  listEmergencies: {
    ...reads,
    method: 'GET',
    path: '/api/v1/consents/emergencies',
    conditional: 'etag',
    summary: 'Who has opened my data in an emergency, when, why and until when, newest first',
    responses: {
      200: {
        kind: 'json',
        codec: object('EmergencyAccessList', { data: list(EmergencyAccess, all) }),
        description: 'All of them.',
        example: { data: [EMERGENCY_EXAMPLE] },
      },
    },
    problems: [],
  },
  revokeConsent: {
    ...writes,
    method: 'DELETE',
    path: '/api/v1/consents/{consent_id}',
    audit: { action: 'delete', dataTypes: ['consents'] },
    summary: 'Take a consent back: from the answer on, nothing is read because of it',
    params: object('ConsentParams', { consent_id: text(1, 100) }),
    responses: {
      200: {
        kind: 'json',
        codec: Consent,
        description: 'As it is now; one that was revoked before keeps its time.',
        example: { ...CONSENT_EXAMPLE, in_force: false, revoked_at: '2025-03-11T12:00:00.000+00:00' },
      },
    },
    problems: ['resource-not-found', 'validation-error'],
  },
});
