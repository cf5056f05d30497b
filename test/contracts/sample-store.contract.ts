import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { decodeChunk, encodeChunk } from '../../core/health-data/chunk-codec.ts';
import type { ChunkPlace, SampleStore } from '../../core/health-data/ports.ts';
import type { SampleChunk } from '../../core/health-data/sample-chunk.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import { UNKNOWN_OFFSET, type AppendCount, type SampleColumns, type Span } from '../../core/health-data/samples.ts';
import { processingId, userId, type ProcessingId, type UserId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../core/kernel/local-time.ts';
import { columnsOf, OTHER_WATCH, PHONE, TRACKER, WATCH, type TestSample } from '../unit/sample-columns.ts';
import { valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type SharedUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId(`${ADA}-22222222222222222222222222222222`);
const THIRD = processingId('33333333-3333-4333-8333-333333333333');

/** A UTC midnight: 2025-03-10. */
const MIDNIGHT = 20_157 * MS_PER_DAY;
const HOUR = 60 * MS_PER_MINUTE;
const EVER: Span = { fromMs: -8.64e15, toMs: 8.64e15 };

const at = (hours: number, value = 1, source = WATCH): TestSample => ({
  startMs: MIDNIGHT + hours * HOUR,
  value,
  source,
});

const lasting = (fromHours: number, toHours: number, value = 1, source = WATCH): TestSample => ({
  ...at(fromHours, value, source),
  endMs: MIDNIGHT + toHours * HOUR,
});

type Row = readonly [type: SampleType, startMs: number, endMs: number, value: number, offset: number, source: string];

/** What was read, sample by sample, with everything that is known of the source. */
const rowsOf = (read: readonly SampleColumns[]): readonly Row[] =>
  read.flatMap(({ type, startMs, endMs, value, offsetMinutes, source, sources }) =>
    Array.from(startMs, (start, i): Row => {
      const { key, name, device, model } = sources[source[i]!]!;
      return [type, start, endMs[i]!, value[i]!, offsetMinutes[i]!, JSON.stringify([key, name, device, model])];
    }),
  );

const compareRows = (a: Row, b: Row): number =>
  a[1] - b[1] || a[2] - b[2] || a[3] - b[3] || (a[5] < b[5] ? -1 : a[5] > b[5] ? 1 : 0);

const append = async (
  store: SampleStore,
  upload: ProcessingId,
  batches: readonly SampleColumns[],
  owner: UserId = ADA,
): Promise<readonly AppendCount[]> => valueOf(await store.append(owner, upload, batches));

const readRows = async (
  store: SampleStore,
  type: SampleType = 'heart_rate',
  span: Span = EVER,
  owner: UserId = ADA,
): Promise<readonly Row[]> => rowsOf(valueOf(await store.read(owner, [type], span)));

const remove = async (store: SampleStore, upload: ProcessingId): Promise<number> =>
  valueOf(await store.deleteUpload(ADA, upload));

const startHours = (rows: readonly Row[]): readonly number[] => rows.map(([, startMs]) => (startMs - MIDNIGHT) / HOUR);

const totalOf = (counts: readonly AppendCount[]): { stored: number; duplicates: number } => ({
  stored: counts.reduce((sum, { stored }) => sum + stored, 0),
  duplicates: counts.reduce((sum, { duplicates }) => sum + duplicates, 0),
});

/** Few distinct values, so that equal samples, equal starts and equal ends are common. */
const anySample: fc.Arbitrary<TestSample> = fc
  .record({
    startMs: fc.integer({ min: -6, max: 30 }).map((quarters) => MIDNIGHT + quarters * 6 * HOUR),
    durationMs: fc.constantFrom(0, 0, HOUR, 7 * HOUR, 30 * HOUR, 100 * HOUR),
    value: fc.constantFrom(60, 61.5, -0.0, 0),
    source: fc.constantFrom(WATCH, PHONE, { ...WATCH, name: 'Another name', model: null }),
    offsetMinutes: fc.constantFrom(UNKNOWN_OFFSET, 60, 120),
  })
  .map(({ durationMs, ...sample }) => ({ ...sample, endMs: sample.startMs + durationMs }));

const anyUpload = fc.constantFrom(FIRST, SECOND, THIRD);

/** Property runs share a store; an owner of their own keeps them apart. */
const ownerFactory = (): (() => UserId) => {
  let owners = 0;
  return () => userId(`owner-${owners++}`);
};

const placeOf = ({ day, columns: { type } }: SampleChunk): ChunkPlace => ({ type, day });

/** Everything that is stored, asked for so many chunks at a time. */
const allChunks = async (store: SampleStore, limit = 100, owner: UserId = ADA): Promise<readonly SampleChunk[]> => {
  const found: SampleChunk[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = valueOf(await store.chunks(owner, last === undefined ? null : placeOf(last), limit));
    assert.ok(page.length <= limit);
    found.push(...page);
    if (page.length < limit) return found;
  }
};

/** Calls that meet in the same chunks, all begun at once; between them 12 + 1 + 24 different samples. */
const MEETING_SAMPLES = { stored: 12 + 1 + 24, duplicates: 11 };
const meetingAppends = async (stores: readonly SampleStore[]): Promise<readonly AppendCount[]> => {
  const batches = (i: number) => [
    columnsOf('heart_rate', [at(1, i), at(2, 0)]),
    columnsOf('step_count', [at(1, i), at(50, i)]),
  ];
  const uploads = [FIRST, SECOND, THIRD];
  const calls = Array.from({ length: 12 }, (_, i) => append(stores[i % stores.length]!, uploads[i % 3]!, batches(i)));
  return (await Promise.all(calls)).flat();
};

export interface SampleStoreContractOptions {
  /** How many cases each property is tried on: fewer where a request takes long. */
  readonly propertyRuns?: number;
}

/** What every `SampleStore` promises. `make` is called once a test. */
export function sampleStoreContract(
  name: string,
  make: () => Promise<UnderTest<SampleStore>>,
  { propertyRuns = 60 }: SampleStoreContractOptions = {},
): void {
  const { test, run } = suiteOver<SampleStore, UnderTest<SampleStore>>(`sample store: ${name}`, make);

  test('an empty store has no samples, no days and nothing to delete', async ({ store }) => {
    assert.equal(await readRows(store), []);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), []);
    assert.equal(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
  });

  test('samples come back exactly, ordered by start, end, value and source key', async ({ store }) => {
    const samples = [
      lasting(1, 2, 60, WATCH),
      { ...lasting(0, 1, 60, PHONE), offsetMinutes: -330 },
      lasting(0, 1, 60, OTHER_WATCH),
      lasting(0, 1, 59, WATCH),
      lasting(0, 0.5, 99, WATCH),
      lasting(-30, 40, 1, TRACKER),
    ];
    const counts = await append(store, FIRST, [columnsOf('heart_rate', samples)]);
    assert.equal(counts, [{ type: 'heart_rate', stored: 6, duplicates: 0, repeated: 0 }]);
    assert.equal(
      await readRows(store),
      rowsOf([
        columnsOf(
          'heart_rate',
          [5, 4, 3, 2, 1, 0].map((i) => samples[i]!),
        ),
      ]),
    );
  });

  test('columns are complete and of equal length, and name only sources in use, each once', async ({ store }) => {
    await append(store, FIRST, [columnsOf('heart_rate', [at(1), at(2, 1, PHONE), at(30), at(31, 1, TRACKER)])]);
    const [columns] = valueOf(
      await store.read(ADA, ['heart_rate'], { fromMs: MIDNIGHT, toMs: MIDNIGHT + 30.5 * HOUR }),
    );
    assert.is(columns?.type, 'heart_rate');
    for (const column of ['startMs', 'endMs', 'value', 'offsetMinutes', 'source'] as const) {
      assert.is(columns?.[column].length, 3, column);
    }
    assert.equal(columns?.sources.map(({ key }) => key).toSorted(), [WATCH.key, PHONE.key].toSorted());
  });

  test('every type is counted and read by itself', async ({ store }) => {
    const counts = await append(store, FIRST, [
      columnsOf('step_count', [lasting(0, 1, 10), lasting(1, 2, 20)]),
      columnsOf('heart_rate', [at(1, 10)]),
      columnsOf('step_count', [lasting(0, 1, 10)]),
    ]);
    assert.equal(counts, [
      { type: 'step_count', stored: 2, duplicates: 1, repeated: 0 },
      { type: 'heart_rate', stored: 1, duplicates: 0, repeated: 0 },
    ]);
    const types = async (wanted: readonly SampleType[]) =>
      valueOf(await store.read(ADA, wanted, EVER)).map(({ type }) => type);
    assert.equal(await types(['heart_rate', 'sleep_stage', 'step_count', 'heart_rate']), ['heart_rate', 'step_count']);
    assert.equal(await types(['sleep_stage']), []);
    assert.equal(await types([]), []);
  });

  test('nothing appended is nothing stored', async ({ store }) => {
    assert.equal(await append(store, FIRST, []), []);
    assert.equal(await append(store, FIRST, [columnsOf('heart_rate', [])]), []);
    assert.equal(await readRows(store), []);
  });

  test('a sample sent twice in a call, in two calls or in two uploads is stored once and counted', async ({
    store,
  }) => {
    const one = columnsOf('heart_rate', [at(1), at(2), at(1)]);
    assert.equal(totalOf(await append(store, FIRST, [one, one])), { stored: 2, duplicates: 4 });
    assert.equal(totalOf(await append(store, FIRST, [one])), { stored: 0, duplicates: 3 });
    assert.equal(totalOf(await append(store, SECOND, [one])), { stored: 0, duplicates: 3 });
    assert.equal(startHours(await readRows(store)), [1, 2]);
  });

  test('samples that differ in start, end, value, source key or type are different', async ({ store }) => {
    const samples = [
      lasting(1, 2, 60, WATCH),
      lasting(1.001, 2, 60, WATCH),
      lasting(1, 2.001, 60, WATCH),
      lasting(1, 2, 60.00000000000001, WATCH),
      lasting(1, 2, 60, { ...WATCH, key: `${WATCH.key} ` }),
    ];
    for (const sample of samples) {
      assert.equal(totalOf(await append(store, FIRST, [columnsOf('heart_rate', [sample])])).stored, 1);
    }
    assert.equal(totalOf(await append(store, FIRST, [columnsOf('resting_heart_rate', [samples[0]!])])).stored, 1);
  });

  test('a source is known by its key: other names and models of it make no new samples', async ({ store }) => {
    const renamed = { ...WATCH, name: 'A renamed watch', model: null };
    const other = { ...WATCH, name: 'Still another', device: 'other' as const };
    const states = new Set<string>();
    for (const [i, order] of [
      [WATCH, renamed, other],
      [other, renamed, WATCH],
      [renamed, WATCH, other],
    ].entries()) {
      const owner = userId(`owner of order ${i}`);
      let stored = 0;
      for (const source of order) {
        stored += totalOf(await append(store, FIRST, [columnsOf('heart_rate', [at(1, 60, source)])], owner)).stored;
      }
      assert.is(stored, 1);
      states.add(JSON.stringify(await readRows(store, 'heart_rate', EVER, owner)));
    }
    assert.is(states.size, 1);
  });

  test('the UTC offset is no part of the identity; a known one is kept', async ({ store }) => {
    const sample = (offsetMinutes: number) => columnsOf('heart_rate', [{ ...at(1), offsetMinutes }]);
    await append(store, FIRST, [sample(UNKNOWN_OFFSET)]);
    assert.equal(totalOf(await append(store, FIRST, [sample(-600)])).duplicates, 1);
    await append(store, FIRST, [sample(UNKNOWN_OFFSET)]);
    assert.equal(
      (await readRows(store)).map(([, , , , offset]) => offset),
      [-600],
    );
  });

  test('numbers are kept to the last bit, and negative zero is zero', async ({ store }) => {
    const values = [0.1 + 0.2, 1 / 3, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 123456789.000001, 2 ** 53, -1.5, -0];
    const samples = values.map((value, i) => at(i, value));
    await append(store, FIRST, [columnsOf('body_mass', samples)]);
    const read = (await readRows(store, 'body_mass')).map(([, , , value]) => value);
    assert.equal(read, [...values.slice(0, -1), 0]);
    assert.not(Object.is(read.at(-1), -0));
    assert.equal(totalOf(await append(store, FIRST, [columnsOf('body_mass', [at(8, 0)])])).duplicates, 1);
  });

  test('times are kept to fractions of a millisecond, and before 1970', async ({ store }) => {
    const samples = [
      { startMs: -86_400_001, endMs: -86_400_000, value: 1, source: WATCH },
      { startMs: -0.5, endMs: 0.25, value: 1, source: WATCH },
      { startMs: MIDNIGHT + 0.125, value: 1, source: WATCH },
    ];
    await append(store, FIRST, [columnsOf('heart_rate', samples)]);
    assert.equal(await readRows(store), rowsOf([columnsOf('heart_rate', samples)]));
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [-2, -1, 20_157]);
  });

  test('a span holds what starts before its end and ends after its start', async ({ store }) => {
    await append(store, FIRST, [
      columnsOf('heart_rate', [
        lasting(8, 10),
        lasting(9, 10.5),
        at(10),
        lasting(10, 12),
        lasting(9, 13),
        lasting(11, 11.5),
        lasting(11.5, 13),
        at(12),
        lasting(12, 13),
      ]),
    ]);
    const found = await readRows(store, 'heart_rate', { fromMs: MIDNIGHT + 10 * HOUR, toMs: MIDNIGHT + 12 * HOUR });
    assert.equal(startHours(found), [9, 9, 10, 10, 11, 11.5]);
  });

  test('a span that is empty or turned round holds nothing', async ({ store }) => {
    await append(store, FIRST, [columnsOf('heart_rate', [lasting(-1, 3), at(1)])]);
    const one = MIDNIGHT + HOUR;
    assert.equal(await readRows(store, 'heart_rate', { fromMs: one, toMs: one }), []);
    assert.equal(await readRows(store, 'heart_rate', { fromMs: one, toMs: one - 1 }), []);
  });

  test('a sample across midnight or over many days is found from every day that it touches', async ({ store }) => {
    await append(store, FIRST, [columnsOf('sleep_stage', [lasting(23, 31, 1)])]);
    await append(store, SECOND, [columnsOf('sleep_stage', [lasting(-400, 200, 2)])]);
    await append(store, THIRD, [columnsOf('sleep_stage', [at(60, 3)])]);
    const valuesIn = async (fromHour: number, toHour: number) =>
      (
        await readRows(store, 'sleep_stage', { fromMs: MIDNIGHT + fromHour * HOUR, toMs: MIDNIGHT + toHour * HOUR })
      ).map(([, , , value]) => value);
    assert.equal(await valuesIn(24, 48), [2, 1]);
    assert.equal(await valuesIn(0, 24), [2, 1]);
    assert.equal(await valuesIn(31, 48), [2]);
    assert.equal(await valuesIn(199, 300), [2]);
    assert.equal(await valuesIn(200, 300), []);
    assert.equal(await valuesIn(-500, -400), []);
    assert.equal(await valuesIn(-500, -399), [2]);
  });

  test('days are the UTC days on which samples of the asked types start, each once, ascending', async ({ store }) => {
    await append(store, FIRST, [
      columnsOf('heart_rate', [at(50), at(1), at(2), lasting(23, 49)]),
      columnsOf('step_count', [at(1), at(-1)]),
      columnsOf('sleep_stage', [at(200)]),
    ]);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), [20_156, 20_157, 20_159]);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [20_157, 20_159]);
    assert.equal(valueOf(await store.daysWithData(ADA, [])), []);
  });

  test('deleting an upload takes the samples that came with no other', async ({ store }) => {
    await append(store, FIRST, [columnsOf('heart_rate', [at(1), at(2), at(30, 1, PHONE)])]);
    await append(store, SECOND, [columnsOf('heart_rate', [at(2), at(3)]), columnsOf('step_count', [at(2)])]);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
    assert.equal(startHours(await readRows(store)), [2, 3]);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate'])), [20_157]);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.is(valueOf(await store.deleteUpload(ADA, SECOND)), 3);
    assert.equal(await readRows(store), []);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), []);
  });

  test('a sample that was deleted can be stored again', async ({ store }) => {
    const batch = columnsOf('sleep_stage', [lasting(-100, 10), at(1)]);
    await append(store, FIRST, [batch]);
    await store.deleteUpload(ADA, FIRST);
    assert.equal(totalOf(await append(store, FIRST, [batch])), { stored: 2, duplicates: 0 });
    assert.equal(startHours(await readRows(store, 'sleep_stage', { fromMs: MIDNIGHT, toMs: MIDNIGHT + 1 })), [-100]);
  });

  test("another owner's samples, days and uploads are as if they were not there", async ({ store }) => {
    const batch = columnsOf('heart_rate', [at(1)]);
    await append(store, FIRST, [batch]);
    assert.equal(await readRows(store, 'heart_rate', EVER, BEN), []);
    assert.equal(valueOf(await store.daysWithData(BEN, ['heart_rate'])), []);
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 0);
    assert.equal(totalOf(await append(store, FIRST, [batch], BEN)), { stored: 1, duplicates: 0 });
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 1);
    assert.is((await readRows(store)).length, 1);
  });

  test('ids and names of any characters stay apart', async ({ store }) => {
    for (const [i, id] of AWKWARD_IDS.entries()) {
      const batch = columnsOf(
        'heart_rate',
        AWKWARD_IDS.map((key) => at(i, 1, { ...WATCH, key, name: `${key}\0` })),
      );
      await append(store, processingId(id), [batch], userId(id));
    }
    for (const [i, id] of AWKWARD_IDS.entries()) {
      const rows = await readRows(store, 'heart_rate', EVER, userId(id));
      assert.equal(new Set(startHours(rows)), new Set([i]), id);
      assert.is(new Set(rows.map((row) => row[5])).size, AWKWARD_IDS.length, id);
      for (const other of AWKWARD_IDS) {
        if (other !== id) assert.is(valueOf(await store.deleteUpload(userId(id), processingId(other))), 0);
      }
    }
  });

  test('a source name without a UTF-8 form is stored like any other, and known again', async ({ store }) => {
    const batch = columnsOf('heart_rate', [at(1, 1, { ...WATCH, key: 'half \ud800 pair', name: 'half \udc00 pair' })]);
    assert.equal(totalOf(await append(store, FIRST, [batch])), { stored: 1, duplicates: 0 });
    assert.equal(totalOf(await append(store, FIRST, [batch])), { stored: 0, duplicates: 1 });
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const batch = columnsOf('heart_rate', [at(1, 60), at(2, 61)]);
    await append(store, FIRST, [batch]);
    const before = await readRows(store);
    batch.value.fill(0);
    const [read] = valueOf(await store.read(ADA, ['heart_rate'], EVER));
    read?.startMs.fill(0);
    read?.source.fill(7);
    Object.assign(read?.sources[0] ?? {}, { name: 'changed' });
    assert.equal(await readRows(store), before);
  });

  test('columns that break their own promise are a fault of the program, and nothing of the call is stored', async ({
    store,
  }) => {
    const good = columnsOf('step_count', [at(1)]);
    const sound = columnsOf('heart_rate', [at(1), at(2)]);
    const broken: readonly SampleColumns[] = [
      { ...sound, value: Float64Array.of(1, Number.NaN) },
      { ...sound, value: Float64Array.of(1, Infinity) },
      { ...sound, value: Float64Array.of(1) },
      { ...sound, startMs: Float64Array.of(Number.NaN, 0) },
      { ...sound, endMs: Float64Array.of(0, 0) },
      { ...sound, endMs: Float64Array.of(Infinity, Infinity) },
      { ...sound, source: Uint16Array.of(0, 1) },
    ];
    for (const columns of broken) {
      let thrown: unknown = null;
      try {
        await store.append(ADA, FIRST, [good, columns]);
      } catch (error) {
        thrown = error;
      }
      assert.instance(thrown, RangeError);
    }
    assert.equal(await readRows(store, 'step_count'), []);
  });

  test('appends at the same time lose nothing', async ({ store }) => {
    assert.equal(totalOf(await meetingAppends([store])), MEETING_SAMPLES);
    assert.equal(
      (await readRows(store)).map(([, , , value]) => value),
      [...Array.from({ length: 12 }, (_, i) => i), 0],
    );
    assert.is((await readRows(store, 'step_count')).length, 24);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), [20_157, 20_159]);
  });

  test('an upload that is stored and deleted at the same time is all there or can be deleted', async ({ store }) => {
    const batches = [columnsOf('heart_rate', [at(1), at(30)]), columnsOf('step_count', [at(1), at(60)])];
    const [counts, removed] = await Promise.all([append(store, FIRST, batches), remove(store, FIRST)]);
    assert.equal(totalOf(counts), { stored: 4, duplicates: 0 });
    assert.is(removed + valueOf(await store.deleteUpload(ADA, FIRST)), 4);
    assert.equal(await allChunks(store), []);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), []);
  });

  test('chunks come in the order of types and days, each once, whatever the size of the pages', async ({ store }) => {
    await append(store, FIRST, [
      columnsOf('step_count', [at(1), at(2), at(-30)]),
      columnsOf('sleep_stage', [lasting(-100, 300)]),
      columnsOf('heart_rate', [at(50), at(1), { startMs: -1, value: 1, source: WATCH }, at(1000)]),
    ]);
    const places = [
      ['heart_rate', -1],
      ['heart_rate', 20_157],
      ['heart_rate', 20_159],
      ['heart_rate', 20_198],
      ['sleep_stage', 20_152],
      ['step_count', 20_155],
      ['step_count', 20_157],
    ];
    for (const limit of [1, 2, 3, 7, 100]) {
      const found = (await allChunks(store, limit)).map(placeOf).map(({ type, day }) => [type, day]);
      assert.equal(found, places, `pages of ${limit}`);
    }
    const between = valueOf(await store.chunks(ADA, { type: 'heart_rate', day: 20_158 }, 2)).map(placeOf);
    assert.equal(between, [
      { type: 'heart_rate', day: 20_159 },
      { type: 'heart_rate', day: 20_198 },
    ]);
    assert.equal(valueOf(await store.chunks(ADA, { type: 'step_count', day: 20_157 }, 2)), []);
    assert.equal(valueOf(await store.chunks(ADA, null, 0)), []);
    assert.equal(await allChunks(store, 2, BEN), []);
  });

  test('a chunk tells every sample and every upload that it came with', async ({ store }) => {
    await append(store, SECOND, [columnsOf('heart_rate', [at(2, 61, PHONE), at(1, 60)])]);
    await append(store, FIRST, [columnsOf('heart_rate', [at(1, 60), at(3, 62)])]);
    const [chunk, ...others] = await allChunks(store);
    assert.equal(others, []);
    assert.equal(rowsOf([chunk!.columns]), rowsOf([columnsOf('heart_rate', [at(1, 60), at(2, 61, PHONE), at(3, 62)])]));
    const uploadsOf = (sample: number) => chunk!.uploadSets[chunk!.uploadSet[sample]!]!.map((i) => chunk!.uploads[i]);
    assert.equal([0, 1, 2].map(uploadsOf), [[SECOND, FIRST].toSorted(), [SECOND], [FIRST]]);
    // It is whole and canonical: its stored form is a valid one and says the same.
    const again = decodeChunk(encodeChunk(chunk!));
    assert.equal(valueOf(again), chunk);
  });

  test('after an owner is erased nothing of theirs is left, and nobody else has lost anything', async ({ store }) => {
    const batches = [columnsOf('heart_rate', [at(1), at(30), lasting(-100, 3)]), columnsOf('step_count', [at(1)])];
    for (const owner of [ADA, BEN]) {
      await append(store, FIRST, batches, owner);
      await append(store, SECOND, batches, owner);
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    assert.equal(valueOf(await store.read(ADA, ['heart_rate', 'step_count'], EVER)), []);
    assert.equal(valueOf(await store.daysWithData(ADA, ['heart_rate', 'step_count'])), []);
    assert.equal(await allChunks(store), []);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.is((await readRows(store, 'heart_rate', EVER, BEN)).length, 3);
    assert.equal(valueOf(await store.daysWithData(BEN, ['step_count'])), [20_157]);
    assert.is((await allChunks(store, 100, BEN)).length, 4);
    assert.equal(totalOf(await append(store, THIRD, batches)), { stored: 4, duplicates: 0 });
    const midnight = { fromMs: MIDNIGHT, toMs: MIDNIGHT + 1 };
    assert.equal(startHours(await readRows(store, 'heart_rate', midnight)), [-100]);
    assert.is(valueOf(await store.deleteUpload(ADA, THIRD)), 4);
  });

  test('an owner without anything can be erased', async ({ store }) => {
    valueOf(await store.eraseOwner(ADA));
    assert.equal(await allChunks(store), []);
  });

  test('fifty thousand samples in any order are stored in one call, and known again in the next', async ({ store }) => {
    const count = 50_000;
    // A step that shares no factor with the count visits every minute once, in a scattered order.
    const samples = Array.from({ length: count }, (_, i) => {
      const minute = (i * 7_919) % count;
      return { startMs: MIDNIGHT + minute * MS_PER_MINUTE, value: minute % 211, source: minute % 2 ? WATCH : PHONE };
    });
    const batch = columnsOf('step_count', samples);
    assert.equal(totalOf(await append(store, FIRST, [batch])), { stored: count, duplicates: 0 });
    assert.equal(totalOf(await append(store, SECOND, [batch])), { stored: 0, duplicates: count });
    const rows = await readRows(store, 'step_count');
    assert.is(rows.length, count);
    assert.ok(rows.every(([, startMs, , value], i) => startMs === MIDNIGHT + i * MS_PER_MINUTE && value === i % 211));
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.is(valueOf(await store.deleteUpload(ADA, SECOND)), count);
  });

  test('the stored state does not depend on the order or the split of the calls', async ({ store }) => {
    const nextOwner = ownerFactory();
    const scattered = fc.array(fc.tuple(anySample, anyUpload), { maxLength: 25 }).chain((sent) =>
      fc.record({
        sent: fc.constant(sent),
        reordered: fc.shuffledSubarray(sent, { minLength: sent.length }),
        cuts: fc.array(fc.nat({ max: 25 }), { maxLength: 5 }),
        again: fc.subarray(sent),
      }),
    );
    await fc.assert(
      fc.asyncProperty(scattered, async ({ sent, reordered, cuts, again }) => {
        const [atOnce, inParts] = [nextOwner(), nextOwner()];
        let storedAtOnce = 0;
        for (const upload of [FIRST, SECOND, THIRD]) {
          const samples = sent.filter(([, of]) => of === upload).map(([sample]) => sample);
          const counts = totalOf(await append(store, upload, [columnsOf('heart_rate', samples)], atOnce));
          assert.is(counts.stored + counts.duplicates, samples.length);
          storedAtOnce += counts.stored;
        }
        let storedInParts = 0;
        const parts = [...reordered, ...again];
        const ends = [...cuts, parts.length].toSorted((a, b) => a - b);
        for (const [i, end] of ends.entries()) {
          for (const upload of [THIRD, FIRST, SECOND]) {
            const part = parts.slice(ends[i - 1] ?? 0, end).filter(([, of]) => of === upload);
            const batches = part.map(([sample]) => columnsOf('heart_rate', [sample]));
            storedInParts += totalOf(await append(store, upload, batches, inParts)).stored;
          }
        }
        assert.is(storedInParts, storedAtOnce);
        for (const gone of [null, FIRST, SECOND, THIRD]) {
          if (gone !== null) {
            const removed = valueOf(await store.deleteUpload(atOnce, gone));
            assert.is(valueOf(await store.deleteUpload(inParts, gone)), removed);
          }
          const left = await readRows(store, 'heart_rate', EVER, atOnce);
          assert.equal(await readRows(store, 'heart_rate', EVER, inParts), left);
        }
        assert.equal(await readRows(store, 'heart_rate', EVER, atOnce), []);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('reading and deleting agree with a plain list of samples', async ({ store }) => {
    const nextOwner = ownerFactory();
    const hours = fc.integer({ min: -60, max: 300 });
    // One description a source, so that the list need not know how descriptions are united.
    const plainSample = anySample.map((sample) => ({
      ...sample,
      value: sample.value + 0,
      source: sample.source.key === WATCH.key ? WATCH : PHONE,
      offsetMinutes: 60,
    }));
    const scenario = fc.record({
      sent: fc.array(fc.tuple(plainSample, anyUpload), { maxLength: 30 }),
      spans: fc.array(fc.tuple(hours, hours), { minLength: 1, maxLength: 4 }),
      gone: anyUpload,
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ sent, spans, gone }) => {
        const owner = nextOwner();
        const held = new Map<string, { row: Row; uploads: Set<ProcessingId> }>();
        for (const [sample, upload] of sent) {
          const batch = columnsOf('sleep_stage', [sample]);
          await append(store, upload, [batch], owner);
          const [row] = rowsOf([batch]);
          const known = held.get(JSON.stringify(row)) ?? { row: row!, uploads: new Set() };
          known.uploads.add(upload);
          held.set(JSON.stringify(row), known);
        }
        const agrees = async (list: readonly Row[]) => {
          for (const [a, b] of spans) {
            const span = { fromMs: MIDNIGHT + a * HOUR, toMs: MIDNIGHT + b * HOUR };
            const expected = list.filter(
              ([, startMs, endMs]) =>
                span.fromMs < span.toMs && startMs < span.toMs && (endMs > span.fromMs || startMs >= span.fromMs),
            );
            assert.equal(await readRows(store, 'sleep_stage', span, owner), expected.toSorted(compareRows));
          }
          const days = [...new Set(list.map(([, startMs]) => Math.floor(startMs / MS_PER_DAY)))];
          assert.equal(
            valueOf(await store.daysWithData(owner, ['sleep_stage'])),
            days.toSorted((a, b) => a - b),
          );
        };
        await agrees([...held.values()].map(({ row }) => row));
        for (const sample of held.values()) sample.uploads.delete(gone);
        const left = [...held.values()].filter(({ uploads }) => uploads.size > 0);
        assert.is(valueOf(await store.deleteUpload(owner, gone)), held.size - left.length);
        await agrees(left.map(({ row }) => row));
      }),
      { numRuns: propertyRuns },
    );
  });

  run();
}

/** What a `SampleStore` promises besides that does a call as a whole or not at all. */
export function atomicSampleStoreContract(name: string, make: () => Promise<UnderTest<SampleStore>>): void {
  const { test, run } = suiteOver<SampleStore, UnderTest<SampleStore>>(`atomic sample store: ${name}`, make);

  test('no reader sees half of an append', async ({ store }) => {
    const appended = meetingAppends([store]);
    const seen = await Promise.all(
      Array.from({ length: 12 }, async () => valueOf(await store.read(ADA, ['heart_rate', 'step_count'], EVER))),
    );
    for (const read of seen) {
      const countOf = (type: SampleType) => read.find((columns) => columns.type === type)?.startMs.length ?? 0;
      const calls = countOf('step_count') / 2;
      assert.is(countOf('heart_rate'), calls === 0 ? 0 : calls + 1);
    }
    assert.equal(totalOf(await appended), MEETING_SAMPLES);
  });

  run();
}

/** What a `SampleStore` promises besides whose content several processes share. */
export function sharedSampleStoreContract(name: string, make: () => Promise<SharedUnderTest<SampleStore>>): void {
  const { test, run } = suiteOver<SampleStore, SharedUnderTest<SampleStore>>(`shared sample store: ${name}`, make);

  test('appends of two processes at the same time end in the state of one', async ({ store, other }) => {
    assert.equal(totalOf(await meetingAppends([store, other])), MEETING_SAMPLES);
    const single = await make();
    try {
      await meetingAppends([single.store]);
      assert.equal((await allChunks(store)).map(encodeChunk), (await allChunks(single.store)).map(encodeChunk));
    } finally {
      await single.close();
    }
    assert.equal(await allChunks(other), await allChunks(store));
  });

  test('deleting in one process and appending in another lose nothing of other uploads', async ({ store, other }) => {
    const hours = Array.from({ length: 12 }, (_, i) => i * 12);
    await append(store, FIRST, [
      columnsOf(
        'heart_rate',
        hours.map((hour) => at(hour)),
      ),
    ]);
    const appends = hours.map((hour) => append(other, SECOND, [columnsOf('heart_rate', [at(hour + 1)])]));
    const [removed] = await Promise.all([remove(store, FIRST), ...appends]);
    assert.is(removed, hours.length);
    assert.equal(
      startHours(await readRows(store)),
      hours.map((hour) => hour + 1),
    );
    assert.equal(
      valueOf(await other.daysWithData(ADA, ['heart_rate'])),
      [0, 1, 2, 3, 4, 5].map((i) => 20_157 + i),
    );
    assert.is(valueOf(await store.deleteUpload(ADA, SECOND)), hours.length);
    assert.equal(valueOf(await other.daysWithData(ADA, ['heart_rate'])), []);
  });

  run();
}

/** What a `SampleStore` that outlives its process promises besides. */
export function durableSampleStoreContract(name: string, make: () => Promise<DurableUnderTest<SampleStore>>): void {
  const { test, run } = suiteOver<SampleStore, DurableUnderTest<SampleStore>>(`durable sample store: ${name}`, make);

  test('samples and what they came with are there after closing and opening again', async (under) => {
    const { store } = under;
    await append(store, FIRST, [columnsOf('sleep_stage', [lasting(-100, 10), { ...at(1, 0.1), offsetMinutes: 60 }])]);
    await append(store, SECOND, [columnsOf('sleep_stage', [{ ...at(1, 0.1), offsetMinutes: 60 }, at(30, 1, PHONE)])]);
    const before = await readRows(store, 'sleep_stage');
    const reopened = await under.reopen();
    assert.equal(await readRows(reopened, 'sleep_stage'), before);
    assert.equal(startHours(await readRows(reopened, 'sleep_stage', { fromMs: MIDNIGHT, toMs: MIDNIGHT + 1 })), [-100]);
    assert.equal(totalOf(await append(reopened, THIRD, [columnsOf('sleep_stage', [at(30, 1, PHONE)])])).duplicates, 1);
    assert.is(valueOf(await reopened.deleteUpload(ADA, SECOND)), 0);
    assert.is(valueOf(await reopened.deleteUpload(ADA, FIRST)), 2);
    const again = await under.reopen();
    assert.equal(startHours(await readRows(again, 'sleep_stage')), [30]);
  });

  run();
}
