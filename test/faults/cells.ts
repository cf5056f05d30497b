import { mock } from 'node:test';
import * as assert from 'uvu/assert';
import { FaultPlan } from '../../adapters/fault-injecting/fault-plan.ts';
import { FAULTS, type Fault } from '../../adapters/fault-injecting/faults.ts';
import type { Journey, Person } from './journey.ts';
import { nobody, registered } from './people.ts';
import { AT_THE_DOOR } from './ports.ts';
import { assertUnfaulted, runDelivery, runJob, runRequest } from './run-journey.ts';
import { startUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';
import type { ReachedMethod } from './switchboard.ts';

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

/** The methods that the journey reaches where nothing else fails; an answer that is not the expected one fails here. */
export async function reachedBy(journey: Journey): Promise<readonly ReachedMethod[]> {
  const service = await startUnderFaults(journey.service);
  try {
    const person = await preparedFor(journey, service, 'ada@example.org');
    listenFor(journey, service);
    const { besides } = journey;
    service.arm(besides === undefined ? null : FaultPlan.scripted([besides], service.timing));
    if (journey.kind === 'job') await service.drain();
    else if (journey.kind === 'delivery') await service.drainWebhooks();
    else {
      const answer = await journey.send(service, person);
      if (besides === undefined) assertUnfaulted(journey, answer);
    }
    return service.reached();
  } finally {
    await service.close();
  }
}

/** Of what the journey reaches, what is struck in it. */
export const struckIn = ({ strikes }: Journey, reached: readonly ReachedMethod[]): readonly ReachedMethod[] =>
  strikes === 'everything' ? reached : reached.filter(({ port, method }) => isStruck(strikes, port, method));

const isStruck = (strikes: readonly string[] | undefined, port: string, method: string): boolean =>
  strikes === undefined ? !AT_THE_DOOR.includes(`${port}.${method}`) : strikes.includes(`${port}.${method}`);

/** Runs every cell of the journey, and answers how many there are and what went wrong in which. */
export async function runCells(
  journey: Journey,
): Promise<{ readonly cells: number; readonly failures: readonly string[] }> {
  const failures: string[] = [];
  /** Methods that were not called again once their first call had failed so. */
  const calledOnce = new Set<string>();
  let cells = 0;
  let service = await startUnderFaults(journey.service);
  for (const cell of cellsOf(journey, await reachedBy(journey))) {
    const { port, method, call, fault } = cell;
    const name = `${port}.${method} ${fault.kind} ${fault.moment}`;
    // Where only one call was made although it failed, striking every call is the same once more.
    if (call === 'every' && calledOnce.has(name)) continue;
    if (cells > 0 && journey.once === true) {
      await service.close();
      service = await startUnderFaults(journey.service);
    }
    cells += 1;
    const script = [{ port, method, call, ...fault }, ...(journey.besides === undefined ? [] : [journey.besides])];
    const plan = FaultPlan.scripted(script, service.timing);
    try {
      const reached = await runCell(cell, service, plan, `ada-${cells}@example.org`);
      const calls = reached.find((one) => one.port === port && one.method === method)?.calls;
      if (call === 1 && calls === 1) calledOnce.add(name);
    } catch (cause) {
      failures.push(`${cellText(cell)}: ${wordsOf(cause)} [${String(plan)}]`);
      await service.close();
      service = await startUnderFaults(journey.service);
    }
  }
  await service.close();
  return { cells, failures };
}

/** What failed, with what was expected. */
export function wordsOf(cause: unknown): string {
  const { message, details } = cause as { readonly message?: string; readonly details?: string | false };
  // The details are a comparison over several lines, in colours.
  return `${message ?? String(cause)} ${typeof details === 'string' ? details.replaceAll(/\s+/g, ' ') : ''}`;
}

/** Every method that is struck: its first call, its last and all of them, each with every fault. */
function cellsOf(journey: Journey, reached: readonly ReachedMethod[]): readonly Cell[] {
  // How often something that stays open makes a call is not the same every time.
  const isLasting = journey.kind === 'request' && journey.lasting === true;
  const places = struckIn(journey, reached).flatMap(({ port, method, calls }) =>
    [...new Set([1, isLasting ? 1 : calls, 'every' as const])].map((call) => ({ port, method, call })),
  );
  return places.flatMap((place, i) => faultsAt(i).map((fault): Cell => ({ journey, ...place, fault })));
}

/** `npm run fuzz -- faults` tries every fault everywhere. */
const isWhole = process.env['FAULT_CELLS'] === 'all';

const KINDS = [...new Set(FAULTS.map(({ kind }) => kind))];

/**
 * The faults of a place. The whole matrix takes minutes, so the tests try one kind at each place, the next one at the
 * next; each before and after its effect.
 */
const faultsAt = (place: number): readonly Fault[] =>
  isWhole ? FAULTS : FAULTS.filter(({ kind }) => KINDS.indexOf(kind) === place % KINDS.length);

const COUNTERS_ASKED_AGAIN_MS = 10_000;

/** A new person for every cell, so that cells may share a service. */
async function runCell(
  { journey, port, method }: Cell,
  service: ServiceUnderFaults,
  plan: FaultPlan,
  email: string,
): Promise<readonly ReachedMethod[]> {
  // Counters that the last cell has struck are asked again after a while only.
  service.clock.nowMs += COUNTERS_ASKED_AGAIN_MS;
  const person = await preparedFor(journey, service, email);
  listenFor(journey, service);
  const reached = await runJourney(journey, service, person, plan);
  assert.ok(
    plan.injected.some((injected) => injected.port === port && injected.method === method),
    'the fault did not strike',
  );
  assert.equal(service.bugs(), []);
  return reached;
}

const runJourney = (
  journey: Journey,
  service: ServiceUnderFaults,
  person: Person,
  plan: FaultPlan,
): Promise<readonly ReachedMethod[]> => {
  switch (journey.kind) {
    case 'job':
      return runJob(service, person, journey, plan);
    case 'delivery':
      return runDelivery(service, person, journey, plan);
    case 'request':
      return runRequest(service, person, journey, plan);
  }
};

async function preparedFor(journey: Journey, service: ServiceUnderFaults, email: string): Promise<Person> {
  service.onCall(null);
  const isStranger = journey.kind === 'request' && journey.stranger === true;
  const person = isStranger ? nobody(email) : await registered(service, email);
  await journey.prepare?.(service, person);
  return person;
}

/** Holds are renewed at the latest after so long. */
const LONG_MS = 20_000;

/** Lets the calls of the journey's slow method take their time. */
function listenFor({ slow }: Journey, service: ServiceUnderFaults): void {
  if (slow === undefined) return;
  service.onCall(({ port, method }) => {
    if (`${port}.${method}` === slow) mock.timers.tick(LONG_MS);
  });
}
