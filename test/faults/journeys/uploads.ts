import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Answers, Journey, Person } from '../journey.ts';
import { life, prepareLife } from '../life.ts';
import {
  acknowledged,
  announceExport,
  assertAnalysedOnce,
  assertCompleted,
  assertMetricsOnce,
  assertOnlyUpload,
  assertSamplesOnce,
  completeExport,
  HEART_RATES,
  retryProcessing,
  sendDirectly,
  STEP_SAMPLES,
  uploadExport,
  uploadMetrics,
  uploadSamples,
} from '../measurements.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

async function assertMetricsUpload(service: ServiceUnderFaults, person: Person, { last }: Answers): Promise<void> {
  await assertOnlyUpload(service, person, last);
  await assertMetricsOnce(service, person);
}

async function assertExportOnce(service: ServiceUnderFaults, person: Person, { last }: Answers): Promise<void> {
  await assertOnlyUpload(service, person, last);
  await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
}

/** An upload whose work has failed, and would go well now. */
async function prepareFailed(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareLife(service, person);
  const upload = processingId(person.upload);
  const failure = { code: 'dependency-unavailable', reason: 'the store did not answer' };
  valueOf(await service.storage.analyses.deleteUpload(person.id, upload));
  valueOf(await service.storage.uploads.change(person.id, upload, { status: 'failed', failure }, service.clock.now()));
}

/** So many events that the next one is that at which old ones are looked for. */
const EVENTS_BEFORE = 49;

async function prepareDeletion(service: ServiceUnderFaults, person: Person): Promise<void> {
  await prepareLife(service, person);
  for (let i = 0; i < EVENTS_BEFORE; i++) {
    const upload = processingId(person.upload);
    const event = { type: 'processing.updated', atMs: service.clock.now(), upload, subject: upload, data: {} } as const;
    valueOf(await service.storage.ownerEvents.append(person.id, event));
  }
}

/** Nothing is left of the upload of the export, and all of the other one. */
async function assertDeleted(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { storage } = service;
  const { id } = person;
  const { metricsUpload, exportUpload } = await life();
  const uploads = valueOf(await storage.uploads.list(id, 10));
  assert.equal(
    uploads.map(({ processingId: upload }) => upload),
    [metricsUpload],
  );
  await assertSamplesOnce(service, person, 'heart_rate', 0);
  await assertMetricsOnce(service, person);
  assert.equal(valueOf(await storage.analyses.listForUpload(id, exportUpload)), []);
  assert.is(valueOf(await storage.insights.list(id, { limit: 10, offset: 0 })).totalCount, 0);
  const raw = valueOf(await storage.objects.list(id)).filter((key) => key.includes(exportUpload));
  assert.equal(raw, []);
  const events = valueOf(await storage.ownerEvents.after(id, null, 100));
  assert.equal(
    [...new Set(events.map(({ type }) => type))].filter((type) => type !== 'data.deleted'),
    [],
  );
}

/** Sending data, and taking them back. */
export const UPLOAD_JOURNEYS: readonly Journey[] = [
  {
    kind: 'request',
    name: 'upload metrics',
    route: 'uploadHealthData',
    strikes: 'everything',
    send: uploadMetrics,
    verify: assertMetricsUpload,
  },
  {
    kind: 'request',
    name: 'upload metrics that are not stored',
    route: 'uploadHealthData',
    besides: { port: 'MetricStore', method: 'append', call: 1, kind: 'throttle', moment: 'before' },
    strikes: ['IdempotencyStore.release'],
    send: uploadMetrics,
    verify: assertMetricsUpload,
  },
  {
    kind: 'request',
    name: 'upload samples',
    route: 'uploadHealthKit',
    send: uploadSamples,
    verify: async (service, person, { last }) => {
      await assertOnlyUpload(service, person, last);
      await assertSamplesOnce(service, person, 'step_count', STEP_SAMPLES);
      await assertAnalysedOnce(service, person, acknowledged(last), 1);
    },
  },
  {
    kind: 'request',
    name: 'upload an export',
    route: 'uploadHealthKitExport',
    strikes: 'everything',
    send: uploadExport,
    // Where the answer was not kept, a repetition is told how far the work has come since.
    comparable: ({ json }) => JSON.stringify({ ...json, queued_at: null, message: null }),
    verify: assertExportOnce,
  },
  {
    kind: 'request',
    name: 'upload an export slowly',
    route: 'uploadHealthKitExport',
    slow: 'ObjectStore.put',
    strikes: ['IdempotencyStore.extend'],
    send: uploadExport,
    verify: assertExportOnce,
  },
  {
    kind: 'request',
    name: 'announce an export that goes to the store itself',
    route: 'presignHealthKitExport',
    send: announceExport,
    verify: async (service, person, { last }) => {
      await sendDirectly(service, person, last);
      const completed = await completeExport(service, { ...person, upload: acknowledged(last) });
      assert.is(completed.status, 202, completed.text);
      await service.drain();
      await assertOnlyUpload(service, person, last);
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
    },
  },
  {
    kind: 'request',
    name: 'say that an announced export was sent',
    route: 'completeHealthKitExport',
    prepare: async (service, person) => {
      const announced = await announceExport(service, person);
      await sendDirectly(service, person, announced);
      person.upload = acknowledged(announced);
    },
    send: completeExport,
    verify: async (service, person) => {
      await assertCompleted(service, person, processingId(person.upload));
      await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
    },
  },
  {
    kind: 'request',
    name: 'retry a failed processing',
    route: 'retryProcessing',
    prepare: prepareFailed,
    send: retryProcessing,
    // A repetition is told how far the work has come since.
    comparable: ({ json }) => String(json['processing_id']),
    verify: async (service, person) => {
      await assertCompleted(service, person, processingId(person.upload));
      await assertAnalysedOnce(service, person, processingId(person.upload), 0);
    },
  },
  {
    kind: 'request',
    name: 'delete an upload',
    route: 'deleteHealthData',
    prepare: prepareDeletion,
    send: ({ call }, { token, upload }) => call('DELETE', `/api/v1/health-data/${upload}`, { token }),
    // Nothing at all was left, and only the answer was lost.
    doneAlready: ['resource-not-found'],
    verify: assertDeleted,
  },
];
