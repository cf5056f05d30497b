import { okAsync } from 'neverthrow';
import { MemoryAuditStore } from '../../adapters/memory/audit-store.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import type { AuditFault } from '../../core/audit/chain-walk.ts';
import { entryContent, storedEntry } from '../../core/audit/entry-text.ts';
import { pseudonym, type SignedHead, type StoredEntry } from '../../core/audit/model.ts';
import { verifyAudit, type VerifyAuditPorts } from '../../core/audit/verify-audit.ts';
import { uniform } from '../property/actigraphy/random-series.ts';
import { ADA_P, auditEvent, BOB_P, DAY_MS, headSigner, NOON_MS, trailOver } from '../unit/audit-events.ts';
import { valueOf } from '../unit/result-values.ts';

/** A whole log as plain values, which can be changed behind the back of everybody. */
interface PlainLog {
  /** In the order in which a store would answer them. */
  entries: StoredEntry[];
  heads: SignedHead[];
  end: SignedHead | null;
}

const signer = headSigner();

/** Some hundred entries over six days, of which some have one only. */
async function writtenLog(): Promise<PlainLog> {
  const store = new MemoryAuditStore();
  const trail = trailOver(store, signer);
  const perDay = [40, 1, 60, 0, 3, 80, 40];
  for (const [day, count] of perDay.entries()) {
    for (let i = 0; i < count; i++) {
      const subject = i % 5 === 4 ? null : i % 3 === 0 ? BOB_P : ADA_P;
      const atMs = NOON_MS + day * DAY_MS + i;
      valueOf(await trail.record(auditEvent(`${String(day)}-${String(i)}`, { atMs, subject })));
    }
  }
  const days = valueOf(await store.days());
  const entries: StoredEntry[] = [];
  for (const { day } of days) entries.push(...valueOf(await store.entries(day, 0, 1000)));
  return {
    entries,
    heads: days.flatMap(({ head }) => (head === null ? [] : [head])),
    end: valueOf(await store.end()),
  };
}

const storeOf = ({ entries, heads, end }: PlainLog): VerifyAuditPorts['auditStore'] => ({
  end: () => okAsync(end),
  days: () =>
    okAsync(
      [...new Set([...heads, ...entries].map(({ day }) => day))]
        .sort()
        .map((day) => ({ day, head: heads.find((head) => head.day === day) ?? null })),
    ),
  entries: (day, after, limit) =>
    okAsync(entries.filter((entry) => entry.day === day && entry.number > after).slice(0, limit)),
});

const faultsOf = async (log: PlainLog): Promise<readonly AuditFault[]> =>
  valueOf(await verifyAudit({ auditStore: storeOf(log), signer, digest: nodeDigest })({ from: null, to: null })).faults;

/** Chance, and what it is asked for. */
function chance(random: () => number) {
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    oneOf: <T>(values: readonly T[]): T => values[below(values.length)]!,
    /** Another character at some place. */
    changed: (text: string): string => {
      const at = below(text.length);
      const other = String.fromCharCode(33 + ((text.charCodeAt(at) - 33 + 1 + below(90)) % 93));
      const next = other === text[at] ? '~' : other;
      return text.slice(0, at) + next + text.slice(at + 1);
    },
  };
}

type Chance = ReturnType<typeof chance>;

/** What can be done to a log; each answers where the change is to be seen, or null where that cannot be said. */
const MUTATIONS_BY_NAME: Readonly<Record<string, (log: PlainLog, by: Chance) => StoredEntry | null>> = {
  'alter a text': (log, by) => replaced(log, by, (entry) => ({ ...entry, text: by.changed(entry.text) })),
  'alter a hash': (log, by) => replaced(log, by, (entry) => ({ ...entry, hash: by.changed(entry.hash) })),
  'alter a subject': (log, by) =>
    replaced(log, by, (entry) => ({ ...entry, subject: entry.subject === ADA_P ? BOB_P : pseudonym('p_other') })),
  'write an entry anew, with its hash': (log, by) => {
    const index = by.below(log.entries.length);
    log.entries[index] = rewritten(log.entries[index]!);
    return null;
  },
  'write an entry anew, and all hashes after it': (log, by) => {
    const index = by.below(log.entries.length);
    let previous: string | null = null;
    log.entries = log.entries.map((entry, i) => {
      if (i < index) return entry;
      const again = i === index ? rewritten(entry) : rewritten(entry, previous ?? '', false);
      previous = again.hash;
      return again;
    });
    return null;
  },
  'remove an entry': (log, by) => log.entries.splice(by.below(log.entries.length), 1)[0]!,
  'remove a run of entries': (log, by) => {
    const from = by.below(log.entries.length);
    return log.entries.splice(from, 1 + by.below(20))[0]!;
  },
  'cut the end off': (log, by) => log.entries.splice(log.entries.length - 1 - by.below(log.entries.length - 1))[0]!,
  'cut the end of a day off': (log, by) => {
    const { day } = by.oneOf(log.entries);
    const ofDay = log.entries.filter((entry) => entry.day === day);
    const gone = ofDay.slice(by.below(ofDay.length));
    log.entries = log.entries.filter((entry) => !gone.includes(entry));
    return gone[0]!;
  },
  'swap two entries of a day': (log, by) => {
    const a = by.below(5);
    const b = (a + 1 + by.below(30)) % 35;
    const [first, second] = [log.entries[a]!, log.entries[b]!];
    log.entries[a] = second;
    log.entries[b] = first;
    return null;
  },
  'swap what two entries say': (log, by) => {
    const [a, b] = twoOf(log, by);
    const [first, second] = [log.entries[a]!, log.entries[b]!];
    log.entries[a] = { ...second, day: first.day, number: first.number };
    log.entries[b] = { ...first, day: second.day, number: second.number };
    return first;
  },
  'insert an entry': (log, by) => {
    const index = by.below(log.entries.length);
    const entry = log.entries[index]!;
    log.entries.splice(index + 1, 0, storedEntry(nodeDigest, entry, entry.hash, auditEvent('inserted')));
    return null;
  },
  'insert an entry after the last of its day': (log, by) => {
    const { day } = by.oneOf(log.entries);
    const index = log.entries.findLastIndex((entry) => entry.day === day);
    const last = log.entries[index]!;
    const place = { day, number: last.number + 1 };
    const inserted = storedEntry(nodeDigest, place, last.hash, auditEvent('inserted'));
    log.entries.splice(index + 1, 0, inserted);
    return inserted;
  },
  'insert a day': (log) => {
    const inserted = storedEntry(nodeDigest, { day: '2025-03-13', number: 1 }, '0'.repeat(64), auditEvent('inserted'));
    log.entries.push(inserted);
    return null;
  },
  'double an entry': (log, by) => {
    const index = by.below(log.entries.length);
    log.entries.splice(by.below(log.entries.length), 0, log.entries[index]!);
    return null;
  },
  'move an entry to another day': (log, by) =>
    replaced(log, by, (entry) => ({ ...entry, day: entry.day === '2025-03-10' ? '2025-03-12' : '2025-03-10' })),
  'give an entry another number': (log, by) =>
    replaced(log, by, (entry) => ({ ...entry, number: entry.number + by.oneOf([-1, 1, 0.5, 100]) })),
  'remove a day with its head': (log, by) => {
    const { day } = by.oneOf(log.heads);
    log.heads = log.heads.filter((head) => head.day !== day);
    log.entries = log.entries.filter((entry) => entry.day !== day);
    return null;
  },
  'remove the newest day with the end': (log) => {
    const { day } = log.end!;
    log.entries = log.entries.filter((entry) => entry.day !== day);
    log.end = log.heads.pop()!;
    return null;
  },
  'remove a head': (log, by) => {
    log.heads.splice(by.below(log.heads.length), 1);
    return null;
  },
  'put one head in the place of another': (log, by) => {
    const index = by.below(log.heads.length);
    const other = log.heads[(index + 1 + by.below(log.heads.length - 1)) % log.heads.length]!;
    log.heads[index] = { ...other, day: log.heads[index]!.day };
    return null;
  },
  'put a head in the place of the end': (log, by) => {
    log.end = by.oneOf(log.heads);
    return null;
  },
  'remove the end': (log) => {
    log.end = null;
    return null;
  },
  'alter a head': (log, by) => {
    const index = by.below(log.heads.length + 1);
    const head = log.heads[index] ?? log.end!;
    const field = by.oneOf(['count', 'total', 'previous', 'hash', 'state', 'keyId', 'signature'] as const);
    const value = head[field];
    const changed = { ...head, [field]: typeof value === 'number' ? value - 1 : by.changed(value) };
    if (index < log.heads.length) log.heads[index] = changed;
    else log.end = changed;
    return null;
  },
  'cut the end off and say so in the end': (log) => {
    const last = log.entries.pop()!;
    const before = log.entries.at(-1)!;
    log.end = { ...log.end!, count: log.end!.count - 1, total: log.end!.total - 1, hash: before.hash };
    return before.day === last.day ? null : last;
  },
};

/** Where the entry was that is another one now. */
function replaced(log: PlainLog, by: Chance, change: (entry: StoredEntry) => StoredEntry): StoredEntry {
  const index = by.below(log.entries.length);
  const entry = log.entries[index]!;
  log.entries[index] = change(entry);
  return entry;
}

function rewritten(entry: StoredEntry, previous?: string, changes = true): StoredEntry {
  const content = entryContent(entry.text)!;
  const event = changes ? { ...content.event, outcome: 'refused' as const } : content.event;
  return storedEntry(nodeDigest, entry, previous ?? content.previous, event);
}

function twoOf(log: PlainLog, by: Chance): readonly [number, number] {
  const first = by.below(log.entries.length);
  return [first, (first + 1 + by.below(log.entries.length - 1)) % log.entries.length];
}

/** Whether one of the faults is that of the place, or covers it. */
const names = (faults: readonly AuditFault[], { day, number }: StoredEntry): boolean =>
  faults.some(
    (fault) =>
      'day' in fault &&
      fault.day === day &&
      (!('number' in fault) ||
        ('to' in fault ? fault.number <= number && number <= fault.to : fault.number === number)),
  );

/** What came of changing a log: how often, and which changes were not found, or not named by their place. */
export interface AuditMutations {
  readonly cases: number;
  readonly missed: readonly string[];
}

/**
 * Changes a log in so many random ways, one at a time, and verifies it each time. That it is without a fault before is the
 * first thing that is looked at.
 */
export async function auditMutations(cases: number, seed: number): Promise<AuditMutations> {
  const log = await writtenLog();
  const untouched = await faultsOf(log);
  const missed = untouched.map((fault) => `untouched: ${JSON.stringify(fault)}`);
  const by = chance(uniform(seed));
  const kinds = Object.entries(MUTATIONS_BY_NAME);
  for (let i = 0; i < cases; i++) {
    const [name, mutate] = kinds[i % kinds.length]!;
    const changed: PlainLog = { entries: [...log.entries], heads: [...log.heads], end: log.end };
    const place = mutate(changed, by);
    const faults = await faultsOf(changed);
    if (faults.length === 0) missed.push(`${String(i)}: ${name}`);
    else if (place !== null && !names(faults, place)) {
      missed.push(`${String(i)}: ${name} at ${place.day} ${String(place.number)}: ${JSON.stringify(faults)}`);
    }
  }
  return { cases, missed };
}
