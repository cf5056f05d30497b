import fc from 'fast-check';
import type { AnalysisRecord } from '../../../core/analysis/ports.ts';
import type { Metric, Upload } from '../../../core/health-data/model.ts';
import { METRIC_TYPES, PROCESSING_STATUSES, UPLOAD_KINDS } from '../../../core/health-data/model.ts';
import { SAMPLE_TYPES, type SampleType } from '../../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET } from '../../../core/health-data/samples.ts';
import type { Insight } from '../../../core/insights/model.ts';
import { insightId } from '../../../core/insights/model.ts';
import { analysisId, processingId, type ProcessingId, type UserId } from '../../../core/kernel/ids.ts';
import { isoDate, MS_PER_DAY } from '../../../core/kernel/local-time.ts';
import { bytes, type World } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { columnsOf, OTHER_WATCH, PHONE, TRACKER, WATCH, type TestSample } from '../../unit/sample-columns.ts';

/** Everything that a store can hold of one person, made at random. */
export interface RandomAccount {
  readonly uploads: readonly Upload[];
  readonly objects: readonly (readonly [key: string, content: Uint8Array])[];
  readonly metrics: readonly Metric[];
  readonly samples: readonly (readonly [upload: ProcessingId, type: SampleType, samples: readonly TestSample[]])[];
  readonly analyses: readonly (readonly AnalysisRecord[])[];
  readonly insights: readonly Insight[];
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
const words = fc.string({ unit: 'grapheme', maxLength: 12 });
const orNull = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });

/** Instants of our days, whole or in fractions of a millisecond. */
const instant = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => seconds * 1000),
  fc.integer({ min: -1e12, max: 2e12 }).map((ms) => ms + 0.125),
  fc.double({ min: 0, max: 2e12, noNaN: true }).map((ms) => ms + 0),
);
const count = fc.integer({ min: 0, max: 1e6 });
const counts = fc.dictionary(fc.constantFrom('heart_rate', 'step_count', 'ünusual'), count);
/** What JSON can hold, without negative zero, which JSON cannot tell. */
const block = fc
  .dictionary(words, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4, noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);

const uploadOf = (owner: UserId): fc.Arbitrary<Upload> =>
  fc.record({
    owner: fc.constant(owner),
    processingId: fc
      .oneof(
        fc.uuid(),
        hex(32).map((tail) => `${owner}-${tail}`),
      )
      .map(processingId),
    kind: fc.constantFrom(...UPLOAD_KINDS),
    status: fc.constantFrom(...PROCESSING_STATUSES),
    createdAtMs: instant,
    updatedAtMs: instant,
    uploadSource: words,
    raw: orNull(
      fc.record({
        key: fc.uuid().map((id) => `uploads/2025/01/06/${owner}/${id}.json`),
        sha256: hex(64),
        bytes: count,
      }),
    ),
    timezone: orNull(fc.constantFrom('Europe/Berlin', 'UTC+05:45', 'UTC')),
    syncToken: orNull(words),
    progress: fc.constantFrom(0, 0.25, 1),
    message: words,
    counts: fc.record({
      accepted: counts,
      duplicates: counts,
      rejected: fc.array(fc.record({ code: words, message: words, count, firstAt: orNull(words) }), { maxLength: 2 }),
      span: orNull(fc.record({ fromMs: instant, toMs: instant })),
      timeZone: orNull(fc.constantFrom('Asia/Kathmandu', 'UTC+01:00')),
    }),
    failure: orNull(fc.record({ code: words, reason: words })),
  });

const metricOf = (upload: ProcessingId): fc.Arbitrary<Metric> =>
  fc.record({
    metricId: fc.uuid(),
    metricType: fc.constantFrom(...METRIC_TYPES),
    processingId: fc.constant(upload),
    uploadSource: words,
    createdAtMs: instant,
    deviceId: orNull(words),
    biometric_data: orNull(block),
    sleep_data: orNull(block),
    activity_data: orNull(block),
    mental_health_data: orNull(block),
    rawData: orNull(block),
    metadata: orNull(block),
    fingerprint: hex(64),
  });

const sample: fc.Arbitrary<TestSample> = fc
  .record({
    day: fc.integer({ min: -3, max: 40 }),
    at: fc.oneof(
      fc.integer({ min: 0, max: 86_399 }).map((s) => s * 1000),
      fc.double({ min: 0, max: 8.6e7, noNaN: true }),
    ),
    length: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4e7 }), fc.constant(0.5)),
    value: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    source: fc.constantFrom(WATCH, OTHER_WATCH, PHONE, TRACKER, { ...TRACKER, key: 'tracker|é', name: 'Uhr "é"' }),
    offsetMinutes: fc.constantFrom(UNKNOWN_OFFSET, 60, -210, 345, 0),
  })
  .map(({ day, at, length, value, source, offsetMinutes }) => {
    const startMs = day * MS_PER_DAY + at;
    return { startMs, endMs: startMs + length, value, source, offsetMinutes };
  });

const samplesOf = (uploads: readonly ProcessingId[]) =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...uploads),
      fc.constantFrom(...(Object.keys(SAMPLE_TYPES) as SampleType[])),
      fc.array(sample, { minLength: 1, maxLength: 12 }),
    ),
    { maxLength: 6 },
  );

/** A window and some weeks of one upload; documents are the given one with numbers of their own. */
const analysesOf = (owner: UserId, upload: ProcessingId, model: AnalysisRecord) =>
  fc
    .array(
      fc.record({
        id: fc.uuid(),
        createdAtMs: instant,
        firstDay: fc.integer({ min: 0, max: 25_000 }),
        days: fc.integer({ min: 1, max: 3 }),
        mesor: orNull(fc.double({ noNaN: true, noDefaultInfinity: true })),
        minutes: fc.array(
          fc.tuple(fc.integer({ min: 0, max: 3 * 1440 - 1 }), fc.float({ noNaN: true, noDefaultInfinity: true })),
          { maxLength: 30 },
        ),
      }),
      { maxLength: 3 },
    )
    .map((drafts) =>
      drafts.map(({ id, createdAtMs, firstDay, days, mesor, minutes }, i): AnalysisRecord => {
        const values = new Float32Array(days * 1440).fill(NaN);
        for (const [minute, value] of minutes) if (minute < values.length) values[minute] = value;
        const { rhythm, window } = model.document;
        return {
          owner,
          analysisId: analysisId(id),
          upload,
          scope: i === 0 ? 'window' : 'week',
          createdAtMs,
          document: {
            ...model.document,
            window: { ...window, start: `${isoDate(firstDay)}T00:00:00+01:00` },
            rhythm: { ...rhythm, cosinor: { ...rhythm.cosinor, mesor: mesor === null ? null : mesor + 0 } },
          },
          grid: { dates: Array.from({ length: days }, (_, day) => isoDate(firstDay + day)), values },
        };
      }),
    );

const insightOf = (owner: UserId, uploads: readonly ProcessingId[]): fc.Arbitrary<Insight> =>
  fc.record({
    owner: fc.constant(owner),
    insightId: hex(32).map((tail) => insightId(`insight_${tail}`)),
    upload: orNull(fc.constantFrom(...uploads)),
    insightType: fc.constantFrom('comprehensive', 'sleep'),
    generatedAtMs: instant,
    generator: fc.constant('rules' as const),
    narrative: words,
    keyInsights: fc.array(words, { maxLength: 3 }),
    recommendations: fc.array(words, { maxLength: 3 }),
    confidenceScore: orNull(fc.constantFrom(0, 0.5, 1)),
    factsUsed: fc.array(
      fc.record({
        name: words,
        value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
        unit: words,
        origin: fc.constantFrom('analysis', 'device', 'client'),
        isProxy: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    notComputed: fc.array(fc.record({ field: words, reason: words }), { maxLength: 2 }),
  });

/** Accounts of the owner; `model` is an analysis whose document the random ones are made of. */
export const randomAccount = (owner: UserId, model: AnalysisRecord): fc.Arbitrary<RandomAccount> =>
  fc
    .uniqueArray(uploadOf(owner), { selector: (upload) => upload.processingId, minLength: 1, maxLength: 4 })
    .chain((uploads) => {
      const ids = uploads.map((upload) => upload.processingId);
      const content = fc.uint8Array({ maxLength: 300 });
      return fc.record({
        uploads: fc.constant(uploads),
        objects: fc
          .array(fc.tuple(fc.constantFrom('a.zip', 'b.json', 'c/d.xml', 'Ünlikely name'), content), { maxLength: 3 })
          .map((others) => [
            ...uploads.flatMap(({ raw }) => (raw === null ? [] : [[raw.key, Buffer.from(raw.sha256)] as const])),
            ...others,
          ]),
        metrics: fc.array(fc.constantFrom(...ids).chain(metricOf), { maxLength: 6 }),
        samples: samplesOf(ids),
        analyses: fc.tuple(...ids.map((id) => analysesOf(owner, id, model))),
        insights: fc.array(insightOf(owner, ids), { maxLength: 3 }),
      });
    });

/** Puts the account into the stores. */
export async function storeAccount(world: World, owner: UserId, account: RandomAccount): Promise<void> {
  for (const [key, content] of account.objects) valueOf(await world.objects.put(owner, key, bytes(content), 1e6));
  for (const upload of account.uploads) valueOf(await world.uploads.insert(upload));
  valueOf(await world.metrics.append(owner, account.metrics));
  for (const [upload, type, samples] of account.samples) {
    valueOf(await world.samples.append(owner, upload, [columnsOf(type, samples)]));
  }
  for (const records of account.analyses) {
    const [first] = records;
    if (first !== undefined) valueOf(await world.analyses.replaceForUpload(owner, first.upload, records));
  }
  for (const insight of account.insights) valueOf(await world.insights.insert(insight));
}
