import { okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import { userId, type UserId } from '../kernel/ids.ts';
import {
  isAgent,
  isPseudonym,
  type AuditAction,
  type AuditActor,
  type AuditDay,
  type AuditEvent,
  type AuditOutcome,
  type Pseudonym,
} from './model.ts';
import type { AuditPseudonyms } from './ports.ts';

/** Which entries of the log somebody looks for; null for any. */
export interface SoughtEntries {
  /** Whose data they are about: an id of a person, or a pseudonym, by which also somebody is found who was erased. */
  readonly subject: string | null;
  /** Who acted: the same, or an agent. */
  readonly actor: string | null;
  readonly action: AuditAction | null;
  readonly outcome: AuditOutcome | null;
  readonly dataType: string | null;
  readonly requestId: string | null;
  /** Days of the log, both included. */
  readonly from: AuditDay | null;
  readonly to: AuditDay | null;
}

export const ANY_ENTRY: SoughtEntries = {
  subject: null,
  actor: null,
  action: null,
  outcome: null,
  dataType: null,
  requestId: null,
  from: null,
  to: null,
};

/** The same by what stands in entries. */
export interface EntryFilter extends Omit<SoughtEntries, 'subject' | 'actor'> {
  readonly subject: Pseudonym | null;
  readonly actor: AuditActor | null;
}

export interface EntryFilterPorts {
  readonly auditPseudonyms: Pick<AuditPseudonyms, 'known'>;
}

/** By what to know the entries; null where somebody is looked for of whom the log knows nothing. */
export function entryFilter({ auditPseudonyms }: EntryFilterPorts) {
  const pseudonymOf = (person: string | null): ResultAsync<Pseudonym | null, PortUnavailable> =>
    person === null || isPseudonym(person) ? okAsync(person) : auditPseudonyms.known(userId(person));
  return (sought: SoughtEntries): ResultAsync<EntryFilter | null, PortUnavailable> =>
    pseudonymOf(sought.subject).andThen((subject) =>
      (isAgent(sought.actor)
        ? okAsync<AuditActor | null, PortUnavailable>(sought.actor)
        : pseudonymOf(sought.actor)
      ).map((actor) => {
        const isUnknown = (sought.subject !== null && subject === null) || (sought.actor !== null && actor === null);
        return isUnknown ? null : { ...sought, subject, actor };
      }),
    );
}

/** Whether the event, of whatever day, is looked for. */
export const isSought = (
  { subject, actor, action, outcome, dataType, requestId }: EntryFilter,
  event: AuditEvent,
): boolean =>
  (subject === null || event.subject === subject) &&
  (actor === null || event.actor === actor) &&
  (action === null || event.action === action) &&
  (outcome === null || event.outcome === outcome) &&
  (dataType === null || event.dataTypes.includes(dataType)) &&
  (requestId === null || event.requestId === requestId);

/** Whether all entries of its days are looked for. */
export const isOfWholeDays = ({ from: _from, to: _to, ...others }: SoughtEntries): boolean =>
  Object.values(others).every((value) => value === null);

/** Whose data are looked for; null where nobody in particular is meant, or they are not here any more. */
export const soughtPerson = (
  { auditPseudonyms }: { readonly auditPseudonyms: Pick<AuditPseudonyms, 'owners'> },
  subject: Pseudonym | null,
): ResultAsync<UserId | null, PortUnavailable> =>
  subject === null ? okAsync(null) : auditPseudonyms.owners([subject]).map((owners) => owners.get(subject) ?? null);

/** The people who are named by some events, where they are still here. */
export function peopleIn({ auditPseudonyms }: { readonly auditPseudonyms: Pick<AuditPseudonyms, 'owners'> }) {
  return (events: readonly AuditEvent[]): ResultAsync<ReadonlyMap<Pseudonym, UserId>, PortUnavailable> => {
    const named = new Set<Pseudonym>();
    for (const { actor, onBehalfOf, subject } of events) {
      for (const one of [actor, onBehalfOf, subject]) if (one !== null && !isAgent(one)) named.add(one);
    }
    return auditPseudonyms.owners([...named]);
  };
}
