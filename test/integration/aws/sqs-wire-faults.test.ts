import type { ResultAsync } from 'neverthrow';
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AwsCaller } from '../../../adapters/aws/aws-caller.ts';
import type { Job, JobQueue } from '../../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { givenEndpoint } from '../../emulators/emulators.ts';
import { startFaultyProxy, WIRE_FAULT_CELLS, type FaultyProxy } from '../../emulators/faulty-proxy.ts';
import { makeQueues, onEmulatorClock, type QueuesUnderTest } from '../../emulators/queues.ts';
import { valueOf } from '../../unit/result-values.ts';

/** Every call of the job queue while SQS fails on the wire: called again, the job is there once, or gone, as it must be. */
const faults = suite('SqsJobQueue over a failing wire');

const MOST_TRIES = 3;
/** Of one try, where the wire is silent. */
const SHORT_TRY_MS = 300;
/** Everywhere else the wire decides what fails, and the time that a loaded machine takes does not. */
const PATIENT_TRY_MS = 60_000;
const LEASE_MS = 15_000;
const HOUR_MS = 3_600_000;

let queues: QueuesUnderTest;
let proxy: FaultyProxy;
/** Each cell has an hour of its own: what one left hidden is due in none of the others. */
let nowMs = Date.UTC(2025, 2, 10, 12);

type Outcome = ResultAsync<unknown, PortUnavailable | { readonly kind: string }>;
type NewJob = Pick<Job, 'id' | 'owner' | 'upload'>;

interface Method {
  /** Whether the job is queued, and held, before. */
  readonly before: 'nothing' | 'queued' | 'held';
  readonly call: (queue: JobQueue, job: NewJob, held: Job) => Outcome;
  /** How many jobs and dead letters there are in the end. */
  readonly jobs: 0 | 1;
  readonly deadLetters: 0 | 1;
}

const METHODS: Readonly<Record<string, Method>> = {
  enqueue: { before: 'nothing', call: (queue, job) => queue.enqueue(job, nowMs), jobs: 1, deadLetters: 0 },
  claim: { before: 'queued', call: (queue) => queue.claim(nowMs, LEASE_MS), jobs: 1, deadLetters: 0 },
  extend: { before: 'held', call: (queue, _job, held) => queue.extend(held, nowMs, LEASE_MS), jobs: 1, deadLetters: 0 },
  release: { before: 'held', call: (queue, _job, held) => queue.release(held, nowMs), jobs: 1, deadLetters: 0 },
  complete: { before: 'held', call: (queue, _job, held) => queue.complete(held), jobs: 0, deadLetters: 0 },
  giveUp: { before: 'held', call: (queue, _job, held) => queue.giveUp(held, 'it is broken'), jobs: 0, deadLetters: 1 },
};

function openThroughProxy(tryMs: number): JobQueue {
  const caller = new AwsCaller({
    mostTries: MOST_TRIES,
    tryMs,
    deadlineMs: MOST_TRIES * tryMs,
    wait: () => Promise.resolve(),
  });
  const { settings } = queues;
  const endpointUrls = { ...settings.endpointUrls, sqs: proxy.endpointUrl };
  return onEmulatorClock(queues.open({ settings: { ...settings, endpointUrls }, caller }), queues.setClock);
}

/** Everything that comes out of the queue from now on. */
async function drained(queue: JobQueue): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (;;) {
    const job = valueOf(await queue.claim(nowMs, LEASE_MS));
    if (job === null) return [...ids];
    ids.add(job.id);
    valueOf(await queue.complete(job));
  }
}

async function runCell(
  { before, call, jobs, deadLetters }: Method,
  { fault, reach }: (typeof WIRE_FAULT_CELLS)[number],
  opened: { readonly patient: JobQueue; readonly silent: JobQueue },
): Promise<void> {
  nowMs += HOUR_MS;
  const { patient } = opened;
  const id = randomUUID();
  const job: NewJob = { id, owner: userId(randomUUID()), upload: processingId(id) };
  let held: Job = { ...job, attempt: 0, receipt: '' };
  if (before !== 'nothing') valueOf(await patient.enqueue(job, nowMs));
  if (before === 'held') {
    const claimed = valueOf(await patient.claim(nowMs, LEASE_MS));
    if (claimed === null) throw new Error('no job was due');
    held = claimed;
  }
  proxy.arm(fault, reach);
  const first = await call(fault.kind === 'no-answer' ? opened.silent : patient, job, held);
  const struck = proxy.struck();
  proxy.arm(null, 'first');
  assert.ok(struck > 0, 'the fault did not strike');
  if (first.isErr()) {
    assert.is(first.error.kind, 'port-unavailable');
    assert.is((first.error as PortUnavailable).retryable, true, JSON.stringify(first.error));
    const again = await call(patient, job, held);
    // The first call may have settled it.
    assert.ok(again.isOk() || again.error.kind === 'stale-receipt', JSON.stringify(again));
  }
  nowMs += HOUR_MS;
  assert.equal(await drained(patient), jobs === 1 ? [id] : []);
  // A letter whose sending was not heard of is sent again, and says the same.
  const letters = new Set((await queues.takeDeadLetters()).map(({ text }) => text));
  assert.is(letters.size, deadLetters);
}

// Leases end when SQS's own clock says so, and nobody can set that of a given endpoint.
if (givenEndpoint('sqs') === null) {
  faults.before(async () => {
    queues = await makeQueues();
    proxy = await startFaultyProxy(queues.settings.endpointUrls.sqs ?? '', 'sqs');
  });
  faults.after(async () => {
    await proxy.close();
    await queues.close();
  });
  for (const [name, method] of Object.entries(METHODS)) {
    faults(`${name}: one effect in the end under each of ${WIRE_FAULT_CELLS.length} faults`, async () => {
      const opened = { patient: openThroughProxy(PATIENT_TRY_MS), silent: openThroughProxy(SHORT_TRY_MS) };
      const failures: string[] = [];
      for (const cell of WIRE_FAULT_CELLS) {
        try {
          await runCell(method, cell, opened);
        } catch (cause) {
          const { message, details } = cause as { readonly message: string; readonly details?: string | false };
          const { kind, moment } = cell.fault;
          failures.push(
            `${kind} ${moment}, ${cell.reach}: ${message} ${String(details ?? '').replaceAll(/\s+/g, ' ')}`,
          );
          proxy.arm(null, 'first');
          nowMs += HOUR_MS;
          await drained(opened.patient);
          await queues.takeDeadLetters();
        }
      }
      assert.equal(failures, []);
    });
  }
}

faults.run();
