import { ok, safeTry, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { entryContent } from './entry-text.ts';
import type { AuditPlace, Pseudonym, StoredEntry } from './model.ts';
import type { AuditPseudonyms, AuditStore } from './ports.ts';
import type { PlacedEvent } from './read-own-log.ts';
import {
  entryFilter,
  isSought,
  peopleIn,
  soughtPerson,
  type EntryFilter,
  type SoughtEntries,
} from './sought-entries.ts';

export interface SearchLogPorts {
  readonly auditStore: Pick<AuditStore, 'about' | 'newest'>;
  readonly auditPseudonyms: Pick<AuditPseudonyms, 'known' | 'owners'>;
}

/** An entry that was found, with the hash that the chain goes on from. */
export interface FoundEvent extends PlacedEvent {
  readonly hash: string;
}

export interface FoundPage {
  /** The newest first. */
  readonly events: readonly FoundEvent[];
  /** Those of the people in them who are still here. */
  readonly people: ReadonlyMap<Pseudonym, UserId>;
  /** Whose data were looked for; null where nobody in particular is meant, or they are not here any more. */
  readonly about: UserId | null;
  /** Where to look on; null where there is nothing more. */
  readonly next: AuditPlace | null;
}

/** A page that had to look at so many entries ends there, with as many as it has found. */
const MOST_LOOKED_AT = 2000;
const READ_AT_ONCE = 500;

const NOTHING: FoundPage = { events: [], people: new Map(), about: null, next: null };

/**
 * Entries of the whole log, the newest first, a page at a time. The work of a page is bounded: one that finds little
 * answers few entries, or none, and still tells where to look on. An entry that cannot be read any more is left out;
 * `verifyAudit` finds it.
 */
export function searchLog(ports: SearchLogPorts) {
  return (
    sought: SoughtEntries,
    page: { readonly before: AuditPlace | null; readonly limit: number },
  ): ResultAsync<FoundPage, PortUnavailable> =>
    safeTry(async function* () {
      const filter = yield* entryFilter(ports)(sought);
      if (filter === null) return ok(NOTHING);
      const { events, next } = yield* lookBack(ports.auditStore, filter, page.before, page.limit);
      const people = yield* peopleIn(ports)(events.map(({ event }) => event));
      return ok({ events, people, about: yield* soughtPerson(ports, filter.subject), next });
    });
}

function lookBack(
  store: SearchLogPorts['auditStore'],
  filter: EntryFilter,
  before: AuditPlace | null,
  limit: number,
): ResultAsync<Pick<FoundPage, 'events' | 'next'>, PortUnavailable> {
  const { subject, from } = filter;
  return safeTry(async function* () {
    const events: FoundEvent[] = [];
    let place = startOf(filter, before);
    let atOnce = Math.min(limit + 1, READ_AT_ONCE);
    for (let looked = 0; looked < MOST_LOOKED_AT; atOnce = READ_AT_ONCE) {
      const some: readonly StoredEntry[] = yield* subject === null
        ? store.newest(place, atOnce)
        : store.about(subject, place, atOnce);
      for (const { day, number, hash, text } of some) {
        if (from !== null && day < from) return ok({ events, next: null });
        const event = entryContent(text)?.event;
        if (event !== undefined && isSought(filter, event)) {
          if (events.length === limit) return ok({ events, next: place });
          events.push({ day, number, hash, event });
        }
        place = { day, number };
      }
      if (some.length < atOnce) return ok({ events, next: null });
      looked += some.length;
    }
    return ok({ events, next: place });
  });
}

/** Just after the last day that is asked for, or where the page before has ended. */
function startOf({ to }: EntryFilter, before: AuditPlace | null): AuditPlace | null {
  const last = to === null ? null : { day: to, number: Number.MAX_SAFE_INTEGER };
  return before === null || (last !== null && last.day < before.day) ? last : before;
}
