import * as assert from 'uvu/assert';
import { FaultPlan } from '../../adapters/fault-injecting/fault-plan.ts';
import { FAULTS, type Fault } from '../../adapters/fault-injecting/faults.ts';
import { problemsOf } from '../../contracts/openapi.ts';
import { PROBLEM_TYPE_BASE, PROBLEMS } from '../../contracts/problems.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import type { Answer } from './http-client.ts';
import {
  nobody,
  readProcessing,
  registered,
  retryProcessing,
  type JobJourney,
  type Journey,
  type Person,
  type RequestJourney,
} from './journeys.ts';
import { DEADLINE_MS, startUnderFaults, type ReachedMethod, type ServiceUnderFaults } from './service-under-faults.ts';

/** One way in which one journey goes wrong. */
interface Cell {
  readonly journey: Journey;
  readonly port: string;
  readonly method: string;
  readonly call: number | 'every';
  readonly fault: Fault;
}

const cellText = ({ journey, port, method, call, fault }: Cell): string =>
  `${journey.name}: ${port}.${method}, call ${call}, ${fault.kind} ${fault.moment}`;

/** A queue that never gets rid of a job is looked into so often before it is repaired. */
const LOOKS_UNDER_FAULTS = 30;

/** The methods that the journey reaches where nothing fails; an answer that is not the expected one fails here. */
export async function reachedBy(journey: Journey): Promise<readonly ReachedMethod[]> {
  const service = await startUnderFaults(journey.model ?? 'ready');
  try {
    const person = await preparedFor(journey, service, 'ada@example.org');
    service.arm(null);
    if (journey.kind === 'job') await service.drain();
    else assertUnfaulted(journey, await journey.send(service, person));
    return service.reached();
  } finally {
    await service.close();
  }
}

/** Runs every cell of the journey, and answers how many there are and what went wrong in which. */
export async function runCells(
  journey: Journey,
): Promise<{ readonly cells: number; readonly failures: readonly string[] }> {
  const cells = cellsOf(journey, await reachedBy(journey));
  const failures: string[] = [];
  const start = (): Promise<ServiceUnderFaults> => startUnderFaults(journey.model ?? 'ready');
  let service = await start();
  for (const [i, cell] of cells.entries()) {
    // What a service does once only, such as making its signing key, is struck in a service of its own.
    if (i > 0 && journey.kind === 'request' && journey.first === true) {
      await service.close();
      service = await start();
    }
    const { port, method, call, fault } = cell;
    const plan = FaultPlan.scripted([{ port, method, call, ...fault }], service.timing);
    try {
      await runCell(cell, service, plan, `ada-${i}@example.org`);
    } catch (cause) {
      failures.push(`${cellText(cell)}: ${wordsOf(cause)} [${String(plan)}]`);
      await service.close();
      service = await start();
    }
  }
  await service.close();
  return { cells: cells.length, failures };
}

/** What failed, with what was expected. */
export function wordsOf(cause: unknown): string {
  const { message, details } = cause as { readonly message?: string; readonly details?: string | false };
  // The details are a comparison over several lines, in colours.
  return `${message ?? String(cause)} ${typeof details === 'string' ? details.replaceAll(/\s+/g, ' ') : ''}`;
}

/** Every reached method: its first call, its last and all of them, each with every fault. */
function cellsOf(journey: Journey, reached: readonly ReachedMethod[]): readonly Cell[] {
  return reached.flatMap(({ port, method, calls }) =>
    [...new Set([1, calls, 'every' as const])].flatMap((call) =>
      FAULTS.map((fault): Cell => ({ journey, port, method, call, fault })),
    ),
  );
}

/** A new person for every cell, so that cells may share a service. */
async function runCell({ journey }: Cell, service: ServiceUnderFaults, plan: FaultPlan, email: string): Promise<void> {
  const person = await preparedFor(journey, service, email);
  if (journey.kind === 'job') await runJob(service, person, journey, plan);
  else await runRequest(service, person, journey, plan);
  assert.ok(plan.injected.length > 0, 'the fault did not strike');
  assert.equal(service.bugs(), []);
}

async function preparedFor(journey: Journey, service: ServiceUnderFaults, email: string): Promise<Person> {
  const isFirst = journey.kind === 'request' && journey.first === true;
  const person = isFirst ? nobody(email) : await registered(service, email);
  await journey.prepare?.(service, person);
  return person;
}

async function runRequest(
  service: ServiceUnderFaults,
  person: Person,
  journey: RequestJourney,
  plan: FaultPlan,
): Promise<void> {
  const startMs = service.clock.nowMs;
  service.arm(plan);
  const first = await journey.send(service, person);
  service.arm(null);
  const tookMs = service.clock.nowMs - startMs;
  assert.ok(tookMs <= 2 * DEADLINE_MS, `it took ${tookMs / DEADLINE_MS} deadlines`);
  const failed = first.json['code'] === 'service-unavailable';
  if (failed) assertDocumentedProblem(journey, first);
  else assertUnfaulted(journey, first);
  await assertUp(service);
  await service.drain();
  const last = failed ? await journey.send(service, person) : first;
  const doneAlready: readonly unknown[] = journey.doneAlready ?? [];
  if (!doneAlready.includes(last.json['code'])) assertUnfaulted(journey, last);
  await service.drain();
  await journey.verify(service, person, { first, last });
}

async function runJob(
  service: ServiceUnderFaults,
  person: Person,
  journey: JobJourney,
  plan: FaultPlan,
): Promise<void> {
  service.arm(plan);
  await service.drain(LOOKS_UNDER_FAULTS);
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
}

/** What the service answers where nothing fails: a success, or the journey's own refusal. */
function assertUnfaulted({ route, refusal }: RequestJourney, { status, json, text }: Answer): void {
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
