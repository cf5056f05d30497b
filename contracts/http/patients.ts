import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, text } from '../scalars.ts';
import { EMERGENCY_EXAMPLE, NewEmergencyAccess, SHARED_TYPES, sharedType } from './consents.ts';
import { InsightHistoryQuery, InsightHistoryReply } from './insights.ts';
import { PatAnalysisResponse } from './pat.ts';
import { SeriesPage, SeriesQuery } from './series.ts';

const PATIENT = '11111111-1111-4111-8111-111111111111';

/** What of a patient may be read: each type until the last consent that names it ends. */
const ConsentingPatient = object('ConsentingPatient', {
  patient_id: t.string,
  data_types: list(object('ReadableType', { data_type: sharedType, until: t.string }), {
    min: 1,
    max: SHARED_TYPES.length,
  }),
});

const OpenedData = object('OpenedData', {
  access_id: t.string,
  patient_id: t.string,
  reason: t.string,
  opened_at: t.string,
  ends_at: t.string,
});

const params = object('PatientParams', { patient_id: text(1, 200) });
const reads = { auth: 'read-patient-data', tag: 'Patients' } as const;

export const patientRoutes = routes({
  listPatients: {
    ...reads,
    feature: 'data',
    method: 'GET',
    path: '/api/v1/patients',
    audit: { action: 'read', dataTypes: ['consents'] },
    conditional: 'etag',
    summary: 'The patients who let me read their data for care, with which data and until when',
    responses: {
      200: {
        kind: 'json',
        codec: object('PatientList', { data: list(ConsentingPatient, { min: 0, max: 1_000_000 }) }),
        description: 'All of them.',
        example: {
          data: [
            {
              patient_id: PATIENT,
              data_types: [{ data_type: 'heart_rate', until: '2025-06-10T12:00:00.000+00:00' }],
            },
          ],
        },
      },
    },
    problems: [],
  },
  readPatientSeries: {
    ...reads,
    feature: 'data',
    method: 'GET',
    path: '/api/v1/patients/{patient_id}/series',
    audit: { action: 'read', dataTypes: ['metrics', 'samples'], subject: 'patient_id' },
    conditional: 'etag',
    summary:
      'One kind of measurement of a patient over time, asked for and answered as at /api/v1/health-data/series. Without ' +
      'consent to this kind, or an emergency, the patient is not found',
    params,
    query: SeriesQuery,
    responses: { 200: { kind: 'json', codec: SeriesPage, description: 'One page.' } },
    problems: ['resource-not-found', 'invalid-cursor', 'validation-error'],
  },
  readPatientAnalysis: {
    ...reads,
    feature: 'analysis',
    method: 'GET',
    path: '/api/v1/patients/{patient_id}/analysis',
    audit: { action: 'read', dataTypes: ['analyses'], subject: 'patient_id' },
    conditional: 'etag',
    summary: 'The newest analysis of a patient who lets me read analyses; not found where there is none',
    params,
    responses: { 200: { kind: 'json', codec: PatAnalysisResponse, description: 'The result.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
  listPatientInsights: {
    ...reads,
    feature: 'insights',
    method: 'GET',
    path: '/api/v1/patients/{patient_id}/insights',
    audit: { action: 'read', dataTypes: ['insights'], subject: 'patient_id' },
    summary: 'The insights of a patient who lets me read insights, newest first',
    params,
    query: InsightHistoryQuery,
    responses: {
      200: { kind: 'json', codec: InsightHistoryReply, description: 'A page; total_count is of all of them.' },
    },
    problems: ['resource-not-found', 'validation-error'],
  },
  breakGlass: {
    auth: 'break-glass',
    tag: 'Patients',
    feature: 'data',
    method: 'POST',
    path: '/api/v1/patients/{patient_id}/break-glass',
    audit: { action: 'create', dataTypes: ['consents'], subject: 'patient_id' },
    idempotency: 'key',
    summary:
      'Open all data of a patient in an emergency, without their consent, for 1 to 240 minutes. The patient is told at once, ' +
      'and reads the reason',
    params,
    body: {
      kind: 'json',
      codec: NewEmergencyAccess,
      example: { reason: EMERGENCY_EXAMPLE.reason, minutes: 60 },
    },
    responses: {
      201: {
        kind: 'json',
        codec: OpenedData,
        description: 'Opened, and written down.',
        example: {
          access_id: EMERGENCY_EXAMPLE.access_id,
          patient_id: PATIENT,
          reason: EMERGENCY_EXAMPLE.reason,
          opened_at: EMERGENCY_EXAMPLE.opened_at,
          ends_at: EMERGENCY_EXAMPLE.ends_at,
        },
      },
    },
    problems: ['resource-not-found', 'validation-error', 'malformed-json'],
  },
});
