import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAuditPseudonyms } from '../../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../../adapters/memory/audit-store.ts';
import { MemoryErasedOwners } from '../../../adapters/memory/erased-owners.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { entryContent } from '../../../core/audit/entry-text.ts';
import type { AuditEvent } from '../../../core/audit/model.ts';
import { rememberingPseudonyms } from '../../../core/audit/pseudonyms.ts';
import { verifyAudit } from '../../../core/audit/verify-audit.ts';
import { writeDown, type PlannedDeed } from '../../../core/audit/write-down.ts';
import { runJob } from '../../../core/analysis/run-next-job.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { ADA_P, auditEvent, BOB_P, DAY_MS, headSigner, NOON_MS, trailOver } from '../audit-events.ts';
import { ADA, BOB, countingIds, memoryWorld, replacing, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const test = suite('writing down what is done');

const signer = headSigner();

function world(store = new MemoryAuditStore()) {
  const auditPseudonyms = new MemoryAuditPseudonyms();
  const write = writeDown({
    auditTrail: trailOver(store, signer),
    auditPseudonyms,
    erasedOwners: new MemoryErasedOwners(),
    digest: nodeDigest,
    clock: new SettableClock(),
    ids: countingIds(),
  });
  const events = async (): Promise<readonly AuditEvent[]> => {
    const all: AuditEvent[] = [];
    for (const { day } of valueOf(await store.days())) {
      for (const { text } of valueOf(await store.entries(day, 0, 100))) all.push(entryContent(text)!.event);
    }
    return all;
  };
  return { store, auditPseudonyms, write, events };
}

const deed: PlannedDeed = {
  actor: 'system',
  onBehalfOf: ADA,
  subject: ADA,
  action: 'analyze',
  operation: 'a test',
  dataTypes: ['metrics'],
  requestId: 'none',
};

test('what was done, was refused or has failed is one entry each, on behalf of its owner', async () => {
  const { write, events, auditPseudonyms } = world();
  assert.is(valueOf(await write(deed, () => okAsync(42))), 42);
  const refusal = { kind: 'processing-impossible' } as const;
  assert.equal(errorOf(await write(deed, () => errAsync(refusal))), refusal);
  const outage = portUnavailable('SampleStore', 'read', 'planted');
  assert.equal(errorOf(await write(deed, () => errAsync(outage))), outage);
  const ada = valueOf(await auditPseudonyms.known(ADA));
  assert.equal(
    (await events()).map(({ actor, onBehalfOf, subject, outcome, problem }) => [
      actor,
      onBehalfOf,
      subject,
      outcome,
      problem,
    ]),
    [
      ['system', ada, ada, 'done', null],
      ['system', ada, ada, 'refused', 'processing-impossible'],
      ['system', ada, ada, 'failed', 'port-unavailable'],
    ],
  );
});

test('work that cannot be written down has failed', async () => {
  const broken = replacing(new MemoryAuditStore(), {
    extend: () => errAsync(portUnavailable('AuditStore', 'extend', 'planted')),
  });
  const { write } = world(broken);
  assert.is(errorOf(await write(deed, () => okAsync(42))).kind, 'port-unavailable');
});

test('work on an upload is written down, and is done again where that was not possible', async () => {
  const { write, events } = world();
  const ports = memoryWorld({ writeDown: write });
  const upload = processingId('00000000-0000-4000-8000-00000000abcd');
  const claimed = async () => {
    valueOf(await ports.queue.enqueue({ id: 'job', owner: ADA, upload }, ports.clock.now()));
    return valueOf(await ports.queue.claim(ports.clock.now(), 1000))!;
  };
  valueOf(await runJob(ports)(await claimed()));
  assert.equal(
    (await events()).map(({ actor, operation }) => [actor, operation]),
    [['system', 'processUpload']],
  );
  const cannot = { ...ports, writeDown: () => errAsync(portUnavailable('AuditStore', 'extend', 'planted')) };
  assert.is(valueOf(await runJob(cannot)(await claimed())).kind, 'postponed');
});

test('a write whose answer was lost, and which was sent again, is one entry', async () => {
  const store = new MemoryAuditStore();
  const losing = replacing(store, {
    // As a client does that sends it again by itself: the second time the log was extended already.
    extend: (extension) => store.extend(extension).andThen(() => store.extend(extension)),
  });
  const trail = trailOver(losing, signer);
  valueOf(await trail.record(auditEvent('1')));
  valueOf(await trail.record(auditEvent('2')));
  assert.is(valueOf(await store.end())?.total, 2);
});

test('a store that somebody else extends every time gives up in the end', async () => {
  const store = new MemoryAuditStore();
  const losing = replacing(store, { extend: () => okAsync(false) });
  assert.is(errorOf(await trailOver(losing, signer).record(auditEvent('1'))).retryable, true);
});

test('an event of yesterday that comes after one of today is put into today', async () => {
  const store = new MemoryAuditStore();
  const trail = trailOver(store, signer);
  valueOf(await trail.record(auditEvent('today', { atMs: NOON_MS + DAY_MS })));
  valueOf(await trail.record(auditEvent('yesterday', { atMs: NOON_MS })));
  const { days, faults } = valueOf(
    await verifyAudit({ auditStore: store, signer, digest: nodeDigest })({ from: null, to: null }),
  );
  assert.equal(faults, []);
  assert.equal(
    days.map(({ day, entries }) => [day, entries]),
    [['2025-03-11', 2]],
  );
});

test('a log that grows while it is looked at is sound', async () => {
  const store = new MemoryAuditStore();
  const trail = trailOver(store, signer);
  valueOf(await trail.record(auditEvent('0')));
  let more = 5;
  const growing = replacing(store, {
    entries: (day, after, limit) =>
      store
        .entries(day, after, limit)
        .andThen((found) =>
          more-- > 0
            ? trail.record(auditEvent(String(more), more === 0 ? { atMs: NOON_MS + DAY_MS } : {})).map(() => found)
            : okAsync(found),
        ),
  });
  const verify = verifyAudit({ auditStore: growing, signer, digest: nodeDigest });
  assert.equal(valueOf(await verify({ from: null, to: null })).faults, []);
  assert.equal(valueOf(await verify({ from: null, to: null })).faults, []);
});

test('pseudonyms are looked up once, and forgotten with their person', async () => {
  const kept = new MemoryAuditPseudonyms();
  let asked = 0;
  const remembering = rememberingPseudonyms(
    replacing(kept, {
      known: (owner) => {
        asked += 1;
        return kept.known(owner);
      },
    }),
  );
  assert.is(valueOf(await remembering.known(ADA)), null);
  valueOf(await remembering.assign(ADA, ADA_P));
  assert.is(valueOf(await remembering.known(ADA)), ADA_P);
  assert.is(valueOf(await remembering.assign(ADA, BOB_P)), ADA_P);
  assert.is(asked, 1);
  valueOf(await remembering.eraseOwner(ADA));
  assert.is(valueOf(await remembering.known(ADA)), null);
  assert.is(valueOf(await remembering.known(BOB)), null);
});

test.run();
