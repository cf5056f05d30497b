import * as t from 'io-ts';
import { object, tolerantList, withSchema } from '../codec.ts';
import { routes } from '../route.ts';
import { integer, jsonObject, list, oneOf, text, timeZoneName } from '../scalars.ts';
import { Notice } from './health-data.ts';

const SHA_256 = /^[0-9A-Fa-f]{64}$/;

/** One HealthKit sample as a client sends it. The dates and the value are judged sample by sample. */
export const HealthKitSample = object(
  'HealthKitSample',
  {
    identifier: text(1, 200),
    type: text(1, 200),
    value: withSchema(t.union([t.number, t.string, jsonObject]), { type: ['number', 'string', 'object'] }),
    start_date: text(1, 64),
    end_date: text(1, 64),
  },
  { unit: text(0, 100), source_name: text(0, 500), device: jsonObject, metadata: jsonObject },
);

const samples = tolerantList('HealthKitSamples', HealthKitSample, { min: 0, max: 100_000 });

export const HealthKitUpload = object(
  'HealthKitUpload',
  { user_id: text(1, 128) },
  {
    quantity_samples: samples,
    category_samples: samples,
    workouts: list(jsonObject, { min: 0, max: 10_000 }),
    correlation_samples: list(jsonObject, { min: 0, max: 10_000 }),
    upload_metadata: jsonObject,
    sync_token: text(0, 4096),
    timezone: timeZoneName,
  },
);

const sampleCounts = object('SampleCounts', {
  quantity_samples: t.number,
  category_samples: t.number,
  workouts: t.number,
  correlation_samples: t.number,
});

export const HealthKitReceipt = object(
  'HealthKitReceipt',
  {
    upload_id: t.string,
    status: oneOf('queued'),
    queued_at: t.string,
    samples_received: sampleCounts,
    accepted: t.record(t.string, t.number),
    duplicates: t.record(t.string, t.number),
    rejected: list(Notice, { min: 0, max: 10_000 }),
    message: t.string,
  },
  { sync_token: t.string },
);

export const ExportReceipt = object('ExportReceipt', {
  processing_id: t.string,
  status: oneOf('queued'),
  queued_at: t.string,
  bytes: t.number,
  sha256: t.string,
  message: t.string,
  status_url: t.string,
  result_url: t.string,
});

const sha256Text = withSchema(
  new t.Type<string, string>(
    'a SHA-256 in hexadecimal',
    (u): u is string => typeof u === 'string' && SHA_256.test(u),
    (u, context) => (typeof u === 'string' && SHA_256.test(u) ? t.success(u.toLowerCase()) : t.failure(u, context)),
    t.identity,
  ),
  { type: 'string', pattern: SHA_256.source },
);

/** An export that the client is going to send to the object store itself. */
export const ExportAnnouncement = object(
  'ExportAnnouncement',
  { bytes: integer(1, Number.MAX_SAFE_INTEGER), sha256: sha256Text, format: oneOf('zip', 'xml') },
  { file_name: text(1, 255), timezone: timeZoneName },
);

/** Where and how it is to be sent, and what to call afterwards. */
export const ExportGrant = object('ExportGrant', {
  processing_id: t.string,
  upload: object('ExportGrantRequest', {
    method: oneOf('PUT'),
    url: t.string,
    headers: t.record(t.string, t.string),
    expires_at: t.string,
  }),
  complete_url: t.string,
});

export const UploadState = object(
  'UploadState',
  {
    upload_id: t.string,
    status: oneOf('received', 'processing', 'completed', 'failed', 'requires_review'),
    progress: t.number,
    message: t.string,
    last_updated: t.string,
  },
  { failure: object('UploadFailure', { code: t.string, reason: t.string }) },
);

export const healthKitRoutes = routes({
  uploadHealthKit: {
    method: 'POST',
    path: '/api/v1/healthkit',
    audit: { action: 'create', dataTypes: ['uploads', 'samples'] },
    slashTwin: true,
    auth: 'write-own-data',
    tag: 'HealthKit',
    feature: 'data',
    summary: 'Store HealthKit samples; a bad one is set aside and counted',
    rateLimit: 'upload',
    idempotency: 'key',
    body: {
      kind: 'json',
      codec: HealthKitUpload,
      example: {
        user_id: '5f0c7a52-8d3c-4c0b-9f5e-3a8f1f6f0c11',
        timezone: 'Europe/Berlin',
        quantity_samples: [
          {
            identifier: 'HKQuantityTypeIdentifierStepCount',
            type: 'HKQuantityTypeIdentifierStepCount',
            value: 118,
            unit: 'count',
            start_date: '2025-01-06 08:00:00 +0100',
            end_date: '2025-01-06 08:05:00 +0100',
            source_name: 'Watch',
          },
        ],
      },
    },
    responses: { 202: { kind: 'json', codec: HealthKitReceipt, description: 'Stored; the analysis is queued.' } },
    problems: [
      'authorization-denied',
      'validation-error',
      'malformed-json',
      'payload-too-large',
      'too-many-running-jobs',
      'storage-quota-exceeded',
    ],
  },
  uploadHealthKitExport: {
    method: 'POST',
    path: '/api/v1/healthkit/export',
    audit: { action: 'create', dataTypes: ['uploads', 'raw-files'] },
    slashTwin: true,
    auth: 'write-own-data',
    tag: 'HealthKit',
    feature: 'data',
    summary: 'Upload an Apple Health export.zip or export.xml, as form field "file" or as the raw body',
    rateLimit: 'upload',
    idempotency: 'key',
    duration: 'long',
    query: object('ExportQuery', {}, { timezone: timeZoneName }),
    body: {
      kind: 'file',
      mediaTypes: ['multipart/form-data', 'application/zip', 'application/xml', 'application/octet-stream'],
      description: 'The export file.',
    },
    responses: { 202: { kind: 'json', codec: ExportReceipt, description: 'Kept; import and analysis are queued.' } },
    problems: [
      'validation-error',
      'payload-too-large',
      'unsupported-media-type',
      'unreadable-file',
      'too-many-running-jobs',
      'storage-quota-exceeded',
    ],
  },
  presignHealthKitExport: {
    method: 'POST',
    path: '/api/v1/healthkit/export/presign',
    audit: { action: 'create', dataTypes: ['uploads', 'raw-files'] },
    auth: 'write-own-data',
    tag: 'HealthKit',
    feature: 'data',
    summary: 'Get a request with which an export goes to the object store itself, past the service',
    rateLimit: 'upload',
    idempotency: 'key',
    body: {
      kind: 'json',
      codec: ExportAnnouncement,
      example: {
        bytes: 104_857_600,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        format: 'zip',
      },
    },
    responses: {
      200: { kind: 'json', codec: ExportGrant, description: 'Send the file so, then call complete_url.' },
    },
    problems: [
      'validation-error',
      'malformed-json',
      'payload-too-large',
      'not-available-here',
      'too-many-running-jobs',
      'storage-quota-exceeded',
    ],
  },
  completeHealthKitExport: {
    method: 'POST',
    path: '/api/v1/healthkit/export/{processing_id}/complete',
    audit: { action: 'create', dataTypes: ['uploads', 'raw-files'] },
    auth: 'write-own-data',
    tag: 'HealthKit',
    feature: 'data',
    summary: 'Say that an announced export was sent; asking again answers the same',
    params: object('DirectExportParams', { processing_id: text(1, 200) }),
    responses: { 202: { kind: 'json', codec: ExportReceipt, description: 'Kept; import and analysis are queued.' } },
    problems: [
      'resource-not-found',
      'not-uploaded',
      'unreadable-file',
      'not-available-here',
      'too-many-running-jobs',
      'storage-quota-exceeded',
    ],
  },
  readHealthKitUpload: {
    method: 'GET',
    path: '/api/v1/healthkit/status/{upload_id}',
    audit: { action: 'read', dataTypes: ['uploads'] },
    auth: 'read-own-data',
    tag: 'HealthKit',
    feature: 'data',
    summary: 'How far the work on an upload is',
    params: object('UploadParams', { upload_id: text(1, 200) }),
    responses: { 200: { kind: 'json', codec: UploadState, description: 'The present state.' } },
    problems: ['resource-not-found'],
  },
});
