import * as t from 'io-ts';
import { AUDIT_ACTION_NAMES, AUDIT_DATA_TYPES } from '../audit.ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { date, list, oneOf, queryInteger, text } from '../scalars.ts';

const OUTCOMES = ['done', 'refused', 'failed'] as const;

/**
 * `..._ref` are the pseudonyms that stand in the log; `..._id` is the person whose they are, and null once they are erased.
 * `day` and `number` are the place in the log, and `hash` what the entry after it goes on from.
 */
export const FoundAuditEntry = object(
  'FoundAuditEntry',
  {
    event_id: t.string,
    at: t.string,
    day: t.string,
    number: t.number,
    hash: t.string,
    actor: oneOf('person', 'system', 'operator', 'unknown'),
    actor_roles: list(t.string, { min: 0, max: 10 }),
    action: oneOf(...AUDIT_ACTION_NAMES),
    operation: t.string,
    data_types: list(t.string, { min: 0, max: 20 }),
    outcome: oneOf(...OUTCOMES),
    request_id: t.string,
  },
  {
    actor_ref: t.string,
    actor_id: t.string,
    on_behalf_of_ref: t.string,
    on_behalf_of_id: t.string,
    subject_ref: t.string,
    subject_id: t.string,
    problem: t.string,
  },
);

export const FoundAuditPage = object('FoundAuditPage', {
  data: list(FoundAuditEntry, { min: 0, max: 100 }),
  pagination: object('FoundAuditPagination', { page_size: t.number, has_next: t.boolean }, { next_cursor: t.string }),
});

const person = text(1, 200);

/** What entries are looked for by. People are named by their ids, or by pseudonyms; an actor by `system` or `operator` too. */
const filter = {
  subject: person,
  actor: person,
  action: oneOf(...AUDIT_ACTION_NAMES),
  outcome: oneOf(...OUTCOMES),
  data_type: oneOf(...AUDIT_DATA_TYPES),
  request_id: text(1, 200),
  from: date,
  to: date,
};

const PATIENT = '11111111-1111-4111-8111-111111111111';
const EXAMPLE = {
  event_id: '0f8e6c1b-2a3d-4e5f-8091-a2b3c4d5e6f7',
  at: '2025-03-10T12:00:00.000+00:00',
  day: '2025-03-10',
  number: 40,
  hash: '9f2c4f0b8c1f2a39d2f6c8b1e0a4d7935b6c8e1f20314253647586978a9bacbd',
  actor: 'person',
  actor_ref: 'p_5f0c2a4e93a44a579d0e0b8f6e2c7a11',
  actor_id: '22222222-2222-4222-8222-222222222222',
  actor_roles: ['patient', 'clinician'],
  on_behalf_of_ref: 'p_00000000000040008000000000000a0a',
  on_behalf_of_id: PATIENT,
  subject_ref: 'p_00000000000040008000000000000a0a',
  subject_id: PATIENT,
  action: 'read',
  operation: 'readPatientSeries',
  data_types: ['metrics', 'samples'],
  outcome: 'done',
  problem: null,
  request_id: '5f0c2a4e-93a4-4a57-9d0e-0b8f6e2c7a11',
};

const reads = { method: 'GET', auth: 'read-audit-log', tag: 'Administration' } as const;

export const adminAuditRoutes = routes({
  searchAuditLog: {
    ...reads,
    path: '/api/v1/admin/audit',
    audit: { action: 'read', dataTypes: ['audit-log'], subject: null },
    summary:
      'Entries of the whole audit log, the newest first. from and to are days of the log in UTC, both included. A search that ' +
      'finds little answers few entries, or none, and a cursor to go on with',
    query: object('AuditSearchQuery', {}, { ...filter, limit: queryInteger(1, 100), cursor: text(1, 200) }),
    responses: {
      200: {
        kind: 'json',
        codec: FoundAuditPage,
        description: 'One page; that it was searched is written down too, for whom it was about.',
        example: { data: [EXAMPLE], pagination: { page_size: 50, has_next: false, next_cursor: null } },
      },
    },
    problems: ['invalid-cursor', 'validation-error'],
  },
  exportAuditLog: {
    ...reads,
    path: '/api/v1/admin/audit/export',
    audit: { action: 'export', dataTypes: ['audit-log'], subject: null },
    duration: 'long',
    summary:
      'The same entries, all of them and the oldest first, as they are kept, with the signed heads of their days: clarity audit ' +
      'verify --file tells whether something of it was changed',
    query: object('AuditExportQuery', {}, filter),
    responses: {
      200: {
        kind: 'stream',
        mediaType: 'application/x-ndjson',
        description: 'JSON a line, made while it is sent; the last line has the kind "end", or it was cut off.',
      },
    },
    problems: ['validation-error'],
  },
});
