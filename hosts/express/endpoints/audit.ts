import { errAsync, ok } from 'neverthrow';
import { isAgent, type AuditEvent, type Pseudonym } from '../../../core/audit/model.ts';
import { readOwnLog, type ReadOwnLogPorts } from '../../../core/audit/read-own-log.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readAuditCursor, writeAuditCursor } from './audit-cursor.ts';
import { isoUtc } from './wire-values.ts';

const DEFAULT_PAGE_SIZE = 50;

/** A person's own part of the audit log. */
export function auditEndpoints(deps: ReadOwnLogPorts): Pick<Endpoints, 'listAuditLog'> {
  return {
    listAuditLog: ({ query, principal }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const before = query.cursor == null ? ok(null) : readAuditCursor(query.cursor);
      if (before.isErr()) return errAsync(before.error);
      return readOwnLog(deps)(principal.userId, { before: before.value, limit }).map(
        ({ self, events, grantees, next }) => ({
          status: 200,
          body: {
            data: events.map(({ event }) => wireEvent(self, event, grantees)),
            pagination: {
              page_size: limit,
              has_next: next !== null,
              next_cursor: next === null ? null : writeAuditCursor(next),
            },
          },
        }),
      );
    },
  };
}

export const wireEvent = (self: Pseudonym | null, event: AuditEvent, grantees: ReadonlyMap<Pseudonym, UserId>) => ({
  event_id: event.id,
  at: isoUtc(event.atMs),
  ...wireActor(self, event.actor),
  actor_id: event.onBehalfOf === self && isPerson(event.actor) ? (grantees.get(event.actor) ?? null) : null,
  on_behalf_of: event.onBehalfOf === null ? null : event.onBehalfOf === self ? ('you' as const) : ('person' as const),
  actor_roles: event.actorRoles,
  action: event.action,
  operation: event.operation,
  data_types: event.dataTypes,
  outcome: event.outcome,
  problem: event.problem,
  request_id: event.requestId,
});

const isPerson = (actor: AuditEvent['actor']): actor is Pseudonym => actor !== null && !isAgent(actor);

function wireActor(self: Pseudonym | null, actor: AuditEvent['actor']) {
  if (actor === null) return { actor: 'unknown' as const, actor_ref: null };
  if (isAgent(actor)) return { actor, actor_ref: null };
  return actor === self ? { actor: 'you' as const, actor_ref: null } : { actor: 'person' as const, actor_ref: actor };
}
