import { err, errAsync, type Result } from 'neverthrow';
import type { TypeOf } from 'io-ts';
import type { TolerantItems } from '../../../contracts/codec.ts';
import type { HealthKitSample } from '../../../contracts/http/healthkit.ts';
import { deviceFromObject } from '../../../core/apple-health/device.ts';
import { typeRule } from '../../../core/apple-health/identifiers.ts';
import {
  uploadSamples,
  type PlacedSample,
  type UnreadableSample,
  type UploadSamplesPorts,
} from '../../../core/apple-health/upload-samples.ts';
import { acceptExport } from '../../../core/health-data/accept-export.ts';
import { completeDirectExport } from '../../../core/health-data/complete-direct-export.ts';
import type { Upload } from '../../../core/health-data/model.ts';
import type { DirectUploads } from '../../../core/health-data/ports.ts';
import { presignExport } from '../../../core/health-data/presign-export.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import type { LocalZone } from '../../../core/kernel/local-time.ts';
import type { InputRejected } from '../../../core/kernel/errors.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { requestedZone } from './zone-of.ts';
import { isoUtc, wireNotices } from './wire-values.ts';

export interface HealthKitEndpointDeps extends UploadSamplesPorts {
  readonly exportLimitBytes: number;
  readonly directUploads: DirectUploads;
}

type HealthKitEndpoints = Pick<
  Endpoints,
  | 'uploadHealthKit'
  | 'uploadHealthKitExport'
  | 'presignHealthKitExport'
  | 'completeHealthKitExport'
  | 'readHealthKitUpload'
>;
type Samples = TolerantItems<TypeOf<typeof HealthKitSample>> | null | undefined;

export function healthKitEndpoints(deps: HealthKitEndpointDeps): HealthKitEndpoints {
  return {
    uploadHealthKit: ({ body, principal, rawBody, ids, clock }) => {
      if (body.user_id !== principal.userId) return errAsync({ kind: 'not-your-own', pointer: '/user_id' });
      const workouts = body.workouts?.length ?? 0;
      const correlations = body.correlation_samples?.length ?? 0;
      return requestedZone(body.timezone, '/timezone').asyncAndThen((zone) =>
        uploadSamples({ ...deps, ids, clock })({
          owner: principal.userId,
          samples: [
            ...placed(body.quantity_samples, 'quantity_samples'),
            ...placed(body.category_samples, 'category_samples'),
          ],
          unreadable: [
            ...unreadable(body.quantity_samples, 'quantity_samples'),
            ...unreadable(body.category_samples, 'category_samples'),
          ],
          unread: { workouts, correlation_samples: correlations },
          limits: { writtenAtMs: clock.now(), zone },
          timezone: zone?.name ?? null,
          syncToken: body.sync_token ?? null,
          uploadSource: 'healthkit_ios',
          raw: rawBody,
        }).map((upload) => ({
          status: 202 as const,
          body: {
            upload_id: upload.processingId,
            status: 'queued' as const,
            queued_at: isoUtc(upload.updatedAtMs),
            samples_received: {
              quantity_samples: sizeOf(body.quantity_samples),
              category_samples: sizeOf(body.category_samples),
              workouts,
              correlation_samples: correlations,
            },
            accepted: { ...upload.counts.accepted },
            duplicates: { ...upload.counts.duplicates },
            rejected: wireNotices(upload.counts.rejected),
            sync_token: body.sync_token ?? null,
            message: 'Health data queued for processing successfully',
          },
        })),
      );
    },
    uploadHealthKitExport: ({ query, principal, file, ids, clock }) =>
      zoneOfForm(query.timezone, file.fields['timezone']).asyncAndThen((zone) =>
        acceptExport({ ...deps, ids, clock })({
          owner: principal.userId,
          content: file.content,
          limitBytes: deps.exportLimitBytes,
          timezone: zone?.name ?? null,
        }).map((upload) => ({ status: 202 as const, body: exportReceipt(upload) })),
      ),
    presignHealthKitExport: ({ body, principal, ids, clock }) =>
      requestedZone(body.timezone, '/timezone').asyncAndThen((zone) =>
        presignExport({ ...deps, ids, clock, wallClock: deps.clock })({
          owner: principal.userId,
          expected: { bytes: body.bytes, sha256: body.sha256 },
          format: body.format,
          limitBytes: deps.exportLimitBytes,
          timezone: zone?.name ?? null,
        }).map(({ upload, request: { method, url, headers, expiresAtMs } }) => ({
          status: 200 as const,
          body: {
            processing_id: upload.processingId,
            upload: { method, url, headers: { ...headers }, expires_at: isoUtc(expiresAtMs) },
            complete_url: `/api/v1/healthkit/export/${upload.processingId}/complete`,
          },
        })),
      ),
    completeHealthKitExport: ({ params, principal }) =>
      completeDirectExport(deps)({
        owner: principal.userId,
        processingId: processingId(params.processing_id),
      }).map((upload) => ({ status: 202, body: exportReceipt(upload) })),
    readHealthKitUpload: ({ params, principal }) =>
      deps.uploads.get(principal.userId, processingId(params.upload_id)).map((upload) => ({
        status: 200,
        body: {
          upload_id: upload.processingId,
          status: upload.status,
          progress: upload.progress,
          message: upload.message,
          last_updated: isoUtc(upload.updatedAtMs),
          failure: upload.failure,
        },
      })),
  };
}

const exportReceipt = (upload: Upload) => ({
  processing_id: upload.processingId,
  status: 'queued' as const,
  queued_at: isoUtc(upload.updatedAtMs),
  bytes: upload.raw?.bytes ?? 0,
  sha256: upload.raw?.sha256 ?? '',
  message: upload.message,
  status_url: `/api/v1/health-data/processing/${upload.processingId}`,
  result_url: `/api/v1/pat/analysis/${upload.processingId}`,
});

function zoneOfForm(
  fromQuery: string | null | undefined,
  fromForm: string | undefined,
): Result<LocalZone | null, InputRejected> {
  const inQuery = requestedZone(fromQuery, '/query/timezone');
  if (inQuery.isErr()) return err(inQuery.error);
  return inQuery.value !== null ? inQuery : requestedZone(fromForm, '/timezone');
}

const sizeOf = (samples: Samples): number => (samples == null ? 0 : samples.accepted.length + samples.rejected.length);

function placed(samples: Samples, list: string): readonly PlacedSample[] {
  return (samples?.accepted ?? []).map(({ index, value }) => ({
    pointer: `/${list}/${String(index)}`,
    // Clients put Apple's identifier into either field; the other one is an id of the sample's own.
    identifier: typeRule(value.type) === null && typeRule(value.identifier) !== null ? value.identifier : value.type,
    value: typeof value.value === 'object' ? null : value.value,
    unit: value.unit ?? null,
    startDate: value.start_date,
    endDate: value.end_date,
    sourceName: value.source_name ?? null,
    device: value.device == null ? null : deviceFromObject(value.device),
  }));
}

const unreadable = (samples: Samples, list: string): readonly UnreadableSample[] =>
  (samples?.rejected ?? []).map(({ index, issues }) => ({
    pointer: `/${list}/${String(index)}`,
    message: issues.map((issue) => `${issue.pointer === '' ? 'it' : issue.pointer} ${issue.message}`).join('; '),
  }));
