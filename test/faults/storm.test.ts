import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FaultPlan } from '../../adapters/fault-injecting/fault-plan.ts';
import { processingId } from '../../core/kernel/ids.ts';
import { wordsOf } from './cells.ts';
import type { Answer } from './http-client.ts';
import type { Person } from './journey.ts';
import {
  analyzeSteps,
  assertAnalysedOnce,
  assertMetricsOnce,
  assertSamplesOnce,
  HEART_RATES,
  readProcessing,
  retryProcessing,
  STEP_SAMPLES,
  uploadExport,
  uploadMetrics,
  uploadSamples,
} from './measurements.ts';
import { login, nobody, register, signedIn } from './people.ts';
import { valueOf } from '../unit/result-values.ts';
import { startUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';
import { withStillTimers } from './still-timers.ts';

/** A person's whole way while every port fails at random; a run can be repeated with FAULT_SEED. */
const storm = suite('a storm of faults');
withStillTimers(storm);

const SEED = Number(process.env['FAULT_SEED'] ?? 20250303);
const STORMS = 5;
/** Of all calls of all ports; a request makes a dozen of them and more. */
const SHARE = 0.1;
/** A client that is still refused after so many tries has met something else than bad luck. */
const MOST_TRIES = 200;

/** Sends the request until it is not refused any more for an outage, or because an attempt that died holds the call. */
async function insisting(service: ServiceUnderFaults, send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await send();
    if (answer.json['code'] === 'call-in-progress') service.clock.nowMs += Number(answer.headers['retry-after']) * 1000;
    else if (answer.status !== 503) return answer;
  }
  throw new Error(`refused ${MOST_TRIES} times`);
}

async function accepted(
  service: ServiceUnderFaults,
  send: () => Promise<Answer>,
  ...statuses: readonly number[]
): Promise<Answer> {
  const answer = await insisting(service, send);
  assert.ok(statuses.includes(answer.status), answer.text);
  return answer;
}

/** Lets jobs run, and tries those that failed again, until the upload is completed. */
async function untilCompleted(service: ServiceUnderFaults, person: Person, upload: string): Promise<void> {
  const own = { ...person, upload };
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await service.drain();
    // Jobs take minutes of the service's clock, and a token is good for fifteen.
    own.token = String((await accepted(service, () => login(service, person), 200)).json['access_token']);
    const state = await accepted(service, () => readProcessing(service, own), 200);
    if (state.json['status'] === 'completed') return;
    await accepted(service, () => retryProcessing(service, own, `${upload}, try ${tries}`), 202, 409);
  }
  throw new Error(`${upload} was never completed`);
}

async function goThrough(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { storage } = service;
  const metrics = await accepted(service, () => uploadMetrics(service, person), 201);
  const samples = await accepted(service, () => uploadSamples(service, person), 202);
  const exported = await accepted(service, () => uploadExport(service, person), 202);
  const analysed = await accepted(service, () => analyzeSteps(service, person), 200);
  const uploads = [metrics.json['processing_id'], samples.json['upload_id'], exported.json['processing_id']].map(
    String,
  );
  for (const upload of uploads) await untilCompleted(service, person, upload);
  service.arm(null);
  await service.drain();
  person.token = String((await login(service, person)).json['access_token']);
  for (const upload of [...uploads, String(analysed.json['analysis_id'])]) {
    const kept = await storage.uploads.get(person.id, processingId(upload));
    assert.is(kept.isOk() && kept.value.status, 'completed');
  }
  const kept = valueOf(await storage.uploads.list(person.id, 10));
  assert.is(kept.length, 4, 'a call that was sent often is one call');
  await assertMetricsOnce(service, person);
  await assertSamplesOnce(service, person, 'step_count', STEP_SAMPLES);
  await assertSamplesOnce(service, person, 'heart_rate', HEART_RATES);
  await assertAnalysedOnce(service, person, processingId(String(samples.json['upload_id'])), 1);
  await assertAnalysedOnce(service, person, processingId(String(analysed.json['analysis_id'])), 0);
}

storm(`what a client insists on is there once in the end (seed ${SEED}, ${STORMS} storms)`, async () => {
  for (let i = 0; i < STORMS; i++) {
    const service = await startUnderFaults({ model: i % 2 === 0 ? 'ready' : 'not-installed' });
    const plan = FaultPlan.seeded(SEED + i, SHARE, service.timing);
    try {
      service.arm(plan);
      const ada = nobody('ada@example.org');
      await accepted(service, () => register(service, ada), 201, 409);
      const signed = await accepted(service, () => login(service, ada), 200);
      service.arm(null);
      const person = await signedIn(service, signed);
      service.arm(plan);
      await goThrough(service, person);
      assert.equal(service.bugs(), []);
      assert.ok(plan.injected.length > 0);
    } catch (cause) {
      throw new Error(`storm ${i}: ${wordsOf(cause)} [${String(plan)}]`, { cause });
    } finally {
      service.arm(null);
      await service.close();
    }
  }
});

storm.run();
