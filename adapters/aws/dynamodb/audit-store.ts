import type { ResultAsync } from 'neverthrow';
import type { AuditDay, AuditPlace, Pseudonym, SignedHead, StoredEntry } from '../../../core/audit/model.ts';
import type { AuditStore, KnownDay, LogExtension } from '../../../core/audit/ports.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import { orUnavailable } from '../aws-caller.ts';
import {
  AUDIT_KEY,
  dayKey,
  END_KEY,
  endItem,
  entryItems,
  entryOf,
  HEAD_PREFIX,
  headFacts,
  headKey,
  headOf,
  numberText,
  placeText,
  pointedKey,
  subjectKey,
  tailOf,
} from './audit-items.ts';
import { ABSENT, type DynamoTable, type Item } from './dynamo-table.ts';
import { endOf } from './key-text.ts';

/**
 * The audit log in the single table. One write of the item `AUDIT`/`END`, on the condition that nobody else was faster, is
 * an extension of the log: the item holds the signed end and the entries that came with it. They are put where they stay, one
 * item each in the partition of their day, before the end is moved on the next time; until then readers take them from
 * there. Putting them twice is putting them once. An installation has room for some hundred writes a second of up to 50
 * entries each.
 */
export class DynamoAuditStore implements AuditStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  end(): ResultAsync<SignedHead | null, PortUnavailable> {
    const work = this.#table.get(END_KEY).then((item) => (item === null ? null : headOf(item)));
    return orUnavailable('AuditStore', 'end', work);
  }

  extend(extension: LogExtension): ResultAsync<boolean, PortUnavailable> {
    return orUnavailable('AuditStore', 'extend', this.#extend(extension));
  }

  days(): ResultAsync<readonly KnownDay[], PortUnavailable> {
    const work = async (): Promise<readonly KnownDay[]> => {
      const end = await this.#table.get(END_KEY);
      const heads = new Map<AuditDay, SignedHead | null>();
      for await (const item of this.#table.query({ pk: AUDIT_KEY, from: HEAD_PREFIX, to: endOf(HEAD_PREFIX) })) {
        heads.set(item.sk.slice(HEAD_PREFIX.length), headOf(item));
      }
      // One that is closed over the newest day was not used: the log went on in that day after all.
      if (end !== null) heads.set(String(end['day']), null);
      return [...heads].map(([day, head]) => ({ day, head })).sort((a, b) => (a.day < b.day ? -1 : 1));
    };
    return orUnavailable('AuditStore', 'days', work());
  }

  entries(day: AuditDay, after: number, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    const work = async (): Promise<readonly StoredEntry[]> => {
      const tail = tailOf(await this.#table.get(END_KEY)).filter((entry) => entry.day === day && entry.number > after);
      const found: StoredEntry[] = [];
      const from = numberText(Math.max(after, 0) + 1);
      for await (const item of this.#table.query({ pk: dayKey(day), from, to: endOf(''), pageSize: limit })) {
        if (found.push(entryOf(day, item)) === limit) break;
      }
      return merged(found, tail).slice(0, limit);
    };
    return orUnavailable('AuditStore', 'entries', work());
  }

  about(
    subject: Pseudonym,
    before: AuditPlace | null,
    limit: number,
  ): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    return orUnavailable('AuditStore', 'about', this.#about(subject, before, limit));
  }

  newest(before: AuditPlace | null, limit: number): ResultAsync<readonly StoredEntry[], PortUnavailable> {
    return orUnavailable('AuditStore', 'newest', this.#newest(before, limit));
  }

  async #extend({ after, entries, closed, end }: LogExtension): Promise<boolean> {
    const found = await this.#table.get(END_KEY);
    if ((found === null ? null : String(found['hash'])) !== after) return false;
    const settled = tailOf(found).flatMap(entryItems);
    if (settled.length > 0) await this.#table.writeMany(settled);
    if (closed !== null) {
      // Whoever comes late, with a head from before others have gone on, must not put it in the place of theirs.
      const isNewer = {
        text: 'attribute_not_exists(pk) OR #count < :count',
        names: { '#count': 'count' },
        values: { ':count': closed.count },
      };
      await this.#table.put({ ...headKey(closed.day), ...headFacts(closed) }, isNewer);
    }
    const unmoved =
      after === null ? ABSENT : { text: '#hash = :hash', names: { '#hash': 'hash' }, values: { ':hash': after } };
    if (await this.#table.put(endItem(end, entries), unmoved)) return true;
    await this.#table.pause(1);
    return false;
  }

  async #about(subject: Pseudonym, before: AuditPlace | null, limit: number): Promise<readonly StoredEntry[]> {
    const isWanted = (entry: StoredEntry): boolean =>
      entry.subject === subject && (before === null || placeText(entry) < placeText(before));
    const found = new Map(
      tailOf(await this.#table.get(END_KEY))
        .filter(isWanted)
        .map((entry) => [placeText(entry), entry]),
    );
    const keys: Item[] = [];
    const range = { pk: subjectKey(subject), from: ' ', to: before === null ? endOf('') : placeText(before) };
    for await (const pointer of this.#table.query({ ...range, descending: true, pageSize: limit + 1 })) {
      if (before !== null && pointer.sk === placeText(before)) continue;
      if (keys.push(pointer) >= limit) break;
    }
    for (const item of await this.#table.getMany(keys.map(pointedKey))) {
      const entry = entryOf(item.pk.slice(dayKey('').length), item);
      found.set(placeText(entry), entry);
    }
    return newestOf(found, limit);
  }

  async #newest(before: AuditPlace | null, limit: number): Promise<readonly StoredEntry[]> {
    const end = await this.#table.get(END_KEY);
    const isWanted = (entry: StoredEntry): boolean => before === null || placeText(entry) < placeText(before);
    const found = new Map(
      tailOf(end)
        .filter(isWanted)
        .map((entry) => [placeText(entry), entry]),
    );
    let read = 0;
    for await (const day of this.#daysBack(end, before?.day ?? null)) {
      if (read >= limit) break;
      const last = before?.day === day ? before.number - 1 : Number.MAX_SAFE_INTEGER;
      if (last < 1) continue;
      const range = { pk: dayKey(day), from: numberText(1), to: numberText(last) };
      for await (const item of this.#table.query({ ...range, descending: true, pageSize: limit - read })) {
        const entry = entryOf(day, item);
        found.set(placeText(entry), entry);
        if (++read >= limit) break;
      }
    }
    return newestOf(found, limit);
  }

  /** The days of the log up to this one, the newest first. */
  async *#daysBack(end: Item | null, to: AuditDay | null): AsyncGenerator<AuditDay> {
    const newest = end === null ? null : String(end['day']);
    if (newest !== null && (to === null || newest <= to)) yield newest;
    const range = { pk: AUDIT_KEY, from: HEAD_PREFIX, to: endOf(HEAD_PREFIX + (to ?? '')), only: ['sk'] };
    for await (const { sk } of this.#table.query({ ...range, descending: true })) {
      const day = sk.slice(HEAD_PREFIX.length);
      if (day !== newest) yield day;
    }
  }
}

/** By their places, the newest first. */
const newestOf = (found: ReadonlyMap<string, StoredEntry>, limit: number): readonly StoredEntry[] =>
  [...found]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, limit)
    .map(([, entry]) => entry);

/** Entries that are both where they stay and in the tail are those that stay. */
function merged(settled: readonly StoredEntry[], tail: readonly StoredEntry[]): readonly StoredEntry[] {
  const known = new Set(settled.map(({ number }) => number));
  return [...settled, ...tail.filter(({ number }) => !known.has(number))].sort((a, b) => a.number - b.number);
}
