import type { Result } from 'neverthrow';
import {
  PROCESSING_STATUSES,
  UPLOAD_KINDS,
  type ImportNotice,
  type Upload,
  type UploadCounts,
} from '../health-data/model.ts';
import { processingId, type UserId } from '../kernel/ids.ts';
import { localZone } from '../kernel/local-time.ts';
import { FieldReader } from './field-reader.ts';
import { instantFields, readInstant } from './instants.ts';

const MOST_NOTICES = 10_000;
const LONGEST_KEY = 900;
const SHA_256 = /^[0-9a-f]{64}$/;

/** An upload as a line of `uploads.ndjson`: everything but whose it is. */
export const uploadLine = ({ owner: _, ...upload }: Upload): object => ({
  processing_id: upload.processingId,
  kind: upload.kind,
  status: upload.status,
  ...instantFields('created_at', upload.createdAtMs),
  ...instantFields('updated_at', upload.updatedAtMs),
  upload_source: upload.uploadSource,
  raw: upload.raw,
  timezone: upload.timezone,
  sync_token: upload.syncToken,
  progress: upload.progress,
  message: upload.message,
  accepted: upload.counts.accepted,
  duplicates: upload.counts.duplicates,
  rejected: upload.counts.rejected.map(({ firstAt, ...notice }) => ({ ...notice, first_at: firstAt })),
  span:
    upload.counts.span === null
      ? null
      : { ...instantFields('from', upload.counts.span.fromMs), ...instantFields('to', upload.counts.span.toMs) },
  time_zone_found: upload.counts.timeZone,
  failure: upload.failure,
});

/** The upload of a line as the owner's, its raw bytes under the key they have in the archive; or what is wrong with it. */
export function uploadOfLine(value: unknown, owner: UserId): Result<Upload, string> {
  const fields = new FieldReader(value);
  const upload: Upload = {
    owner,
    processingId: processingId(fields.id('processing_id')),
    kind: fields.oneOf('kind', UPLOAD_KINDS),
    status: fields.oneOf('status', PROCESSING_STATUSES),
    createdAtMs: readInstant(fields, 'created_at'),
    updatedAtMs: readInstant(fields, 'updated_at'),
    uploadSource: fields.text('upload_source', { least: 0 }),
    raw: rawOf(fields),
    timezone: zoneName(fields),
    syncToken: fields.textOrNull('sync_token'),
    progress: fields.number('progress', 0, 1),
    message: fields.text('message', { least: 0, most: 10_000 }),
    counts: countsOf(fields),
    failure: failureOf(fields),
  };
  return fields.result(upload);
}

const rawOf = (fields: FieldReader): Upload['raw'] =>
  fields.partOrNull('raw', (raw) => {
    const sha256 = raw.text('sha256');
    if (!SHA_256.test(sha256)) raw.refuse('sha256 is not one');
    return {
      key: raw.id('key', LONGEST_KEY),
      sha256,
      bytes: raw.integer('bytes', 0, Number.MAX_SAFE_INTEGER),
    };
  });

const failureOf = (fields: FieldReader): Upload['failure'] =>
  fields.partOrNull('failure', (failure) => ({
    code: failure.text('code', { least: 0 }),
    reason: failure.text('reason', { least: 0, most: 10_000 }),
  }));

const countsOf = (fields: FieldReader): UploadCounts => ({
  accepted: fields.countsByName('accepted'),
  duplicates: fields.countsByName('duplicates'),
  rejected: fields.list('rejected', MOST_NOTICES, (notice): ImportNotice => ({
    code: notice.text('code', { least: 0 }),
    message: notice.text('message', { least: 0, most: 10_000 }),
    count: notice.number('count', 0),
    firstAt: notice.textOrNull('first_at'),
  })),
  span: fields.partOrNull('span', (span) => ({ fromMs: readInstant(span, 'from'), toMs: readInstant(span, 'to') })),
  timeZone: fields.textOrNull('time_zone_found', 100),
});

/** A zone that the work on the upload can use again. */
function zoneName(fields: FieldReader): string | null {
  const name = fields.textOrNull('timezone', 100);
  if (name !== null && localZone(name).isErr()) fields.refuse('timezone is not known');
  return name;
}
