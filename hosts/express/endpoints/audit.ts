import { err, errAsync, ok, type Result } from 'neverthrow';
import { isAgent, type AuditEvent, type AuditPlace, type Pseudonym } from '../../../core/audit/model.ts';
import { readOwnLog, type ReadOwnLogPorts } from '../../../core/audit/read-own-log.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

const DEFAULT_PAGE_SIZE = 50;

/** A person's own part of the audit log. */
export function auditEndpoints(deps: ReadOwnLogPorts): Pick<Endpoints, 'listAuditLog'> {
  return {
    listAuditLog: ({ query, principal }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const before = query.cursor == null ? ok(null) : readCursor(query.cursor);
      if (before.isErr()) return errAsync(before.error);
      return readOwnLog(deps)(principal.userId, { before: before.value, limit }).map(({ self, events, next }) => ({
        status: 200,
        body: {
          data: events.map(({ event }) => wireEvent(self, event)),
          pagination: {
            page_size: limit,
            has_next: next !== null,
            next_cursor: next === null ? null : writeCursor(next),
          },
        },
      }));
    },
  };
}

const wireEvent = (self: Pseudonym | null, event: AuditEvent) => ({
  event_id: event.id,
  at: isoUtc(event.atMs),
  ...wireActor(self, event.actor),
  actor_roles: event.actorRoles,
  action: event.action,
  operation: event.operation,
  data_types: event.dataTypes,
  outcome: event.outcome,
  problem: event.problem,
  request_id: event.requestId,
});

function wireActor(self: Pseudonym | null, actor: AuditEvent['actor']) {
  if (actor === null) return { actor: 'unknown' as const, actor_ref: null };
  if (isAgent(actor)) return { actor, actor_ref: null };
  return actor === self ? { actor: 'you' as const, actor_ref: null } : { actor: 'person' as const, actor_ref: actor };
}

const writeCursor = ({ day, number }: AuditPlace): string =>
  Buffer.from(`${day}.${String(number)}`).toString('base64url');

function readCursor(cursor: string): Result<AuditPlace, { readonly kind: 'invalid-cursor' }> {
  const match = /^(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,11})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const place = { day: match?.[1] ?? '', number: Number(match?.[2]) };
  // Decoding base64 forgives what does not belong to it.
  return match !== null && writeCursor(place) === cursor ? ok(place) : err({ kind: 'invalid-cursor' });
}
