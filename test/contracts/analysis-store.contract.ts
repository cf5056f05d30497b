import * as assert from 'uvu/assert';
import type { AnalysisDocument } from '../../core/analysis/document.ts';
import type { AnalysisRecord, AnalysisScope, AnalysisStore } from '../../core/analysis/ports.ts';
import { analysisId, processingId, userId } from '../../core/kernel/ids.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';
import { AWKWARD_IDS } from './awkward-ids.ts';
import { suiteOver, type DurableUnderTest, type UnderTest } from './under-test.ts';

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');
const BEN = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a02');
const FIRST = processingId('11111111-1111-4111-8111-111111111111');
const SECOND = processingId('22222222-2222-4222-8222-222222222222');

/** A document with numbers, nulls and text of every kind; the values mean nothing. */
const documentFrom = (start: string): AnalysisDocument => ({
  schema: 'clarity.analysis/1',
  window: { start, end: '2025-03-31T00:00:00+02:00', timezone: 'Europe/Berlin', minutes: 30_180 },
  input: {
    kind: 'steps',
    sha256: 'ab'.repeat(32),
    sources: [
      { name: 'Uhr "⌚" \0', device: 'watch', signal: 'steps', samples: 3, used: 2, set_aside: 1, reason: null },
    ],
    notices: [],
  },
  data_quality: { valid_minutes: 0, valid_days: 0, wear_fraction: 1 / 3, gaps: [], wear_rule: 'none' },
  rhythm: {
    interdaily_stability: 0.1 + 0.2,
    intradaily_variability: null,
    relative_amplitude: 5e-324,
    l5: { mean: 0, onset_minute: 120 },
    m10: { mean: null, onset_minute: null },
    cosinor: { mesor: -1.5, amplitude: 1e300, acrophase_minute: null, r_squared: null },
  },
  sleep: {
    method: null,
    scored_sleep_minutes: null,
    rescored_sleep_minutes: null,
    regularity_index: null,
    nights: null,
  },
  activity: { unit: 'steps/min', daily: [{ date: '2025-03-10', total: null, valid_minutes: 0 }], hourly_profile: [] },
  model: { status: 'weights_not_installed', name: null, engine: null, scaling: null, embedding: [0.25, -1e-9] },
  risk: { depression: null },
  algorithms: { rhythm: { name: 'NPCRA', version: '1', reference: 'Witting et al. 1990' } },
  not_computed: [{ field: 'sleep.nights', reason: 'no nights' }],
});

const record = (id: string, changes: Partial<AnalysisRecord> = {}): AnalysisRecord => ({
  owner: ADA,
  analysisId: analysisId(id),
  upload: FIRST,
  scope: 'window',
  createdAtMs: 1_741_000_000_000.5,
  document: documentFrom('2025-03-10T00:00:00+01:00'),
  grid: { dates: ['2025-03-10', '2025-03-11'], values: Float32Array.of(Number.NaN, 0, 0.1, -1, 3.4e38) },
  ...changes,
});

const beginning = (start: string, scope: AnalysisScope = 'week'): Partial<AnalysisRecord> => ({
  scope,
  document: documentFrom(start),
});

/** For comparing: in a list of numbers a missing minute equals another one. */
const plain = (records: readonly AnalysisRecord[]) =>
  records.map((one) => ({ ...one, grid: { ...one.grid, values: [...one.grid.values] } }));

const listed = async (store: AnalysisStore, upload = FIRST, owner = ADA): Promise<readonly string[]> =>
  valueOf(await store.listForUpload(owner, upload)).map((found) => found.analysisId);

/** What every `AnalysisStore` promises. `make` is called once a test. */
export function analysisStoreContract(name: string, make: () => Promise<UnderTest<AnalysisStore>>): void {
  const { test, run } = suiteOver<AnalysisStore, UnderTest<AnalysisStore>>(`analysis store: ${name}`, make);

  test('an upload without analyses has none to get, list or delete', async ({ store }) => {
    const absent = { kind: 'not-found', resource: 'analysis', id: FIRST };
    assert.equal(errorOf(await store.getForUpload(ADA, FIRST)), absent);
    assert.equal(await listed(store), []);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
  });

  test('a document and its minutes come back exactly', async ({ store }) => {
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('a')]));
    const found = valueOf(await store.getForUpload(ADA, FIRST));
    assert.instance(found.grid.values, Float32Array);
    assert.equal(plain([found]), plain([record('a')]));
    assert.equal(plain(valueOf(await store.listForUpload(ADA, FIRST))), plain([record('a')]));
  });

  test('a grid of many weeks and an empty one come back exactly', async ({ store }) => {
    const values = Float32Array.from({ length: 90 * 1440 }, (_, i) => (i % 11 === 0 ? Number.NaN : i / 7));
    const dates = Array.from({ length: 90 }, (_, day) => `day ${day}`);
    const long = record('long', { grid: { dates, values } });
    const empty = record('empty', { scope: 'week', grid: { dates: [], values: new Float32Array(0) } });
    valueOf(await store.replaceForUpload(ADA, FIRST, [long, empty]));
    assert.equal(plain(valueOf(await store.listForUpload(ADA, FIRST))), plain([long, empty]));
  });

  test('the window comes first, then the weeks in time order, whatever their zones', async ({ store }) => {
    const records = [
      record('third', beginning('2025-03-24T00:00:00+01:00')),
      record('second', beginning('2025-03-17T00:30:00+02:00')),
      record('window', beginning('2025-03-30T00:00:00Z', 'window')),
      record('first', beginning('2025-03-16T22:00:00Z')),
    ];
    valueOf(await store.replaceForUpload(ADA, FIRST, records));
    assert.equal(await listed(store), ['window', 'first', 'second', 'third']);
    assert.is(valueOf(await store.getForUpload(ADA, FIRST)).analysisId, 'window');
  });

  test('weeks without a window are listed, but there is no window to get', async ({ store }) => {
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('week', { scope: 'week' })]));
    assert.equal(await listed(store), ['week']);
    assert.is(errorOf(await store.getForUpload(ADA, FIRST)).kind, 'not-found');
  });

  test("replacing leaves nothing of the upload's earlier analyses, and touches no other upload", async ({ store }) => {
    const week = (id: string) => record(id, { scope: 'week' });
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('a'), week('b'), week('c')]));
    valueOf(await store.replaceForUpload(ADA, SECOND, [record('other', { upload: SECOND })]));
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('new')]));
    assert.equal(await listed(store), ['new']);
    assert.equal(await listed(store, SECOND), ['other']);
    valueOf(await store.replaceForUpload(ADA, FIRST, []));
    assert.equal(await listed(store), []);
    assert.is(errorOf(await store.getForUpload(ADA, FIRST)).kind, 'not-found');
  });

  test('deleting takes all analyses of the upload and says how many', async ({ store }) => {
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('a'), record('b', { scope: 'week' })]));
    valueOf(await store.replaceForUpload(ADA, SECOND, [record('other', { upload: SECOND })]));
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 0);
    assert.equal(await listed(store), []);
    assert.equal(await listed(store, SECOND), ['other']);
  });

  test("another owner's analyses are as if they were not there", async ({ store }) => {
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('a')]));
    assert.is(errorOf(await store.getForUpload(BEN, FIRST)).kind, 'not-found');
    assert.equal(await listed(store, FIRST, BEN), []);
    assert.is(valueOf(await store.deleteUpload(BEN, FIRST)), 0);
    valueOf(await store.replaceForUpload(BEN, FIRST, [record('of ben', { owner: BEN })]));
    assert.equal(await listed(store, FIRST, BEN), ['of ben']);
    valueOf(await store.replaceForUpload(BEN, FIRST, []));
    assert.equal(await listed(store), ['a']);
  });

  test('ids of any characters stay apart', async ({ store }) => {
    for (const id of AWKWARD_IDS) {
      const own = { owner: userId(id), upload: processingId(id) };
      valueOf(await store.replaceForUpload(own.owner, own.upload, [record(id, own)]));
    }
    for (const id of AWKWARD_IDS) assert.equal(await listed(store, processingId(id), userId(id)), [id]);
  });

  test('what was handed in or out can be changed without changing the store', async ({ store }) => {
    const given = record('a');
    valueOf(await store.replaceForUpload(ADA, FIRST, [given]));
    given.grid.values.fill(7);
    for (const found of [
      valueOf(await store.getForUpload(ADA, FIRST)),
      valueOf(await store.listForUpload(ADA, FIRST))[0]!,
    ]) {
      found.grid.values.fill(8);
      Object.assign(found.document.risk, { depression: 1 });
    }
    assert.equal(plain([valueOf(await store.getForUpload(ADA, FIRST))]), plain([record('a')]));
  });

  test('after an owner is erased nothing of theirs is left, and nobody else has lost anything', async ({ store }) => {
    for (const owner of [ADA, BEN]) {
      valueOf(
        await store.replaceForUpload(owner, FIRST, [record('a', { owner }), record('b', { scope: 'week', owner })]),
      );
      valueOf(await store.replaceForUpload(owner, SECOND, [record('c', { owner, upload: SECOND })]));
    }
    valueOf(await store.eraseOwner(ADA));
    valueOf(await store.eraseOwner(ADA));
    for (const upload of [FIRST, SECOND]) {
      assert.is(errorOf(await store.getForUpload(ADA, upload)).kind, 'not-found');
      assert.equal(await listed(store, upload), []);
      assert.is(valueOf(await store.deleteUpload(ADA, upload)), 0);
    }
    assert.equal(await listed(store, FIRST, BEN), ['a', 'b']);
    assert.equal(await listed(store, SECOND, BEN), ['c']);
    valueOf(await store.replaceForUpload(ADA, FIRST, [record('again')]));
    assert.equal(await listed(store), ['again']);
  });

  test('of replacements at the same time one is there in the end, whole', async ({ store }) => {
    const generations = Array.from({ length: 6 }, (_, i) => [
      record(`window ${i}`),
      record(`week ${i}`, { scope: 'week' }),
    ]);
    const replaced = await Promise.all(generations.map((records) => store.replaceForUpload(ADA, FIRST, records)));
    replaced.forEach(valueOf);
    const [window, week] = await listed(store);
    assert.ok(generations.some(([first, second]) => first!.analysisId === window && second!.analysisId === week));
    assert.is(valueOf(await store.deleteUpload(ADA, FIRST)), 2);
  });

  test('no reader sees half of a replacement', async ({ store }) => {
    const generation = (number: number): readonly AnalysisRecord[] => [
      record(`window ${number}`),
      record(`week ${number}`, { scope: 'week' }),
    ];
    valueOf(await store.replaceForUpload(ADA, FIRST, generation(0)));
    const writes = Promise.all([1, 2, 3].map((number) => store.replaceForUpload(ADA, FIRST, generation(number))));
    const reads = await Promise.all(Array.from({ length: 10 }, () => listed(store)));
    await writes;
    for (const read of reads) {
      const numbers = new Set(read.map((id) => id.split(' ')[1]));
      assert.equal([read.length, numbers.size], [2, 1]);
    }
  });

  run();
}

/** What an `AnalysisStore` that outlives its process promises besides. */
export function durableAnalysisStoreContract(name: string, make: () => Promise<DurableUnderTest<AnalysisStore>>): void {
  const { test, run } = suiteOver<AnalysisStore, DurableUnderTest<AnalysisStore>>(
    `durable analysis store: ${name}`,
    make,
  );

  test('analyses are there after closing and opening again', async (under) => {
    const records = [record('a'), record('b', { scope: 'week' })];
    valueOf(await under.store.replaceForUpload(ADA, FIRST, records));
    const reopened = await under.reopen();
    assert.equal(plain(valueOf(await reopened.listForUpload(ADA, FIRST))), plain(records));
    assert.equal(plain([valueOf(await reopened.getForUpload(ADA, FIRST))]), plain([record('a')]));
  });

  run();
}
