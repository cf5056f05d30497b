import { isAgent, type AuditEvent, type Pseudonym } from '../audit/model.ts';
import type { OwnLogPage } from '../audit/read-own-log.ts';
import type { UserId } from '../kernel/ids.ts';
import { instantFields } from './instants.ts';

/** What somebody did with the person's data, as a line of the archive; people are told apart by pseudonyms, without being named. */
export function auditLine(event: AuditEvent, { self, grantees }: Pick<OwnLogPage, 'self' | 'grantees'>): object {
  const { actor, onBehalfOf } = event;
  const isYou = (one: Pseudonym | null): boolean => one !== null && one === self;
  const person = actor === null || isAgent(actor) || isYou(actor) ? null : actor;
  const grantee: UserId | null = person !== null && isYou(onBehalfOf) ? (grantees.get(person) ?? null) : null;
  return {
    event_id: event.id,
    ...instantFields('at', event.atMs),
    actor: actor === null ? 'unknown' : isAgent(actor) ? actor : person === null ? 'you' : 'person',
    actor_ref: person,
    actor_id: grantee,
    actor_roles: event.actorRoles,
    on_behalf_of: onBehalfOf === null ? null : isYou(onBehalfOf) ? 'you' : 'person',
    action: event.action,
    operation: event.operation,
    data_types: event.dataTypes,
    outcome: event.outcome,
    problem: event.problem,
    request_id: event.requestId,
  };
}
