import * as assert from 'uvu/assert';
import type { Caller, Check } from './operations.ts';
import { at, analysed, batch, insightOf, refusal, success } from './operations-kit.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const NOT_FOUND = [404, 'resource-not-found'];
const REASON = 'Brought in unconscious, the last hours are needed.';
const SERIES = { metric_type: 'biometric_data.heart_rate', from: at(0), to: at(120), resolution: 'hour' } as const;

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

type Shared = 'biometric_data.heart_rate' | 'analyses' | 'insights';

const giving = async (from: Caller, to: Caller, purpose: 'care' | 'research', ...data_types: readonly Shared[]) =>
  success(await from.client.giveConsent({ body: { grantee: to.userId, purpose, data_types, ends_at: inDays(30) } }))
    .body;

const sending = async ({ client, userId }: Caller): Promise<void> => {
  success(await client.uploadHealthData({ body: batch(userId, [0, 1, 61]) }));
};

/** What is shared with whom, and what they read of it. */
export const SHARING_OPERATIONS: Readonly<Record<string, Check>> = {
  'POST /api/v1/consents': async (patient) => {
    const body = { grantee: UNKNOWN, purpose: 'care', data_types: ['heart_rate'], ends_at: inDays(30) } as const;
    const first = success(await patient.client.giveConsent({ body, idempotencyKey: 'first' }));
    assert.equal([first.status, first.body.in_force, first.body.revoked_at], [201, true, null]);
    const again = success(await patient.client.giveConsent({ body, idempotencyKey: 'first' }));
    assert.is(again.body.consent_id, first.body.consent_id);
    for (const wrong of [
      { grantee: patient.userId },
      { ends_at: inDays(-1) },
      { ends_at: inDays(400) },
      { purpose: 'research', data_types: ['insights'] },
    ] as const) {
      const answer = await patient.client.giveConsent({ body: { ...body, ...wrong } });
      assert.equal(refusal(answer), [422, 'validation-error'], JSON.stringify(wrong));
    }
  },
  'GET /api/v1/consents': async (patient, service) => {
    const other = await service.newCaller();
    const given = await giving(patient, other, 'care', 'analyses');
    assert.equal(success(await patient.client.listConsents()).body?.data, [given]);
    assert.equal(success(await other.client.listConsents()).body?.data, []);
  },
  'DELETE /api/v1/consents/{consent_id}': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    const { consent_id } = await giving(patient, clinician, 'care', 'biometric_data.heart_rate');
    const [params, query] = [{ patient_id: patient.userId }, SERIES];
    success(await clinician.client.readPatientSeries({ params, query }));
    assert.equal(refusal(await clinician.client.revokeConsent({ params: { consent_id } })), NOT_FOUND);
    const revoked = success(await patient.client.revokeConsent({ params: { consent_id } })).body;
    assert.equal([revoked.in_force, typeof revoked.revoked_at], [false, 'string']);
    assert.equal(refusal(await clinician.client.readPatientSeries({ params, query })), NOT_FOUND);
    assert.equal(success(await patient.client.revokeConsent({ params: { consent_id } })).body, revoked);
  },
  'GET /api/v1/consents/emergencies': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    const params = { patient_id: patient.userId };
    success(await clinician.client.breakGlass({ params, body: { reason: REASON, minutes: 5 } }));
    const [access, ...others] = success(await patient.client.listEmergencies()).body?.data ?? [];
    assert.equal([access?.clinician, access?.reason, others], [clinician.userId, REASON, []]);
  },
  'GET /api/v1/patients': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    await giving(patient, clinician, 'care', 'biometric_data.heart_rate', 'analyses');
    await giving(patient, clinician, 'research', 'biometric_data.heart_rate');
    assert.equal(
      success(await clinician.client.listPatients()).body?.data.map(({ patient_id, data_types }) => [
        patient_id,
        data_types.map(({ data_type }) => data_type),
      ]),
      [[patient.userId, ['analyses', 'biometric_data.heart_rate']]],
    );
    assert.equal(refusal(await patient.client.listPatients()), [403, 'authorization-denied']);
  },
  'GET /api/v1/patients/{patient_id}/series': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    await sending(patient);
    const params = { patient_id: patient.userId };
    assert.equal(refusal(await clinician.client.readPatientSeries({ params, query: SERIES })), NOT_FOUND);
    await giving(patient, clinician, 'care', 'biometric_data.heart_rate');
    const [read, own] = [
      success(await clinician.client.readPatientSeries({ params, query: SERIES })),
      success(await patient.client.readSeries({ query: SERIES })),
    ];
    assert.equal(read.body, own.body);
    assert.is(read.body?.bins.length, 2);
    const query = { ...SERIES, metric_type: 'heart_rate' } as const;
    assert.equal(refusal(await clinician.client.readPatientSeries({ params, query })), NOT_FOUND);
  },
  'GET /api/v1/patients/{patient_id}/analysis': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    const params = { patient_id: patient.userId };
    const id = await analysed(patient);
    assert.equal(refusal(await clinician.client.readPatientAnalysis({ params })), NOT_FOUND);
    await giving(patient, clinician, 'care', 'analyses');
    assert.is(success(await clinician.client.readPatientAnalysis({ params })).body?.processing_id, id);
  },
  'GET /api/v1/patients/{patient_id}/insights': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    const params = { patient_id: patient.userId };
    await insightOf(patient);
    await giving(patient, clinician, 'care', 'analyses');
    assert.equal(refusal(await clinician.client.listPatientInsights({ params })), NOT_FOUND);
    await giving(patient, clinician, 'care', 'insights');
    assert.is(success(await clinician.client.listPatientInsights({ params })).body?.data.total_count, 1);
  },
  'POST /api/v1/patients/{patient_id}/break-glass': async (patient, service) => {
    const clinician = await service.newCaller(['clinician']);
    await sending(patient);
    const [params, body] = [{ patient_id: patient.userId }, { reason: REASON, minutes: 60 }];
    assert.is(success(await clinician.client.breakGlass({ params, body })).status, 201);
    const read = success(await clinician.client.readPatientSeries({ params, query: SERIES }));
    assert.is(read.body?.bins.length, 2);
    const nobody = await clinician.client.breakGlass({ params: { patient_id: UNKNOWN }, body });
    assert.equal(refusal(nobody), NOT_FOUND);
    const short = await clinician.client.breakGlass({ params, body: { reason: `${' '.repeat(30)}why`, minutes: 60 } });
    assert.equal(refusal(short), [422, 'validation-error']);
    assert.equal(refusal(await patient.client.breakGlass({ params, body })), [403, 'authorization-denied']);
  },
  'GET /api/v1/research/participants': async (patient, service) => {
    const [ida, max] = [await service.newCaller(['researcher']), await service.newCaller(['researcher'])];
    await giving(patient, ida, 'research', 'biometric_data.heart_rate');
    await giving(patient, max, 'research', 'biometric_data.heart_rate');
    await giving(patient, ida, 'care', 'analyses');
    const [ofIda, ofMax] = [
      success(await ida.client.listParticipants()).body?.data,
      success(await max.client.listParticipants()).body?.data,
    ];
    assert.equal([ofIda?.length, ofIda?.[0]?.data_types], [1, ['biometric_data.heart_rate']]);
    assert.match(ofIda?.[0]?.pseudonym ?? '', /^[\w-]{22}$/);
    assert.is.not(ofIda?.[0]?.pseudonym, ofMax?.[0]?.pseudonym);
    assert.equal(refusal(await patient.client.listParticipants()), [403, 'authorization-denied']);
  },
  'GET /api/v1/research/participants/{pseudonym}/series': async (patient, service) => {
    const researcher = await service.newCaller(['researcher']);
    await sending(patient);
    await giving(patient, researcher, 'research', 'biometric_data.heart_rate');
    const pseudonym = success(await researcher.client.listParticipants()).body?.data[0]?.pseudonym ?? '';
    const query = { metric_type: SERIES.metric_type, from: '2024-01-01T00:00', to: '2026-01-01T00:00' } as const;
    const { body } = success(await researcher.client.readParticipantSeries({ params: { pseudonym }, query }));
    assert.equal(
      body?.bins.map(({ start }) => start.slice(10)),
      ['T00:00:00', 'T01:00:00'],
    );
    assert.equal(
      body?.sources.map(({ name }) => name),
      ['source 1'],
    );
    const shiftDays = (Date.parse(`${body?.bins[0]?.start ?? ''}Z`) - Date.parse(at(0))) / 86_400_000;
    assert.ok(shiftDays !== 0 && shiftDays % 7 === 0 && Math.abs(shiftDays) <= 182, String(shiftDays));
    const other = await researcher.client.readParticipantSeries({ params: { pseudonym: patient.userId }, query });
    assert.equal(refusal(other), NOT_FOUND);
  },
};
