import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAuditPseudonyms } from '../../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../../adapters/memory/audit-store.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { exportedLineOf, exportedLineText } from '../../../core/audit/exported-line.ts';
import { exportLog, type ExportedLine } from '../../../core/audit/export-log.ts';
import { ANY_ENTRY, type SoughtEntries } from '../../../core/audit/sought-entries.ts';
import { verifyExport } from '../../../core/audit/verify-export.ts';
import { ADA_P, auditEvent, BOB_P, DAY_MS, headSigner, NOON_MS, trailOver } from '../audit-events.ts';
import { ADA, BOB, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const test = suite('exports of the audit log');

/** Entries of three days, 3, 2 and 3 of them, and what they are kept in. */
async function writtenLog() {
  const [auditStore, auditPseudonyms, signer] = [new MemoryAuditStore(), new MemoryAuditPseudonyms(), headSigner()];
  valueOf(await auditPseudonyms.assign(ADA, ADA_P));
  valueOf(await auditPseudonyms.assign(BOB, BOB_P));
  const trail = trailOver(auditStore, signer);
  for (const [i, day] of [0, 0, 0, 1, 1, 4, 4, 4].entries()) {
    const subject = i % 2 === 0 ? ADA_P : BOB_P;
    valueOf(await trail.record(auditEvent(String(i), { subject, atMs: NOON_MS + day * DAY_MS })));
  }
  return { auditStore, auditPseudonyms, signer, trail, clock: new SettableClock(), digest: nodeDigest };
}

type Log = Awaited<ReturnType<typeof writtenLog>>;

async function exported(log: Log, sought: Partial<SoughtEntries> = {}): Promise<readonly string[]> {
  const texts: string[] = [];
  const { lines } = valueOf(await exportLog(log)({ ...ANY_ENTRY, ...sought }, () => false));
  for await (const line of lines) texts.push(exportedLineText(line));
  return texts;
}

async function* read(texts: readonly string[]): AsyncGenerator<ExportedLine> {
  for (const text of texts) yield await Promise.resolve(valueOf(exportedLineOf(JSON.parse(text))));
}

const verified = (log: Log, texts: readonly string[]) => verifyExport(log)(read(texts));
const kindsOf = (texts: readonly string[]): string =>
  texts.map((text) => (JSON.parse(text) as { readonly kind: string }).kind.slice(0, 2)).join(' ');

test('whole days are exported with their heads, and verify by themselves', async () => {
  const log = await writtenLog();
  const texts = await exported(log);
  assert.is(kindsOf(texts), 'ex da en en en da en en da en en en en');
  // Nothing of the log itself is asked for.
  const elsewhere = { ...log, auditStore: new MemoryAuditStore() };
  const { entries, faults, days } = valueOf(await verified(elsewhere, texts));
  assert.equal([entries, faults, days.map(({ entries: count }) => count)], [8, [], [3, 2, 3]]);
  const part = await exported(log, { from: '2025-03-11', to: '2025-03-12' });
  assert.is(kindsOf(part), 'ex da en en en');
  assert.equal(valueOf(await verified(elsewhere, part)).faults, []);
  assert.equal(valueOf(await verified(elsewhere, await exported(log, { to: '2025-03-01' }))).entries, 0);
});

test('what is written while it is exported is of another export', async () => {
  const log = await writtenLog();
  const { lines } = valueOf(await exportLog(log)(ANY_ENTRY, () => false));
  valueOf(await log.trail.record(auditEvent('later', { atMs: NOON_MS + 4 * DAY_MS })));
  valueOf(await log.trail.record(auditEvent('tomorrow', { atMs: NOON_MS + 5 * DAY_MS })));
  const texts: string[] = [];
  for await (const line of lines) texts.push(exportedLineText(line));
  const verdict = valueOf(await verified(log, texts));
  assert.equal([verdict.entries, verdict.faults], [8, []]);
});

test('people are named beside the entries while they are here', async () => {
  const log = await writtenLog();
  const peopleIn = (texts: readonly string[]) =>
    texts.flatMap((text) => {
      const { people } = JSON.parse(text) as { readonly people?: object };
      return people === undefined ? [] : [people];
    });
  const [first, second] = peopleIn(await exported(log));
  assert.equal([first, second], [{ [ADA_P]: ADA }, { [ADA_P]: ADA, [BOB_P]: BOB }]);
  valueOf(await log.auditPseudonyms.eraseOwner(BOB));
  const texts = await exported(log);
  assert.equal(peopleIn(texts)[1], { [ADA_P]: ADA });
  assert.equal(valueOf(await verified(log, texts)).faults, []);
});

const changed = (texts: readonly string[], index: number, change: (text: string) => string): readonly string[] =>
  texts.map((text, i) => (i === index ? change(text) : text));
const without = (texts: readonly string[], ...gone: readonly number[]): readonly string[] =>
  texts.filter((_, i) => !gone.includes(i));

/** Changes of the whole export: what of which line, and which kinds of faults name it. */
const CHANGES: readonly (readonly [string, (texts: readonly string[]) => readonly string[], RegExp])[] = [
  [
    'a text',
    (texts) => changed(texts, 3, (text) => text.replace('"done', '"gone').replace('\\"done', '\\"gone')),
    /altered/,
  ],
  ['a hash', (texts) => changed(texts, 3, (text) => text.replace(/"hash":"./, '"hash":"g')), /altered/],
  ['a head', (texts) => changed(texts, 5, (text) => text.replace('"count":2', '"count":3')), /head-forged/],
  [
    'two entries in each other’s place',
    (texts) => [texts[0]!, texts[1]!, texts[3]!, texts[2]!, ...texts.slice(4)],
    /misplaced/,
  ],
];
const LEFT_OUT: readonly (readonly [string, readonly number[], RegExp])[] = [
  ['an entry', [3], /removed/],
  ['the last entry of a day', [4], /removed/],
  ['the last entry of all', [11], /removed/],
  ['a day', [5, 6, 7], /day-unlinked/],
];

test('whatever of whole days was changed or left out is named', async () => {
  const log = await writtenLog();
  const texts = await exported(log);
  for (const [what, change, fault] of CHANGES) {
    const damaged = change(texts);
    assert.not.equal(damaged, texts, what);
    const { faults } = valueOf(await verified(log, damaged));
    assert.match(faults.map(({ kind }) => kind).join(), fault, what);
  }
  for (const [what, gone, fault] of LEFT_OUT) {
    const rest = without(texts, ...gone);
    // Whoever leaves something out says so at the end.
    const count = rest.filter((text) => text.startsWith('{"kind":"entry"')).length;
    const { faults } = valueOf(
      await verified(
        log,
        changed(rest, rest.length - 1, (text) => text.replace('8', String(count))),
      ),
    );
    assert.match(faults.map(({ kind }) => kind).join(), fault, what);
    if (rest.length < texts.length && count < 8) {
      assert.match(JSON.stringify(errorOf(await verified(log, rest))), 'as many entries', what);
    }
  }
});

test('of other exports each entry is compared with the log', async () => {
  const log = await writtenLog();
  const texts = await exported(log, { subject: BOB });
  assert.is(kindsOf(texts), 'ex da en da en da en en en');
  assert.equal(valueOf(await verified(log, texts)).faults, []);
  const other = { ...(await writtenLog()), signer: log.signer };
  valueOf(await other.trail.record(auditEvent('more')));
  assert.equal(valueOf(await verified(other, texts)).faults, [], 'the same entries in the same places');
  const place = { day: '2025-03-10', number: 2 };
  const altered = changed(texts, 2, (text) => text.replace('listHealthData', 'listHealthDatb'));
  assert.equal(valueOf(await verified(log, altered)).faults, [{ kind: 'altered', ...place }]);
  const rehashed = changed(texts, 2, (text) => {
    const line = JSON.parse(text) as { text: string; hash: string };
    line.text = line.text.replace('"done"', '"gone"');
    line.hash = nodeDigest.sha256Hex(line.text);
    return JSON.stringify(line);
  });
  assert.equal(valueOf(await verified(log, rehashed)).faults, [{ kind: 'altered', ...place }]);
});

test('what is no whole export is refused', async () => {
  const log = await writtenLog();
  const texts = await exported(log);
  const reasonOf = async (some: readonly string[]) => JSON.stringify(errorOf(await verified(log, some)));
  assert.match(await reasonOf([]), 'cut off');
  assert.match(await reasonOf(texts.slice(0, -1)), 'cut off');
  assert.match(await reasonOf(texts.slice(1)), 'does not begin');
  assert.match(await reasonOf([...texts, texts[1]!]), 'after the last');
  assert.match(await reasonOf(without(texts, 1)), 'before its day');
  for (const [text, reason] of [
    ['{"kind":"export","format":"clarity.audit/2","whole_days":true}', 'another format'],
    ['{"kind":"entry","day":"2025-03-10","number":"1","hash":"h","text":"t"}', 'number'],
    ['{"kind":"day","day":"2025-03-10","head":{"day":"2025-03-10"}}', 'count'],
    ['[]', 'not an object'],
  ] as const) {
    assert.match(errorOf(exportedLineOf(JSON.parse(text))), reason);
  }
});

test.run();
