import { ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import { orInterrupt } from '../archive/export-pages.ts';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { entryContent } from './entry-text.ts';
import type { AuditDay, Pseudonym, SignedHead, StoredEntry } from './model.ts';
import type { AuditPseudonyms, AuditStore } from './ports.ts';
import {
  entryFilter,
  isOfWholeDays,
  isSought,
  peopleIn,
  soughtPerson,
  type EntryFilter,
  type SoughtEntries,
} from './sought-entries.ts';

export interface ExportLogPorts {
  readonly auditStore: Pick<AuditStore, 'end' | 'days' | 'entries'>;
  readonly auditPseudonyms: Pick<AuditPseudonyms, 'known' | 'owners'>;
  readonly clock: Clock;
}

/** A line of an export of the log. */
export type ExportedLine =
  /** The first: what the others are. Of `wholeDays` nothing was left out, so that their chain can be walked along. */
  | { readonly kind: 'export'; readonly madeAtMs: EpochMs; readonly sought: SoughtEntries; readonly wholeDays: boolean }
  /** Before the entries of each day; null where the log has no head for it. */
  | { readonly kind: 'day'; readonly day: AuditDay; readonly head: SignedHead | null }
  /** With the people in it who were still here when it was exported. */
  | {
      readonly kind: 'entry';
      readonly entry: Omit<StoredEntry, 'subject'>;
      readonly people: ReadonlyMap<Pseudonym, UserId>;
    }
  /** The last: without it the export was cut off. */
  | { readonly kind: 'end'; readonly entries: number };

export interface LogExport {
  /** Whose data are exported; null where nobody in particular is meant, or they are not here any more. */
  readonly about: UserId | null;
  /** Throws `ExportInterrupted` where a port does not answer, or the export was cancelled. */
  readonly lines: AsyncIterable<ExportedLine>;
}

/** A day that is exported, and how many of its entries there were when the export began. */
interface ExportedDay {
  readonly day: AuditDay;
  readonly head: SignedHead | null;
  readonly upTo: number;
}

const ENTRIES_A_PAGE = 500;

/**
 * The entries that are looked for, the oldest first, made while they are read, with the heads of their days: of the newest day
 * the one that it had when the export began, and the entries up to that.
 */
export function exportLog(ports: ExportLogPorts) {
  return (sought: SoughtEntries, isCancelled: () => boolean): ResultAsync<LogExport, PortUnavailable> =>
    safeTry(async function* () {
      const filter = yield* entryFilter(ports)(sought);
      const days = filter === null ? [] : yield* daysOf(ports.auditStore, filter);
      const madeAtMs = ports.clock.now();
      const lines = linesOf(ports, { sought, filter, days, madeAtMs, isCancelled });
      return ok({ about: yield* soughtPerson(ports, filter?.subject ?? null), lines });
    });
}

function daysOf(
  auditStore: ExportLogPorts['auditStore'],
  { from, to }: EntryFilter,
): ResultAsync<readonly ExportedDay[], PortUnavailable> {
  return auditStore.end().andThen((end) =>
    (end === null ? okAsync([]) : auditStore.days()).map((days) =>
      days
        // What has begun since the end was looked at is of another export.
        .filter(({ day }) => (from === null || day >= from) && (to === null || day <= to) && day <= (end?.day ?? ''))
        .map(({ day, head }) =>
          day === end?.day ? { day, head: end, upTo: end.count } : { day, head, upTo: Number.MAX_SAFE_INTEGER },
        ),
    ),
  );
}

interface ExportPlan {
  readonly sought: SoughtEntries;
  /** Null where nothing can be found. */
  readonly filter: EntryFilter | null;
  readonly days: readonly ExportedDay[];
  readonly madeAtMs: EpochMs;
  readonly isCancelled: () => boolean;
}

async function* linesOf(ports: ExportLogPorts, plan: ExportPlan): AsyncGenerator<ExportedLine> {
  const { sought, filter, days, madeAtMs } = plan;
  let entries = 0;
  yield { kind: 'export', madeAtMs, sought, wholeDays: isOfWholeDays(sought) };
  for (const { day, head, upTo } of days) {
    yield { kind: 'day', day, head };
    for await (const page of pagesOf(ports, plan, day, upTo)) {
      const wanted = page.filter((entry) => isWanted(filter, entry));
      const events = wanted.flatMap(({ text }) => entryContent(text)?.event ?? []);
      const people = orInterrupt(plan, await peopleIn(ports)(events));
      for (const { subject: _, ...entry } of wanted) {
        entries++;
        yield { kind: 'entry', entry, people: ofEntry(entry.text, people) };
      }
    }
  }
  yield { kind: 'end', entries };
}

async function* pagesOf(
  { auditStore }: ExportLogPorts,
  plan: ExportPlan,
  day: AuditDay,
  upTo: number,
): AsyncGenerator<readonly StoredEntry[]> {
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const page: readonly StoredEntry[] = orInterrupt(plan, await auditStore.entries(day, after, ENTRIES_A_PAGE));
    const wanted = page.filter(({ number }) => number <= upTo);
    if (wanted.length > 0) yield wanted;
    const last: StoredEntry | undefined = page.at(-1);
    if (last === undefined || page.length < ENTRIES_A_PAGE || wanted.length < page.length) return;
    after = last.number;
  }
}

/** Of whole days also those that cannot be read are: that they were altered is to be seen in the export too. */
function isWanted(filter: EntryFilter | null, { text }: StoredEntry): boolean {
  if (filter === null) return false;
  const event = entryContent(text)?.event;
  return event === undefined ? isOfWholeDays(filter) : isSought(filter, event);
}

/** Those of the people whose pseudonyms stand in the text. */
const ofEntry = (text: string, people: ReadonlyMap<Pseudonym, UserId>): ReadonlyMap<Pseudonym, UserId> => {
  const event = entryContent(text)?.event;
  const named = new Set<unknown>([event?.actor, event?.onBehalfOf, event?.subject]);
  return new Map([...people].filter(([of]) => named.has(of)));
};
