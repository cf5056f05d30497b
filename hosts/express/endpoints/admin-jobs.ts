import { errAsync } from 'neverthrow';
import {
  dropFailedJob,
  listFailedJobs,
  retryFailedJob,
  type FailedJobName,
  type FailedJobPorts,
  type StandingFailedJob,
} from '../../../core/admin/failed-jobs.ts';
import type { FailedJobPlace } from '../../../core/health-data/failed-jobs.ts';
import { notFound } from '../../../core/kernel/errors.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { opaqueText, partsOf } from './cursor.ts';
import { isoUtc } from './wire-values.ts';

const DEFAULT_PAGE_SIZE = 50;

type AdminJobEndpoints = Pick<Endpoints, 'listFailedJobs' | 'retryFailedJob' | 'dropFailedJob'>;

/** Jobs that were given up on, for administrators. */
export function adminJobEndpoints(ports: Omit<FailedJobPorts, 'clock'>): AdminJobEndpoints {
  return {
    listFailedJobs: ({ query }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const after = query.cursor == null ? null : readPlace(query.cursor);
      if (query.cursor != null && after === null) return errAsync({ kind: 'invalid-cursor' });
      return listFailedJobs(ports)(after, limit).map(({ jobs, next }) => ({
        status: 200,
        body: {
          data: jobs.map(wireJob),
          pagination: {
            page_size: limit,
            has_next: next !== null,
            next_cursor: next === null ? null : opaqueText([next.failedAtMs, next.owner, next.upload]),
          },
        },
      }));
    },
    retryFailedJob: ({ params, clock, concerns }) => {
      const name = readName(params.job_id);
      if (name === null) return errAsync(notFound('job', params.job_id));
      return retryFailedJob({ ...ports, clock })(name).map(({ owner, processingId: upload, status }) => {
        concerns(owner);
        return { status: 202, body: { user_id: owner, processing_id: upload, status } };
      });
    },
    dropFailedJob: ({ params, concerns }) => {
      const name = readName(params.job_id);
      if (name === null) return errAsync(notFound('job', params.job_id));
      return dropFailedJob(ports)(name).map(({ owner }) => {
        concerns(owner);
        return { status: 204 };
      });
    },
  };
}

const wireJob = ({ owner, upload, kind, attempts, failedAtMs, reason }: StandingFailedJob) => ({
  job_id: opaqueText([owner, upload]),
  kind,
  user_id: owner,
  processing_id: upload,
  attempts,
  failed_at: isoUtc(failedAtMs),
  reason,
});

/** Null for what `opaqueText` did not write of the owner and the upload. */
function readName(jobId: string): FailedJobName | null {
  const [owner, upload, ...rest] = partsOf(jobId);
  if (typeof owner !== 'string' || typeof upload !== 'string' || rest.length > 0) return null;
  return { owner: userId(owner), upload: processingId(upload) };
}

function readPlace(cursor: string): FailedJobPlace | null {
  const [failedAtMs, owner, upload, ...rest] = partsOf(cursor);
  if (typeof failedAtMs !== 'number' || typeof owner !== 'string' || typeof upload !== 'string') return null;
  return rest.length > 0 ? null : { failedAtMs, owner: userId(owner), upload: processingId(upload) };
}
