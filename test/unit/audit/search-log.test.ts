import { okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAuditPseudonyms } from '../../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../../adapters/memory/audit-store.ts';
import type { AuditEvent, AuditPlace } from '../../../core/audit/model.ts';
import type { AuditStore } from '../../../core/audit/ports.ts';
import { searchLog, type FoundPage } from '../../../core/audit/search-log.ts';
import { ANY_ENTRY, type SoughtEntries } from '../../../core/audit/sought-entries.ts';
import { ADA_P, auditEvent, BOB_P, DAY_MS, headSigner, NOON_MS, trailOver } from '../audit-events.ts';
import { ADA, BOB } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

const test = suite('searching the audit log');

const EVENTS: readonly (readonly [string, Partial<AuditEvent>])[] = [
  ['0', {}],
  ['1', { subject: BOB_P, actor: ADA_P, onBehalfOf: BOB_P, dataTypes: ['metrics', 'samples'] }],
  ['2', { action: 'export', outcome: 'refused', problem: 'role-required', atMs: NOON_MS + DAY_MS }],
  ['3', { actor: 'operator', subject: BOB_P, atMs: NOON_MS + DAY_MS }],
  ['4', { actor: null, subject: null, outcome: 'failed', atMs: NOON_MS + 3 * DAY_MS }],
  ['5', { requestId: 'the one', atMs: NOON_MS + 3 * DAY_MS }],
];

async function logOf(events: readonly (readonly [string, Partial<AuditEvent>])[]) {
  const [auditStore, auditPseudonyms] = [new MemoryAuditStore(), new MemoryAuditPseudonyms()];
  valueOf(await auditPseudonyms.assign(ADA, ADA_P));
  valueOf(await auditPseudonyms.assign(BOB, BOB_P));
  const trail = trailOver(auditStore, headSigner());
  for (const [id, changes] of events) valueOf(await trail.record(auditEvent(id, changes)));
  return { auditStore, auditPseudonyms, trail };
}

const idsOf = ({ events }: FoundPage): string => events.map(({ event }) => event.id).join('');

const SEARCHES: readonly (readonly [Partial<SoughtEntries>, string])[] = [
  [{}, '543210'],
  [{ subject: ADA }, '520'],
  [{ subject: ADA_P }, '520'],
  [{ subject: BOB }, '31'],
  [{ subject: BOB, actor: ADA }, '1'],
  [{ actor: ADA }, '5210'],
  [{ actor: 'operator' }, '3'],
  [{ actor: 'system' }, ''],
  [{ action: 'export' }, '2'],
  [{ outcome: 'failed' }, '4'],
  [{ dataType: 'samples' }, '1'],
  [{ requestId: 'the one' }, '5'],
  [{ from: '2025-03-11' }, '5432'],
  [{ from: '2025-03-12' }, '54'],
  [{ to: '2025-03-10' }, '10'],
  [{ from: '2025-03-11', to: '2025-03-12' }, '32'],
  [{ from: '2025-03-11', to: '2025-03-12', subject: BOB }, '3'],
  [{ to: '2025-03-09' }, ''],
  [{ subject: 'nobody-here' }, ''],
  [{ actor: 'nobody-here' }, ''],
];

test('finds what is looked for, the newest first, a page at a time', async () => {
  const ports = await logOf(EVENTS);
  for (const [sought, expected] of SEARCHES) {
    const name = JSON.stringify(sought);
    const all = valueOf(await searchLog(ports)({ ...ANY_ENTRY, ...sought }, { before: null, limit: 100 }));
    assert.equal([idsOf(all), all.next], [expected, null], name);
    let paged = '';
    let before: AuditPlace | null = null;
    do {
      const page: FoundPage = valueOf(await searchLog(ports)({ ...ANY_ENTRY, ...sought }, { before, limit: 1 }));
      assert.ok(page.events.length <= 1, name);
      paged += idsOf(page);
      before = page.next;
    } while (before !== null);
    assert.is(paged, expected, name);
  }
});

test('names the people who are still here, and whose data were looked for', async () => {
  const ports = await logOf(EVENTS);
  const search = async (sought: Partial<SoughtEntries>) =>
    valueOf(await searchLog(ports)({ ...ANY_ENTRY, ...sought }, { before: null, limit: 100 }));
  const all = await search({});
  assert.equal([all.people.get(ADA_P), all.people.get(BOB_P), all.people.size, all.about], [ADA, BOB, 2, null]);
  assert.is((await search({ subject: BOB })).about, BOB);
  assert.is((await search({ subject: BOB_P, outcome: 'failed' })).about, BOB);
  valueOf(await ports.auditPseudonyms.eraseOwner(BOB));
  const later = await search({ subject: BOB_P });
  assert.equal([idsOf(later), later.people.get(BOB_P), later.about], ['31', undefined, null]);
  assert.is(idsOf(await search({ subject: BOB })), '', 'nothing leads from the person to what was done');
});

test('a page looks at a bounded number of entries, and says where to look on', async () => {
  const ports = await logOf([]);
  const ids = ['a', ...Array.from({ length: 4498 }, () => 'other'), 'z'];
  const recorded = await Promise.all(
    ids.map((id) => ports.trail.record(auditEvent(id, { outcome: id === 'other' ? 'done' : 'refused' }))),
  );
  for (const one of recorded) valueOf(one);
  let looked = 0;
  const auditStore: Pick<AuditStore, 'about' | 'newest'> = {
    about: (...given) => ports.auditStore.about(...given),
    newest: (...given) =>
      ports.auditStore.newest(...given).andThen((found) => {
        looked += found.length;
        return okAsync(found);
      }),
  };
  const pages: string[] = [];
  let before: AuditPlace | null = null;
  do {
    const page: FoundPage = valueOf(
      await searchLog({ ...ports, auditStore })({ ...ANY_ENTRY, outcome: 'refused' }, { before, limit: 10 }),
    );
    assert.ok(looked <= 2500, String(looked));
    looked = 0;
    pages.push(idsOf(page));
    before = page.next;
  } while (before !== null);
  assert.equal(pages, ['z', '', 'a']);
});

test.run();
