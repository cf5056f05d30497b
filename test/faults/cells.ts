import * as assert from 'uvu/assert';
import { FaultPlan } from '../../adapters/fault-injecting/fault-plan.ts';
import { FAULTS, type Fault } from '../../adapters/fault-injecting/faults.ts';
import type { Journey } from './journey.ts';
import { nobody, registered } from './people.ts';
import type { Person } from './journey.ts';
import { assertUnfaulted, runDelivery, runJob, runRequest } from './run-journey.ts';
import { startUnderFaults, type ServiceUnderFaults } from './service-under-faults.ts';
import type { ReachedMethod } from './switchboard.ts';
import { mock } from 'node:test';

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

/** The methods that the journey reaches where nothing fails; an answer that is not the expected one fails here. */
export async function reachedBy(journey: Journey): Promise<readonly ReachedMethod[]> {
  const service = await startUnderFaults(journey.service);
  try {
    const person = await preparedFor(journey, service, 'ada@example.org');
    listenFor(journey, service);
    service.arm(null);
    if (journey.kind === 'job') await service.drain();
    else if (journey.kind === 'delivery') await service.drainWebhooks();
    else assertUnfaulted(journey, await journey.send(service, person));
    return service.reached();
  } finally {
    await service.close();
  }
}

/** Of what the journey reaches, what is struck in it. */
export const struckIn = ({ strikes }: Journey, reached: readonly ReachedMethod[]): readonly ReachedMethod[] =>
  strikes === 'everything' ? reached : reached.filter(({ port, method }) => isStruck(strikes, port, method));

const isStruck = (strikes: readonly string[] | undefined, port: string, method: string): boolean =>
  strikes === undefined ? !isAtTheDoor(port, method) : strikes.includes(`${port}.${method}`);

/** What every call goes through before its own work. */
const isAtTheDoor = (port: string, method: string): boolean =>
  port === 'TokenVerifier' || port === 'IdempotencyStore'
    ? method !== 'eraseOwner'
    : `${port}.${method}` === 'ErasedOwners.isRemembered';

/** Runs every cell of the journey, and answers how many there are and what went wrong in which. */
export async function runCells(
  journey: Journey,
): Promise<{ readonly cells: number; readonly failures: readonly string[] }> {
  const cells = cellsOf(journey, await reachedBy(journey));
  const failures: string[] = [];
  let service = await startUnderFaults(journey.service);
  for (const [i, cell] of cells.entries()) {
    // What a service does once only, such as making its signing key, is struck in a service of its own.
    if (i > 0 && journey.kind === 'request' && journey.first === true) {
      await service.close();
      service = await startUnderFaults(journey.service);
    }
    const { port, method, call, fault } = cell;
    const plan = FaultPlan.scripted([{ port, method, call, ...fault }], service.timing);
    try {
      await runCell(cell, service, plan, `ada-${i}@example.org`);
    } catch (cause) {
      failures.push(`${cellText(cell)}: ${wordsOf(cause)} [${String(plan)}]`);
      await service.close();
      service = await startUnderFaults(journey.service);
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

/** Every method that is struck: its first call, its last and all of them, each with every fault. */
function cellsOf(journey: Journey, reached: readonly ReachedMethod[]): readonly Cell[] {
  return struckIn(journey, reached).flatMap(({ port, method, calls }) =>
    [...new Set([1, calls, 'every' as const])].flatMap((call) =>
      FAULTS.map((fault): Cell => ({ journey, port, method, call, fault })),
    ),
  );
}

/** A new person for every cell, so that cells may share a service. */
async function runCell({ journey }: Cell, service: ServiceUnderFaults, plan: FaultPlan, email: string): Promise<void> {
  const person = await preparedFor(journey, service, email);
  listenFor(journey, service);
  if (journey.kind === 'job') await runJob(service, person, journey, plan);
  else if (journey.kind === 'delivery') await runDelivery(service, person, journey, plan);
  else await runRequest(service, person, journey, plan);
  assert.ok(plan.injected.length > 0, 'the fault did not strike');
  assert.equal(service.bugs(), []);
}

async function preparedFor(journey: Journey, service: ServiceUnderFaults, email: string): Promise<Person> {
  service.onCall(null);
  const isFirst = journey.kind === 'request' && journey.first === true;
  const person = isFirst ? nobody(email) : await registered(service, email);
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
