import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { webhookId } from '../../../core/webhooks/model.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answer } from '../http-client.ts';
import type { Journey, Person } from '../journey.ts';
import { exportMe, importLife, life, prepareLife } from '../life.ts';
import { assertAnalysedOnce, assertMetricsOnce, assertSamplesOnce, HEART_RATES } from '../measurements.ts';
import { login, register } from '../people.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

/** The end of a zip: the signature of its last record, which is 22 bytes long. */
const isWholeZip = ({ bytes }: Answer): boolean => bytes.subarray(-22, -18).toString('latin1') === 'PK\u0005\u0006';

async function prepareEverything(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { storage, clock, call } = service;
  await prepareLife(service, person);
  const upload = processingId(person.upload);
  const nowMs = clock.now();
  valueOf(
    await storage.webhooks.put({
      owner: person.id,
      webhookId: webhookId('wh_0f8e6c1b2a3d4e5f8091a2b3c4d5e6f7'),
      url: 'https://ada.example.org/told',
      eventTypes: null,
      description: null,
      enabled: true,
      secret: 'whsec_c2ltdWxhdGVkIHNlY3JldCBmb3IgdGVzdHMgb25seQ==',
      createdAtMs: nowMs,
    }),
  );
  valueOf(
    await storage.ownerEvents.append(person.id, {
      type: 'processing.updated',
      atMs: nowMs,
      upload,
      subject: upload,
      data: {},
    }),
  );
  valueOf(await storage.queue.enqueue({ id: `${person.id} ${upload}`, owner: person.id, upload }, nowMs));
  await call('POST', '/api/v1/auth/forgot-password', { json: { email: person.email } });
  await call('POST', '/api/v1/auth/totp', { token: person.token });
  await service.mailed();
}

async function assertErased(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { storage, outbox } = service;
  const { id } = person;
  const { exportUpload } = await life();
  assert.equal(valueOf(await storage.uploads.list(id, 10)), []);
  await assertSamplesOnce(service, person, 'heart_rate', 0);
  assert.equal(valueOf(await storage.samples.chunks(id, null, 10)), []);
  assert.equal(valueOf(await storage.analyses.listForUpload(id, exportUpload)), []);
  assert.is(valueOf(await storage.insights.list(id, { limit: 10, offset: 0 })).totalCount, 0);
  assert.equal(valueOf(await storage.objects.list(id)), []);
  assert.equal(valueOf(await storage.webhooks.list(id)), []);
  assert.is(valueOf(await storage.ownerEvents.newest(id)), null);
  assert.is(valueOf(await storage.people.accounts.byId(id)), null);
  assert.is(valueOf(await storage.people.secondFactors.find(id)), null);
  assert.is(valueOf(await storage.people.codes.countTry(id, 'reset', 5)), null);
  assert.equal(
    outbox.messages.filter(({ owner }) => owner === id),
    [],
  );
  assert.is((await login(service, person)).status, 401);
  assert.is((await exportMe(service, person)).status, 401, 'no token speaks for them');
  assert.is((await register(service, person)).status, 201, 'the address is free');
}

/** Taking everything along, bringing it in, and erasing it. */
export const WHOLE_ACCOUNT_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'export everything',
    route: 'exportMe',
    prepare: prepareLife,
    send: exportMe,
    // Some of it was sent when the store did not answer: that must not look like the whole.
    outage: (answer) => answer.broken && !isWholeZip(answer),
    verify: (_service, _person, { last }) => {
      assert.ok(isWholeZip(last));
      return Promise.resolve();
    },
  },
  {
    kind: 'request',
    name: 'import everything',
    route: 'importMe',
    send: importLife,
    verify: async (service, person) => {
      const { metricsUpload, exportUpload } = await life();
      const uploads = valueOf(await service.storage.uploads.list(person.id, 10));
      assert.equal(uploads.map(({ processingId: id }) => id).sort(), [metricsUpload, exportUpload].sort());
      await assertMetricsOnce(service, person);
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
      await assertAnalysedOnce(service, person, exportUpload, 0);
      const insights = valueOf(await service.storage.insights.list(person.id, { limit: 10, offset: 0 }));
      assert.is(insights.totalCount, 1);
    },
  },
  {
    kind: 'request',
    name: 'erase everything',
    route: 'deleteMe',
    prepare: prepareEverything,
    send: ({ call }, { id, token }) => call('DELETE', '/api/v1/me', { token, headers: { 'x-confirm-delete': id } }),
    // The account is gone, and with it the right to ask.
    doneAlready: ['authentication-required'],
    verify: assertErased,
  },
];
