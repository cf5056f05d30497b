import * as assert from 'uvu/assert';
import type { FaultPlan } from '../../adapters/fault-injecting/fault-plan.ts';
import { problemsOf } from '../../contracts/openapi.ts';
import { PROBLEM_TYPE_BASE, PROBLEMS } from '../../contracts/problems.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import type { Answer } from './http-client.ts';
import type { DeliveryJourney, JobJourney, Person, RequestJourney } from './journey.ts';
import { readProcessing, retryProcessing } from './measurements.ts';
import { DEADLINE_MS, type ServiceUnderFaults } from './service-under-faults.ts';
import type { ReachedMethod } from './switchboard.ts';

/** A queue that never gets rid of a job is looked into so often before it is repaired. */
const LOOKS_UNDER_FAULTS = 30;

/**
 * The request under faults, again where it was refused, and once more where the route takes keys. Answers, as the others
 * do, what was called under faults.
 */
export async function runRequest(
  service: ServiceUnderFaults,
  person: Person,
  journey: RequestJourney,
  plan: FaultPlan,
): Promise<readonly ReachedMethod[]> {
  const send = (): Promise<Answer> => journey.send(service, person);
  const startMs = service.clock.nowMs;
  service.arm(plan);
  const first = await send();
  const reached = service.reached();
  service.arm(null);
  const tookMs = service.clock.nowMs - startMs;
  assert.ok(journey.lasting === true || tookMs <= 2 * DEADLINE_MS, `it took ${tookMs / DEADLINE_MS} deadlines`);
  // What comes after the answer comes later, as it does by every clock that goes.
  service.clock.nowMs += 1;
  const failed = isOutage(journey, first);
  if (!failed) assertUnfaulted(journey, first);
  await assertUp(service);
  await service.drain();
  const last = failed ? await notInProgress(service, send) : first;
  const doneAlready: readonly unknown[] = journey.doneAlready ?? [];
  if (!doneAlready.includes(last.json['code'])) assertUnfaulted(journey, last);
  const again = await sentOnceMore(service, journey, send, last);
  await service.drain();
  await journey.verify(service, person, { first, last, again });
  return reached;
}

/** Whether the answer says that a port does not answer; whatever it says, it says it as it is documented. */
function isOutage(journey: RequestJourney, answer: Answer): boolean {
  if (journey.outage?.(answer) === true) return true;
  if (answer.json['code'] !== 'service-unavailable') return false;
  assertDocumentedProblem(journey, answer);
  return true;
}

/** A call with a key that was answered is answered the same, and has no other effect. */
async function sentOnceMore(
  service: ServiceUnderFaults,
  { route, comparable = ({ text }) => text }: RequestJourney,
  send: () => Promise<Answer>,
  last: Answer,
): Promise<Answer> {
  if ((ROUTES[route] as RouteDefinition).idempotency !== 'key') return last;
  const again = await notInProgress(service, send);
  assert.is(again.status, last.status, again.text);
  assert.is(comparable(again), comparable(last));
  return again;
}

/** A hold of an attempt that nobody has ended runs out within a minute. */
const MOST_TRIES = 20;

/** Comes again for as long as an attempt that died is said to be under way. */
async function notInProgress(service: ServiceUnderFaults, send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const answer = await send();
    if (answer.json['code'] !== 'call-in-progress') return answer;
    const waitS = Number(answer.headers['retry-after']);
    assert.ok(waitS >= 1, 'it says when to come again');
    service.clock.nowMs += waitS * 1000;
  }
  throw new Error(`still under way after ${MOST_TRIES} tries`);
}

/** The work on an upload under faults, and again where it failed. */
export async function runJob(
  service: ServiceUnderFaults,
  person: Person,
  journey: JobJourney,
  plan: FaultPlan,
): Promise<readonly ReachedMethod[]> {
  service.arm(plan);
  await service.drain(LOOKS_UNDER_FAULTS);
  const reached = service.reached();
  service.arm(null);
  await assertUp(service);
  await service.drain();
  const { json } = await readProcessing(service, person);
  if (json['status'] === 'failed') {
    const failure = json['failure'] as { readonly code: string; readonly reason: string };
    assert.ok(failure.code !== '' && failure.reason !== '', 'it says why');
    const retried = await retryProcessing(service, person);
    assert.is(retried.status, 202, retried.text);
    await service.drain();
  }
  const { status, text } = await readProcessing(service, person);
  assert.is(status, 200, text);
  assert.is((JSON.parse(text) as { readonly status: string }).status, 'completed', text);
  await journey.verify(service, person);
  return reached;
}

/** The sending of what is due under faults, and of what was not sent after them. */
export async function runDelivery(
  service: ServiceUnderFaults,
  person: Person,
  journey: DeliveryJourney,
  plan: FaultPlan,
): Promise<readonly ReachedMethod[]> {
  service.arm(plan);
  await service.drainWebhooks(LOOKS_UNDER_FAULTS);
  const reached = service.reached();
  service.arm(null);
  await assertUp(service);
  await service.drainWebhooks();
  await journey.verify(service, person);
  return reached;
}

/** What the service answers where nothing fails: a success, or the journey's own refusal. */
export function assertUnfaulted({ route, refusal }: RequestJourney, { status, json, text, broken }: Answer): void {
  assert.not.ok(broken, `the answer of ${route} broke off`);
  if (refusal !== undefined) assert.is(json['code'], refusal, text);
  else assert.ok(Object.hasOwn(ROUTES[route].responses, status), `no success of ${route}: ${status} ${text}`);
}

/** What a port that fails makes of a right request: it can only be this. */
function assertDocumentedProblem({ route }: RequestJourney, { status, headers, json, text }: Answer): void {
  assert.match(headers['content-type'] ?? '', 'application/problem+json');
  const definition: RouteDefinition = ROUTES[route];
  assert.ok(problemsOf(definition).includes('service-unavailable'), `${route} does not name it`);
  assert.is(status, PROBLEMS['service-unavailable'].status, text);
  assert.is(json['type'], `${PROBLEM_TYPE_BASE}service-unavailable`);
  assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/);
}

async function assertUp({ call }: ServiceUnderFaults): Promise<void> {
  const answer = await call('GET', '/health');
  assert.is(answer.status, 200, answer.text);
}
