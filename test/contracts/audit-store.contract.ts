import * as assert from 'uvu/assert';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { extensionOf } from '../../core/audit/extend-chain.ts';
import type { AuditEvent, AuditPlace, SignedHead, StoredEntry } from '../../core/audit/model.ts';
import type { AuditStore, LogExtension } from '../../core/audit/ports.ts';
import { verifyAudit } from '../../core/audit/verify-audit.ts';
import { ADA_P, auditEvent, BOB_P, DAY_MS, headSigner, NOON_MS, trailOver } from '../unit/audit-events.ts';
import { valueOf } from '../unit/result-values.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const signer = headSigner();
const WHOLE = { from: null, to: null };

const extension = async (end: SignedHead | null, ...events: readonly AuditEvent[]): Promise<LogExtension> =>
  valueOf(await extensionOf({ signer, digest: nodeDigest })(end, events));

const all = async (store: AuditStore, day: string): Promise<readonly StoredEntry[]> =>
  valueOf(await store.entries(day, 0, 10_000));

const idsOf = (entries: readonly StoredEntry[]): readonly string[] =>
  entries.map(({ text }) => (JSON.parse(text) as { readonly event: AuditEvent }).event.id);

const verdictOf = async (auditStore: AuditStore) =>
  valueOf(await verifyAudit({ auditStore, signer, digest: nodeDigest })(WHOLE));

/** What every `AuditStore` promises. `make` is called once a test. */
export function auditStoreContract(name: string, make: () => Promise<UnderTest<AuditStore>>): void {
  const { test, run } = suiteOver<AuditStore, UnderTest<AuditStore>>(`audit store: ${name}`, make);

  test('a log that was never written to is empty', async ({ store }) => {
    assert.is(valueOf(await store.end()), null);
    assert.equal(valueOf(await store.days()), []);
    assert.equal(await all(store, '2025-03-10'), []);
    assert.equal(valueOf(await store.about(ADA_P, null, 10)), []);
    assert.equal(valueOf(await store.newest(null, 10)), []);
    assert.equal(await verdictOf(store), { days: [], entries: 0, faults: [] });
  });

  test('entries and heads come back as they were, text by text', async ({ store }) => {
    const first = await extension(
      null,
      auditEvent('"1"\n用户'),
      auditEvent('2', { subject: null, atMs: NOON_MS + 0.25 }),
    );
    assert.is(valueOf(await store.extend(first)), true);
    const second = await extension(first.end, auditEvent('3', { subject: BOB_P }));
    assert.is(valueOf(await store.extend(second)), true);
    const next = await extension(second.end, auditEvent('4', { atMs: NOON_MS + DAY_MS }));
    assert.is(valueOf(await store.extend(next)), true);
    assert.equal(await all(store, '2025-03-10'), [...first.entries, ...second.entries]);
    assert.equal(await all(store, '2025-03-11'), next.entries);
    assert.equal(valueOf(await store.end()), next.end);
    assert.equal(valueOf(await store.days()), [
      { day: '2025-03-10', head: next.closed },
      { day: '2025-03-11', head: null },
    ]);
    const { days, faults } = await verdictOf(store);
    assert.equal(faults, []);
    assert.equal(
      days.map(({ day, entries }) => [day, entries]),
      [
        ['2025-03-10', 3],
        ['2025-03-11', 1],
      ],
    );
  });

  test('of two who extend the same end one does, and nothing of the other happens', async ({ store }) => {
    const ours = await extension(null, auditEvent('ours'));
    const theirs = await extension(null, auditEvent('theirs 1'), auditEvent('theirs 2'));
    assert.is(valueOf(await store.extend(ours)), true);
    assert.is(valueOf(await store.extend(theirs)), false);
    assert.is(valueOf(await store.extend(ours)), false);
    assert.equal(await all(store, '2025-03-10'), ours.entries);
    const next = await extension(ours.end, auditEvent('tomorrow', { atMs: NOON_MS + DAY_MS }));
    const late = await extension(ours.end, auditEvent('late'));
    assert.is(valueOf(await store.extend(next)), true);
    assert.is(valueOf(await store.extend(late)), false);
    assert.equal(await all(store, '2025-03-10'), ours.entries);
    assert.equal(valueOf(await store.end()), next.end);
    assert.equal((await verdictOf(store)).faults, []);
  });

  test('a head that was to be closed too early gives way to the one of whoever went on', async ({ store }) => {
    const first = await extension(null, auditEvent('1'));
    valueOf(await store.extend(first));
    const early = await extension(first.end, auditEvent('early', { atMs: NOON_MS + DAY_MS }));
    const second = await extension(first.end, auditEvent('2'));
    assert.is(valueOf(await store.extend(second)), true);
    assert.is(valueOf(await store.extend(early)), false);
    const third = await extension(second.end, auditEvent('3', { atMs: NOON_MS + DAY_MS }));
    assert.is(valueOf(await store.extend(third)), true);
    assert.is(valueOf(await store.extend(early)), false);
    assert.equal(valueOf(await store.days())[0], { day: '2025-03-10', head: third.closed });
    assert.equal((await verdictOf(store)).faults, []);
  });

  test('entries of a day are read on from a number, a few at a time', async ({ store }) => {
    const trail = trailOver(store, signer);
    for (const id of ['1', '2', '3', '4', '5']) valueOf(await trail.record(auditEvent(id)));
    assert.equal(idsOf(valueOf(await store.entries('2025-03-10', 0, 2))), ['1', '2']);
    assert.equal(idsOf(valueOf(await store.entries('2025-03-10', Number.MIN_SAFE_INTEGER, 1))), ['1']);
    assert.equal(idsOf(valueOf(await store.entries('2025-03-10', 2, 2))), ['3', '4']);
    assert.equal(idsOf(valueOf(await store.entries('2025-03-10', 4, 2))), ['5']);
    assert.equal(idsOf(valueOf(await store.entries('2025-03-10', 5, 2))), []);
    assert.equal(idsOf(valueOf(await store.entries('2025-03-09', 0, 2))), []);
  });

  test("entries about somebody are the newest first over all days, and nobody else's", async ({ store }) => {
    const trail = trailOver(store, signer);
    for (const [id, day] of [
      ['1', 0],
      ['2', 0],
      ['3', 1],
      ['4', 3],
      ['5', 3],
    ] as const) {
      valueOf(await trail.record(auditEvent(id, { atMs: NOON_MS + day * DAY_MS })));
      valueOf(await trail.record(auditEvent(`bob ${id}`, { subject: BOB_P, atMs: NOON_MS + day * DAY_MS })));
      valueOf(await trail.record(auditEvent(`nobody ${id}`, { subject: null, atMs: NOON_MS + day * DAY_MS })));
    }
    assert.equal(idsOf(valueOf(await store.about(ADA_P, null, 10))), ['5', '4', '3', '2', '1']);
    const page = valueOf(await store.about(ADA_P, null, 2));
    assert.equal(idsOf(page), ['5', '4']);
    const next = valueOf(await store.about(ADA_P, page.at(-1)!, 2));
    assert.equal(idsOf(next), ['3', '2']);
    assert.equal(idsOf(valueOf(await store.about(ADA_P, next.at(-1)!, 2))), ['1']);
    assert.equal(idsOf(valueOf(await store.about(BOB_P, null, 10))), ['bob 5', 'bob 4', 'bob 3', 'bob 2', 'bob 1']);
  });

  test('all entries are read back from the newest, over all days, or from a place', async ({ store }) => {
    const trail = trailOver(store, signer);
    for (const [id, day] of ['0', '0', '0', '1', '3', '3'].entries()) {
      const subject = id % 2 === 0 ? ADA_P : null;
      valueOf(await trail.record(auditEvent(String(id), { subject, atMs: NOON_MS + Number(day) * DAY_MS })));
    }
    const read = async (before: AuditPlace | null, limit: number) => idsOf(valueOf(await store.newest(before, limit)));
    assert.equal(await read(null, 100), ['5', '4', '3', '2', '1', '0']);
    assert.equal(await read(null, 6), ['5', '4', '3', '2', '1', '0']);
    assert.equal(await read(null, 1), ['5']);
    assert.equal(await read(null, 4), ['5', '4', '3', '2']);
    assert.equal(await read({ day: '2025-03-13', number: 2 }, 10), ['4', '3', '2', '1', '0']);
    assert.equal(await read({ day: '2025-03-13', number: 1 }, 2), ['3', '2']);
    assert.equal(await read({ day: '2025-03-10', number: 3 }, 10), ['1', '0']);
    assert.equal(await read({ day: '2025-03-10', number: 1 }, 10), []);
    // Places where nothing is.
    assert.equal(await read({ day: '2025-03-12', number: 7 }, 2), ['3', '2']);
    assert.equal(await read({ day: '2025-03-11', number: Number.MAX_SAFE_INTEGER }, 2), ['3', '2']);
    assert.equal(await read({ day: '2026-01-01', number: 1 }, 2), ['5', '4']);
    assert.equal(await read({ day: '2025-03-09', number: Number.MAX_SAFE_INTEGER }, 2), []);
    const [whole] = valueOf(await store.newest(null, 1));
    assert.equal(whole, (await all(store, '2025-03-13'))[1]);
  });

  test('many who write at once are written one after the other, without a gap', async ({ store }) => {
    const trail = trailOver(store, signer);
    const ids = Array.from({ length: 130 }, (_, i) => String(i));
    const recorded = await Promise.all(ids.map((id) => trail.record(auditEvent(id))));
    for (const one of recorded) valueOf(one);
    assert.equal(idsOf(await all(store, '2025-03-10')), ids);
    assert.equal((await verdictOf(store)).faults, []);
  });

  run();
}

/** What an `AuditStore` that outlives its process promises besides. */
export function durableAuditStoreContract(name: string, make: () => Promise<DurableUnderTest<AuditStore>>): void {
  const { test, run } = suiteOver<AuditStore, DurableUnderTest<AuditStore>>(`durable audit store: ${name}`, make);

  test('the log goes on where it ended when it is opened again', async (under) => {
    valueOf(await trailOver(under.store, signer).record(auditEvent('1')));
    const reopened = await under.reopen();
    assert.is(valueOf(await reopened.end())?.count, 1);
    valueOf(await trailOver(reopened, signer).record(auditEvent('2')));
    assert.equal(idsOf(await all(reopened, '2025-03-10')), ['1', '2']);
    assert.equal((await verdictOf(reopened)).faults, []);
  });

  run();
}

/** What an `AuditStore` that several processes use at once promises besides. */
export function sharedAuditStoreContract(name: string, make: () => Promise<SharedUnderTest<AuditStore>>): void {
  const { test, run } = suiteOver<AuditStore, SharedUnderTest<AuditStore>>(`shared audit store: ${name}`, make);

  test('two processes that write at once make one chain, over the end of a day too', async ({ store, other }) => {
    const trails = [trailOver(store, signer), trailOver(other, signer)] as const;
    const ids = Array.from({ length: 40 }, (_, i) => String(i));
    const write = async (trail: (typeof trails)[number], own: readonly string[]): Promise<void> => {
      for (const [i, id] of own.entries()) {
        valueOf(await trail.record(auditEvent(id, { atMs: NOON_MS + (i < own.length / 2 ? 0 : DAY_MS) })));
      }
    };
    await Promise.all([
      write(
        trails[0],
        ids.filter((_, i) => i % 2 === 0),
      ),
      write(
        trails[1],
        ids.filter((_, i) => i % 2 === 1),
      ),
    ]);
    const { days, entries, faults } = await verdictOf(other);
    assert.equal(faults, []);
    assert.is(entries, ids.length);
    const written: string[] = [];
    for (const { day } of days) written.push(...idsOf(await all(store, day)));
    assert.equal(written.toSorted(), ids.toSorted());
  });

  run();
}
