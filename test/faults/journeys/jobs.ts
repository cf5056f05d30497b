import * as assert from 'uvu/assert';
import { processingId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import type { Journey, Person } from '../journey.ts';
import { prepareSteps } from '../life.ts';
import {
  acknowledged,
  assertAnalysedOnce,
  assertMetricsOnce,
  assertSamplesOnce,
  HEART_RATES,
  STEP_SAMPLES,
  uploadExport,
  uploadMetrics,
} from '../measurements.ts';
import type { ServiceUnderFaults } from '../service-under-faults.ts';

async function prepareExport(service: ServiceUnderFaults, person: Person): Promise<void> {
  const answer = await uploadExport(service, person);
  assert.is(answer.status, 202, answer.text);
  person.upload = acknowledged(answer);
}

/** The work on what was sent. */
export const JOB_JOURNEYS: readonly Journey[] = [
  {
    kind: 'job',
    name: 'work on samples',
    prepare: async (service, person) => {
      await prepareSteps(service, person);
      const upload = processingId(person.upload);
      const { storage, clock } = service;
      valueOf(await storage.queue.enqueue({ id: `${person.id} ${upload}`, owner: person.id, upload }, clock.now()));
    },
    verify: async (service, person) => {
      await assertSamplesOnce(service, person, 'step_count', STEP_SAMPLES);
      await assertAnalysedOnce(service, person, processingId(person.upload), 1);
    },
  },
  {
    kind: 'job',
    name: 'work on an export',
    prepare: prepareExport,
    verify: (service, person) => assertSamplesOnce(service, person, 'heart_rate', HEART_RATES),
  },
  {
    kind: 'job',
    name: 'work slowly on an export',
    slow: 'SampleStore.append',
    strikes: ['JobQueue.extend'],
    prepare: prepareExport,
    verify: (service, person) => assertSamplesOnce(service, person, 'heart_rate', HEART_RATES),
  },
  {
    kind: 'job',
    name: 'work on an export, the second time',
    besides: { port: 'SampleStore', method: 'append', call: 1, kind: 'throttle', moment: 'before' },
    strikes: ['JobQueue.release'],
    prepare: prepareExport,
    verify: (service, person) => assertSamplesOnce(service, person, 'heart_rate', HEART_RATES),
  },
  {
    kind: 'job',
    name: 'work on an export, in vain',
    besides: { port: 'SampleStore', method: 'append', call: 'every', kind: 'throttle', moment: 'before' },
    strikes: ['JobQueue.giveUp', 'FailedJobs.keep'],
    prepare: prepareExport,
    verify: (service, person) => assertSamplesOnce(service, person, 'heart_rate', HEART_RATES),
  },
  {
    kind: 'job',
    name: 'work on metrics, without a model',
    service: { model: 'not-installed' },
    prepare: async (service, person) => {
      await prepareSteps(service, person);
      // From here on it is known that there is no model.
      await service.call('GET', '/api/v1/pat/models/info', { token: person.token });
      const answer = await uploadMetrics(service, person);
      assert.is(answer.status, 201, answer.text);
      person.upload = acknowledged(answer);
    },
    verify: async (service, person) => {
      await assertMetricsOnce(service, person);
      await assertAnalysedOnce(service, person, processingId(person.upload), 0);
    },
  },
];
