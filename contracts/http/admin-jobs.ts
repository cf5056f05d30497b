import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, oneOf, queryInteger, text } from '../scalars.ts';

const UPLOAD_KIND_NAMES = ['health-data', 'healthkit', 'healthkit-export', 'pat-steps', 'pat-counts'] as const;

/** A job that was given up on: whose, on which upload, and why in one word; nothing of what was uploaded. */
export const FailedJob = object('FailedJob', {
  job_id: t.string,
  kind: oneOf(...UPLOAD_KIND_NAMES),
  user_id: t.string,
  processing_id: t.string,
  attempts: t.number,
  failed_at: t.string,
  reason: t.string,
});

const UPLOAD = '0f8e6c1b-2a3d-4e5f-8091-a2b3c4d5e6f7';
const OWNER = '11111111-1111-4111-8111-111111111111';
const EXAMPLE = {
  job_id: 'WyIxMTExMTExMS0xMTExLTQxMTEtODExMS0xMTExMTExMTExMTEiLCIwZjhlNmMxYi0yYTNkLTRlNWYtODA5MS1hMmIzYzRkNWU2ZjciXQ',
  kind: 'healthkit-export',
  user_id: OWNER,
  processing_id: UPLOAD,
  attempts: 5,
  failed_at: '2025-03-10T12:00:00.000+00:00',
  reason: 'dependency-unavailable',
};

const manages = { auth: 'manage-jobs', tag: 'Administration' } as const;
const params = object('FailedJobParams', { job_id: text(1, 1000) });

export const adminJobRoutes = routes({
  listFailedJobs: {
    ...manages,
    method: 'GET',
    path: '/api/v1/admin/jobs/failed',
    audit: { action: 'read', dataTypes: ['uploads'], subject: null },
    summary:
      'The jobs that were given up on and whose upload nobody has tried again, newest first. A page may be shorter than limit ' +
      'although there are more',
    query: object('FailedJobQuery', {}, { limit: queryInteger(1, 100), cursor: text(1, 1000) }),
    responses: {
      200: {
        kind: 'json',
        codec: object('FailedJobPage', {
          data: list(FailedJob, { min: 0, max: 100 }),
          pagination: object(
            'FailedJobPagination',
            { page_size: t.number, has_next: t.boolean },
            { next_cursor: t.string },
          ),
        }),
        description: 'One page.',
        example: { data: [EXAMPLE], pagination: { page_size: 50, has_next: false, next_cursor: null } },
      },
    },
    problems: ['invalid-cursor', 'validation-error'],
  },
  retryFailedJob: {
    ...manages,
    method: 'POST',
    path: '/api/v1/admin/jobs/failed/{job_id}/retry',
    audit: { action: 'update', dataTypes: ['uploads'], subject: null },
    summary: 'Queue the work of a failed job again; once, however many ask',
    params,
    responses: {
      202: {
        kind: 'json',
        codec: object('RetriedJob', { user_id: t.string, processing_id: t.string, status: t.string }),
        description: 'Queued. It is no failed job any more.',
        example: { user_id: OWNER, processing_id: UPLOAD, status: 'processing' },
      },
    },
    problems: ['resource-not-found', 'not-retryable', 'validation-error'],
  },
  dropFailedJob: {
    ...manages,
    method: 'DELETE',
    path: '/api/v1/admin/jobs/failed/{job_id}',
    audit: { action: 'delete', dataTypes: ['uploads'], subject: null },
    summary: 'Take a failed job off the list. The upload stays as it is, and its owner can still try again',
    params,
    responses: { 204: { kind: 'empty', description: 'It is not on the list any more.' } },
    problems: ['resource-not-found', 'validation-error'],
  },
});
