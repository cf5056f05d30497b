import { errAsync, ok } from 'neverthrow';
import type { Routes } from '../../../contracts/routes.ts';
import type { QueryOf } from '../../../contracts/route.ts';
import { exportedLineText } from '../../../core/audit/exported-line.ts';
import { exportLog, type ExportedLine } from '../../../core/audit/export-log.ts';
import { isAgent, type AuditActor, type Pseudonym } from '../../../core/audit/model.ts';
import type { AuditPseudonyms, AuditStore } from '../../../core/audit/ports.ts';
import { searchLog, type FoundEvent } from '../../../core/audit/search-log.ts';
import type { SoughtEntries } from '../../../core/audit/sought-entries.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { keptRequestId } from '../../wiring/log/kept-request-id.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { readAuditCursor, writeAuditCursor } from './audit-cursor.ts';
import { isoUtc } from './wire-values.ts';

export interface AdminAuditEndpointDeps {
  readonly auditStore: AuditStore;
  readonly auditPseudonyms: AuditPseudonyms;
}

const DEFAULT_PAGE_SIZE = 50;

/** The whole audit log, for whoever looks after the installation. */
export function adminAuditEndpoints(
  deps: AdminAuditEndpointDeps,
): Pick<Endpoints, 'searchAuditLog' | 'exportAuditLog'> {
  return {
    searchAuditLog: ({ query, concerns }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const before = query.cursor == null ? ok(null) : readAuditCursor(query.cursor);
      if (before.isErr()) return errAsync(before.error);
      const sought = soughtBy(query);
      return searchLog(deps)(sought, { before: before.value, limit }).map(({ events, people, about, next }) => {
        if (about !== null) concerns(about);
        return {
          status: 200,
          body: {
            data: events.map((found) => wireFound(found, people)),
            pagination: {
              page_size: limit,
              has_next: next !== null,
              next_cursor: next === null ? null : writeAuditCursor(next),
            },
          },
        };
      });
    },
    exportAuditLog: ({ query, concerns, cancelled, clock }) => {
      const sought = soughtBy(query);
      return exportLog({ ...deps, clock })(sought, () => cancelled.aborted).map(({ about, lines }) => {
        if (about !== null) concerns(about);
        return {
          status: 200 as const,
          headers: { 'Content-Disposition': 'attachment; filename="clarity-audit.ndjson"' },
          stream: textOf(lines),
        };
      });
    },
  };
}

const soughtBy = (query: QueryOf<Routes['exportAuditLog']>): SoughtEntries => ({
  subject: query.subject ?? null,
  actor: query.actor ?? null,
  action: query.action ?? null,
  outcome: query.outcome ?? null,
  dataType: query.data_type ?? null,
  requestId: query.request_id == null ? null : keptRequestId(query.request_id),
  from: query.from ?? null,
  to: query.to ?? null,
});

function wireFound({ event, day, number, hash }: FoundEvent, people: ReadonlyMap<Pseudonym, UserId>) {
  const refOf = (one: AuditActor | null): Pseudonym | null => (one === null || isAgent(one) ? null : one);
  const idOf = (one: AuditActor | null): UserId | null => {
    const ref = refOf(one);
    return ref === null ? null : (people.get(ref) ?? null);
  };
  const { actor, onBehalfOf, subject } = event;
  return {
    event_id: event.id,
    at: isoUtc(event.atMs),
    day,
    number,
    hash,
    actor: actor === null ? ('unknown' as const) : isAgent(actor) ? actor : ('person' as const),
    actor_ref: refOf(actor),
    actor_id: idOf(actor),
    actor_roles: event.actorRoles,
    on_behalf_of_ref: onBehalfOf,
    on_behalf_of_id: idOf(onBehalfOf),
    subject_ref: subject,
    subject_id: idOf(subject),
    action: event.action,
    operation: event.operation,
    data_types: event.dataTypes,
    outcome: event.outcome,
    problem: event.problem,
    request_id: event.requestId,
  };
}

/** Lines that are sent together. */
const PIECE_CHARACTERS = 65_536;

async function* textOf(lines: AsyncIterable<ExportedLine>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = '';
  for await (const line of lines) {
    piece += `${exportedLineText(line)}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(piece);
    piece = '';
  }
  if (piece !== '') yield encoder.encode(piece);
}
