import * as assert from 'uvu/assert';
import { createClient } from '../../contracts/client.ts';
import type { Caller, Check } from './operations.ts';
import { analysed, refusal, success } from './operations-kit.ts';

const REASON = 'Brought in unconscious, the last hours are needed.';

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** The patient has an analysis, which the clinician reads: first in an emergency, then with consent. */
async function readTwice(patient: Caller, clinician: Caller): Promise<void> {
  const params = { patient_id: patient.userId };
  await analysed(patient);
  success(await clinician.client.breakGlass({ params, body: { reason: REASON, minutes: 5 } }));
  success(await clinician.client.readPatientAnalysis({ params }));
  const consent = { grantee: clinician.userId, purpose: 'care', data_types: ['analyses'], ends_at: inDays(2) } as const;
  success(await patient.client.giveConsent({ body: consent }));
  success(await clinician.client.readPatientAnalysis({ params }));
}

/** What is written down, read by the person whom it is about, and by whoever looks after the installation. */
export const AUDITING_OPERATIONS: Readonly<Record<string, Check>> = {
  'GET /api/v1/admin/audit': async (patient, service) => {
    const [clinician, admin] = [await service.newCaller(['clinician']), await service.newCaller(['admin'])];
    await readTwice(patient, clinician);
    const read = { subject: patient.userId, actor: clinician.userId, data_type: 'analyses' } as const;
    const { data } = success(await admin.client.searchAuditLog({ query: read })).body;
    assert.equal(
      data.map(({ operation, actor_id, on_behalf_of_id, subject_id, outcome }) => [
        operation,
        actor_id,
        on_behalf_of_id,
        subject_id,
        outcome,
      ]),
      [
        ['readPatientAnalysis', clinician.userId, patient.userId, patient.userId, 'done'],
        ['readPatientAnalysis', clinician.userId, null, patient.userId, 'done'],
      ],
      'with consent, and before in an emergency',
    );
    const first = success(await admin.client.searchAuditLog({ query: { ...read, limit: 1 } })).body;
    assert.equal([first.data, first.pagination.has_next], [data.slice(0, 1), true]);
    const cursor = first.pagination.next_cursor ?? '';
    const next = success(await admin.client.searchAuditLog({ query: { ...read, limit: 1, cursor } })).body;
    assert.equal([next.data, next.pagination.has_next], [data.slice(1), false]);
    // Where somebody may not, they are told so, and it is written down that they tried.
    const refused = await patient.client.searchAuditLog({ query: read });
    assert.equal(refusal(refused), [403, 'authorization-denied']);
    const tried = {
      actor: patient.userId,
      outcome: 'refused',
      request_id: refused.headers.get('x-request-id') ?? '',
    } as const;
    const [attempt] = success(await admin.client.searchAuditLog({ query: tried })).body.data;
    assert.equal([attempt?.operation, attempt?.problem], ['searchAuditLog', 'authorization-denied']);
    // The patient sees who looked into what was done with their data.
    const own = success(await patient.client.listAuditLog({ query: { limit: 100 } })).body?.data ?? [];
    assert.equal(
      own
        .filter(({ operation }) => ['searchAuditLog', 'readPatientAnalysis'].includes(operation))
        .map(({ operation, actor, actor_id, on_behalf_of }) => [operation, actor, actor_id, on_behalf_of]),
      [
        ...Array.from({ length: 3 }, () => ['searchAuditLog', 'person', null, null]),
        ['readPatientAnalysis', 'person', clinician.userId, 'you'],
        ['readPatientAnalysis', 'person', null, null],
      ],
    );
    for (const query of [{ from: '2025-02-30' }, { outcome: 'undone' }] as const) {
      assert.equal(refusal(await admin.client.searchAuditLog({ query: query as never })), [422, 'validation-error']);
    }
    assert.equal(refusal(await admin.client.searchAuditLog({ query: { cursor: 'x' } })), [400, 'invalid-cursor']);
  },
  'GET /api/v1/admin/audit/export': async (patient, service) => {
    const admin = await service.newCaller(['admin']);
    const { headers } = success(await patient.client.describeMe());
    const query = { subject: patient.userId, request_id: headers.get('x-request-id') ?? '' } as const;
    const { body } = success(await admin.client.exportAuditLog({ query }));
    const lines = (await new Response(body).text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const [first, last] = [lines[0], lines.at(-1)];
    assert.equal([first?.kind, first?.format, first?.whole_days], ['export', 'clarity.audit/1', false]);
    assert.equal([last?.kind, last?.entries], ['end', 1]);
    const entry = lines.find(({ kind }) => kind === 'entry');
    assert.match(entry?.text ?? '', '"operation":"describeMe"');
    assert.equal(Object.values(entry?.people ?? {}), [patient.userId]);
    assert.equal(refusal(await patient.client.exportAuditLog({ query })), [403, 'authorization-denied']);
    const nobody = await createClient({ baseUrl: service.url }).exportAuditLog();
    assert.equal(refusal(nobody), [401, 'authentication-required']);
  },
};

interface Line {
  readonly kind: string;
  readonly format?: string;
  readonly whole_days?: boolean;
  readonly entries?: number;
  readonly text?: string;
  readonly people?: Readonly<Record<string, string>>;
}
