import * as t from 'io-ts';
import { AUDIT_ACTION_NAMES } from '../audit.ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, oneOf, queryInteger, text } from '../scalars.ts';

/**
 * `actor`: `you`; `person` for somebody else, whom `actor_ref` tells from others without naming them; `system` for the
 * installation itself; `operator` for whoever runs it; `unknown` where nobody had said who they are. `on_behalf_of` is `you`
 * for what was done because you have consented to it, or by a job of yours; `actor_id` is then whom you gave the consent.
 */
export const AuditLogEntry = object(
  'AuditLogEntry',
  {
    event_id: t.string,
    at: t.string,
    actor: oneOf('you', 'person', 'system', 'operator', 'unknown'),
    actor_roles: list(t.string, { min: 0, max: 10 }),
    action: oneOf(...AUDIT_ACTION_NAMES),
    operation: t.string,
    data_types: list(t.string, { min: 0, max: 20 }),
    outcome: oneOf('done', 'refused', 'failed'),
    request_id: t.string,
  },
  { actor_ref: t.string, actor_id: t.string, on_behalf_of: oneOf('you', 'person'), problem: t.string },
);

export const AuditLogPage = object('AuditLogPage', {
  data: list(AuditLogEntry, { min: 0, max: 100 }),
  pagination: object('AuditLogPagination', { page_size: t.number, has_next: t.boolean }, { next_cursor: t.string }),
});

const EXAMPLE = {
  event_id: '0f8e6c1b-2a3d-4e5f-8091-a2b3c4d5e6f7',
  at: '2025-03-10T12:00:00.000+00:00',
  actor: 'you',
  actor_ref: null,
  actor_id: null,
  on_behalf_of: null,
  actor_roles: ['patient'],
  action: 'read',
  operation: 'listHealthData',
  data_types: ['metrics'],
  outcome: 'done',
  problem: null,
  request_id: '5f0c2a4e-93a4-4a57-9d0e-0b8f6e2c7a11',
};

export const auditRoutes = routes({
  listAuditLog: {
    method: 'GET',
    path: '/api/v1/audit',
    auth: 'read-own-data',
    audit: { action: 'read', dataTypes: ['audit-log'] },
    tag: 'Me',
    summary: 'What was done with my data, by whom and when, the newest first',
    query: object('AuditLogQuery', {}, { limit: queryInteger(1, 100), cursor: text(1, 200) }),
    responses: {
      200: {
        kind: 'json',
        codec: AuditLogPage,
        description: 'One page. That it was read is written down too, and is on the next first page.',
        example: { data: [EXAMPLE], pagination: { page_size: 50, has_next: false, next_cursor: null } },
      },
    },
    problems: ['invalid-cursor', 'validation-error'],
  },
});
