import * as assert from 'uvu/assert';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { processingId, type ProcessingId } from '../../core/kernel/ids.ts';
import { exportXml, record } from '../unit/apple-export/export-fixtures.ts';
import { bytes, NOW_MS } from '../unit/memory-world.ts';
import { valueOf } from '../unit/result-values.ts';
import type { Answer } from './http-client.ts';
import type { Person } from './journey.ts';
import { keyOfUrl, type ServiceUnderFaults } from './service-under-faults.ts';

/** The Idempotency-Key of every call here: the same call sent again is the same call. */
export const KEY = 'the same call';

const iso = (ms: number): string => new Date(ms).toISOString();
const HOUR_MS = 3_600_000;
/** 2025-02-17, a Monday: a week and a day lie between it and the end of what is sent. */
export const FIRST_MS = Date.UTC(2025, 1, 17);
export const STEP_SAMPLES = 8 * 48;

const metrics = ({ id }: Person) => ({
  user_id: id,
  upload_source: 'apple_health',
  client_timestamp: iso(NOW_MS),
  metrics: [61, 64].map((heartRate, i) => ({
    metric_type: 'heart_rate',
    biometric_data: { heart_rate: heartRate },
    created_at: iso(NOW_MS - (i + 1) * HOUR_MS),
  })),
});

/** Steps in half hours over eight days: enough to analyse, and one complete week. */
const samples = ({ id }: Person) => ({
  user_id: id,
  timezone: 'UTC',
  quantity_samples: Array.from({ length: STEP_SAMPLES }, (_, i) => ({
    identifier: 'HKQuantityTypeIdentifierStepCount',
    type: 'HKQuantityTypeIdentifierStepCount',
    value: 30 + ((i * 37) % 600),
    unit: 'count',
    start_date: iso(FIRST_MS + (i * HOUR_MS) / 2),
    end_date: iso(FIRST_MS + ((i + 1) * HOUR_MS) / 2),
    source_name: 'Watch',
  })),
});

export const HEART_RATES = 4;
const EXPORT = exportXml(
  Array.from({ length: HEART_RATES }, (_, i) =>
    record({ startDate: `2024-01-01 08:0${i}:00 +0000`, endDate: `2024-01-01 08:0${i}:00 +0000` }),
  ).join(''),
);

/** A day of minutes: more than the least that is analysed. */
const MINUTES = Array.from({ length: 1440 }, (_, i) => ({ at: iso(FIRST_MS + i * 60_000), count: (i * 7) % 90 }));

export const uploadMetrics = ({ call }: ServiceUnderFaults, person: Person): Promise<Answer> =>
  call('POST', '/api/v1/health-data', { token: person.token, key: KEY, json: metrics(person) });
export const uploadSamples = ({ call }: ServiceUnderFaults, person: Person): Promise<Answer> =>
  call('POST', '/api/v1/healthkit', { token: person.token, key: KEY, json: samples(person) });
export const uploadExport = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('POST', '/api/v1/healthkit/export', { token, key: KEY, body: EXPORT, type: 'application/xml' });
export const analyzeSteps = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('POST', '/api/v1/pat/step-analysis', {
    token,
    key: KEY,
    json: {
      step_counts: MINUTES.map(({ count }) => count),
      timestamps: MINUTES.map(({ at }) => at),
      timezone: 'UTC',
    },
  });
export const analyzeCounts = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('POST', '/api/v1/pat/analysis', {
    token,
    key: KEY,
    json: { data_points: MINUTES.map(({ at, count }) => ({ timestamp: at, value: count })), timezone: 'UTC' },
  });
export const listMetrics = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('GET', '/api/v1/health-data', { token });
export const readProcessing = ({ call }: ServiceUnderFaults, { token, upload }: Person): Promise<Answer> =>
  call('GET', `/api/v1/health-data/processing/${upload}`, { token });
export const retryProcessing = ({ call }: ServiceUnderFaults, { token, upload }: Person, key = KEY): Promise<Answer> =>
  call('POST', `/api/v1/health-data/processing/${upload}/retry`, { token, key });

export const announceExport = ({ call }: ServiceUnderFaults, { token }: Person): Promise<Answer> =>
  call('POST', '/api/v1/healthkit/export/presign', {
    token,
    key: KEY,
    json: { bytes: Buffer.byteLength(EXPORT), sha256: nodeDigest.sha256Hex(EXPORT), format: 'xml' },
  });
export const completeExport = ({ call }: ServiceUnderFaults, { token, upload }: Person): Promise<Answer> =>
  call('POST', `/api/v1/healthkit/export/${upload}/complete`, { token });

/** What the client does with the grant that it got. */
export async function sendDirectly(
  { storage }: ServiceUnderFaults,
  { id }: Person,
  { json, text }: Answer,
): Promise<void> {
  const { url } = json['upload'] as { readonly url: string };
  assert.ok(url, text);
  valueOf(await storage.objects.put(id, keyOfUrl(url), bytes(EXPORT), Buffer.byteLength(EXPORT)));
}

/** The upload that an answer acknowledges. */
export const acknowledged = ({ json }: Answer): ProcessingId =>
  processingId(String(json['processing_id'] ?? json['upload_id'] ?? json['analysis_id']));

/** The person has this upload and no other one, and the work on it has ended well. */
export async function assertOnlyUpload(service: ServiceUnderFaults, person: Person, answer: Answer): Promise<void> {
  const uploads = valueOf(await service.storage.uploads.list(person.id, 10));
  assert.equal(
    uploads.map(({ processingId: id }) => id),
    [acknowledged(answer)],
  );
  await assertCompleted(service, person, acknowledged(answer));
}

export async function assertCompleted(
  service: ServiceUnderFaults,
  person: Person,
  upload: ProcessingId,
): Promise<void> {
  const { status, failure } = valueOf(await service.storage.uploads.get(person.id, upload));
  assert.is(status, 'completed', JSON.stringify(failure));
}

export async function assertMetricsOnce(service: ServiceUnderFaults, person: Person): Promise<void> {
  const { status, json, text } = await listMetrics(service, person);
  assert.is(status, 200, text);
  const listed = json['data'] as readonly { readonly biometric_data: { readonly heart_rate: number } }[];
  assert.equal(
    listed.map(({ biometric_data: { heart_rate: heartRate } }) => heartRate),
    [61, 64],
  );
}

export async function assertSamplesOnce(
  { storage }: ServiceUnderFaults,
  { id }: Person,
  type: 'step_count' | 'heart_rate',
  count: number,
): Promise<void> {
  const stored = valueOf(await storage.samples.read(id, [type], { fromMs: 0, toMs: NOW_MS }));
  assert.is(
    stored.reduce((sum, { startMs }) => sum + startMs.length, 0),
    count,
  );
}

/** One window and as many weeks, and the client reads them. */
export async function assertAnalysedOnce(
  service: ServiceUnderFaults,
  { id, token }: Person,
  upload: ProcessingId,
  weeks: number,
): Promise<void> {
  const records = valueOf(await service.storage.analyses.listForUpload(id, upload));
  assert.equal(
    records.map(({ scope }) => scope),
    ['window', ...Array.from({ length: weeks }, () => 'week')],
  );
  const answer = await service.call('GET', `/api/v1/pat/analysis/${upload}`, { token });
  assert.is(answer.status, 200, answer.text);
  assert.is(answer.json['status'], 'completed');
}
