import { ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import type { ConsentStore } from '../consent/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { entryContent } from './entry-text.ts';
import { isAgent, type AuditEvent, type AuditPlace, type Pseudonym } from './model.ts';
import type { AuditPseudonyms, AuditStore } from './ports.ts';

export interface ReadOwnLogPorts {
  readonly auditStore: Pick<AuditStore, 'about'>;
  readonly auditPseudonyms: Pick<AuditPseudonyms, 'known'>;
  readonly consents: Pick<ConsentStore, 'ofPatient'>;
}

/** An event about somebody, and where it is in the log. */
export interface PlacedEvent extends AuditPlace {
  readonly event: AuditEvent;
}

export interface OwnLogPage {
  /** The pseudonym of whoever reads; null where the log knows nothing of them. */
  readonly self: Pseudonym | null;
  /** The newest first. */
  readonly events: readonly PlacedEvent[];
  /** Of those who have acted because the person consented to it, whom they gave the consent. */
  readonly grantees: ReadonlyMap<Pseudonym, UserId>;
  /** Where the next page goes on; null where there is none. */
  readonly next: AuditPlace | null;
}

const NOBODY: ReadonlyMap<Pseudonym, UserId> = new Map();

/** What was done with a person's data, by whom. An entry that cannot be read any more is left out; `verifyAudit` finds it. */
export function readOwnLog(ports: ReadOwnLogPorts) {
  const { auditStore, auditPseudonyms } = ports;
  return (
    owner: UserId,
    page: { readonly before: AuditPlace | null; readonly limit: number },
  ): ResultAsync<OwnLogPage, PortUnavailable> =>
    safeTry(async function* () {
      const self = yield* auditPseudonyms.known(owner);
      if (self === null) return ok({ self, events: [], grantees: NOBODY, next: null });
      const found = yield* auditStore.about(self, page.before, page.limit + 1);
      const shown = found.slice(0, page.limit);
      const events = shown.flatMap(({ day, number, text }) => {
        const content = entryContent(text);
        return content === null ? [] : [{ day, number, event: content.event }];
      });
      const last = shown.at(-1);
      const hasNext = found.length > shown.length && last !== undefined;
      const grantees = yield* granteesIn(ports, owner, self, events);
      return ok({ self, events, grantees, next: hasNext ? { day: last.day, number: last.number } : null });
    });
}

/**
 * Who has acted under a consent of the person. Only of such events it is told: whoever else has tried stays a pseudonym, also
 * where the person guesses who it was and gives them a consent.
 */
function granteesIn(
  { auditPseudonyms, consents }: ReadOwnLogPorts,
  owner: UserId,
  self: Pseudonym,
  events: readonly PlacedEvent[],
): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable> {
  const acting = new Set<Pseudonym>();
  for (const { event } of events) {
    const { actor, onBehalfOf } = event;
    if (onBehalfOf === self && actor !== null && !isAgent(actor)) acting.add(actor);
  }
  if (acting.size === 0) return okAsync(NOBODY);
  return safeTry(async function* () {
    const given = yield* consents.ofPatient(owner);
    const found = new Map<Pseudonym, UserId>();
    for (const grantee of new Set(given.map((consent) => consent.grantee))) {
      const known = yield* auditPseudonyms.known(grantee);
      if (known !== null && acting.has(known)) found.set(known, grantee);
      if (found.size === acting.size) break;
    }
    return ok(found);
  });
}
