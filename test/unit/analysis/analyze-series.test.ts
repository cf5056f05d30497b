import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { ALGORITHMS } from '../../../core/analysis/algorithms.ts';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { NightResult } from '../../../core/analysis/document.ts';
import { summarize } from '../../../core/analysis/summary.ts';
import type { MinuteRecording } from '../../../core/analysis/recording.ts';
import { parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import type { ActigraphyModel } from '../../../core/pat/ports.ts';
import { memoryWorld, MODEL_WITHOUT_WEIGHTS, READY_MODEL } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { assertTruthful, reasonOf } from './document-nulls.ts';
import { BERLIN, constant, recording, WEEK_COUNTS } from './recordings.ts';

async function analyzed(changes: Partial<MinuteRecording> = {}, model: ActigraphyModel = MODEL_WITHOUT_WEIGHTS) {
  const { document, grid } = valueOf(await analyzeSeries(memoryWorld({ model }))(recording(changes)));
  assertTruthful(document);
  return { document, grid };
}

interface Expected {
  readonly IS: number;
  readonly IV: number;
  readonly L5M10: Readonly<Record<'L5' | 'L5_onset_min' | 'M10' | 'M10_onset_min' | 'RA', number>>;
  readonly cosinor: Readonly<Record<'mesor' | 'amplitude' | 'peak_clock_min' | 'r2', number>>;
  readonly SRI_ck: number;
  readonly nonwear_troiano: readonly (readonly [number, number])[];
  readonly nonwear_choi: readonly (readonly [number, number])[];
}
const expected = (
  JSON.parse(readFileSync(new URL('../../fixtures/actigraphy/npcra_expected.json', import.meta.url), 'utf8')) as {
    readonly cases: { readonly week: { readonly expected: Expected } };
  }
).cases.week.expected;

const close = (actual: number | null, wanted: number): void => {
  assert.ok(actual !== null && Math.abs(actual - wanted) <= 1e-9 * Math.abs(wanted), `${actual}, expected ${wanted}`);
};

test("the document of the known week holds the reference's numbers", async () => {
  const { document } = await analyzed();
  const { rhythm, sleep } = document;
  close(rhythm.interdaily_stability, expected.IS);
  close(rhythm.intradaily_variability, expected.IV);
  close(rhythm.relative_amplitude, expected.L5M10.RA);
  close(rhythm.l5.mean, expected.L5M10.L5);
  close(rhythm.l5.onset_minute, expected.L5M10.L5_onset_min);
  close(rhythm.m10.mean, expected.L5M10.M10);
  close(rhythm.m10.onset_minute, expected.L5M10.M10_onset_min);
  close(rhythm.cosinor.mesor, expected.cosinor.mesor);
  close(rhythm.cosinor.amplitude, expected.cosinor.amplitude);
  close(rhythm.cosinor.acrophase_minute, expected.cosinor.peak_clock_min);
  close(rhythm.cosinor.r_squared, expected.cosinor.r2);
  assert.is(sleep.scored_sleep_minutes, 8003);
  assert.is(sleep.rescored_sleep_minutes, 7798);
  close(sleep.regularity_index, expected.SRI_ck);
});

test('the document says what was analysed, when and where', async () => {
  const { document } = await analyzed();
  assert.is(document.schema, 'clarity.analysis/1');
  assert.equal(document.window, {
    start: '2025-01-06T00:00:00+00:00',
    end: '2025-01-13T00:00:00+00:00',
    timezone: 'UTC',
    minutes: 10_080,
  });
  assert.equal(document.input, {
    kind: 'counts',
    sha256: 'ab'.repeat(32),
    sources: [],
    notices: [{ code: 'missing-count', message: 'missing', count: 2, first_at: 'line 7' }],
  });
  assert.equal(document.data_quality, {
    valid_minutes: 10_080,
    valid_days: 7,
    wear_fraction: 1,
    gaps: [],
    wear_rule: 'as the test says',
  });
});

test('the days of the document add up to the counts that went in', async () => {
  const { document } = await analyzed();
  assert.is(document.activity.unit, 'counts/min');
  assert.equal(
    document.activity.daily.map(({ date, valid_minutes: valid }) => [date, valid]),
    ['06', '07', '08', '09', '10', '11', '12'].map((day) => [`2025-01-${day}`, 1440]),
  );
  const total = document.activity.daily.reduce((sum, day) => sum + (day.total ?? Number.NaN), 0);
  assert.is(
    total,
    WEEK_COUNTS.reduce((sum, count) => sum + count, 0),
  );
  const hourly = document.activity.hourly_profile;
  assert.is(hourly.length, 24);
  close(
    hourly.reduce<number>((sum, mean) => sum + (mean ?? Number.NaN), 0),
    total / 7 / 60,
  );
});

test('every algorithm named is one of the published list, and those used are named', async () => {
  const { document } = await analyzed({ nonWear: 'choi' }, READY_MODEL);
  assert.equal(Object.keys(document.algorithms).sort(), [
    'cole_kripke',
    'cosinor',
    'interdaily_stability',
    'intradaily_variability',
    'minute_imputation',
    'non_wear_choi',
    'pat_encoder',
    'rest_and_active_periods',
    'sleep_regularity_index',
    'valid_days',
    'webster',
  ]);
  for (const [key, algorithm] of Object.entries(document.algorithms)) {
    assert.equal(algorithm, ALGORITHMS[key as keyof typeof ALGORITHMS]);
  }
});

for (const [rule, runs, stated] of [
  ['choi', expected.nonwear_choi, 'non_wear_choi'],
  ['troiano', expected.nonwear_troiano, 'non_wear_troiano'],
] as const) {
  test(`with the ${rule} rule its periods are missing everywhere in the document`, async () => {
    const { document, grid } = await analyzed({ nonWear: rule });
    const masked = runs.reduce((sum, [, length]) => sum + length, 0);
    assert.ok(masked > 0);
    assert.is(document.data_quality.valid_minutes, 10_080 - masked);
    close(document.data_quality.wear_fraction, (10_080 - masked) / 10_080);
    assert.equal(
      document.data_quality.gaps.map(({ minutes }) => minutes),
      runs.map(([, length]) => length),
    );
    assert.is(grid.values.filter((value) => Number.isNaN(value)).length, masked);
    assert.ok(stated in document.algorithms);
    assert.ok((document.sleep.scored_sleep_minutes ?? 8003) < 8003, 'a minute not worn is not scored');
  });
}

test('a gap is told with its local start and end, and its minutes count for nothing', async () => {
  const values = WEEK_COUNTS.slice().fill(Number.NaN, 600, 690);
  const { document } = await analyzed({ values, zone: BERLIN, startMs: Date.UTC(2025, 0, 5, 23) });
  assert.equal(document.data_quality.gaps, [
    { start: '2025-01-06T10:00:00+01:00', end: '2025-01-06T11:30:00+01:00', minutes: 90 },
  ]);
  assert.is(document.data_quality.valid_minutes, 9990);
  assert.is(document.activity.daily[0]?.valid_minutes, 1350);
});

test('a day is valid with ten hours of known minutes, and not with one minute less', async () => {
  const values = new Float64Array(2880).fill(Number.NaN);
  values.fill(1, 0, 600).fill(1, 1440, 1440 + 599);
  const { document } = await analyzed({ values });
  assert.is(document.data_quality.valid_days, 1);
  assert.is(document.data_quality.valid_minutes, 1199);
});

test('steps are not scored for sleep, and the document says why', async () => {
  for (const kind of ['steps', 'healthkit'] as const) {
    const { document } = await analyzed({ kind, nonWear: 'choi' });
    assert.is(document.activity.unit, 'steps/min');
    assert.is(document.sleep.scored_sleep_minutes, null);
    assert.is(document.sleep.rescored_sleep_minutes, null);
    assert.match(reasonOf(document, 'sleep.scored_sleep_minutes'), 'Cole-Kripke is fitted to wrist activity counts');
    assert.is(reasonOf(document, 'sleep.nights'), 'the test records no sleep');
    assert.not.ok('cole_kripke' in document.algorithms);
    assert.not.ok('non_wear_choi' in document.algorithms, 'non-wear rules are for counts');
    assert.is(document.data_quality.valid_minutes, 10_080);
    assert.is('step_minutes' in document.algorithms, kind === 'healthkit');
  }
});

const NIGHT: NightResult = {
  date: '2025-01-06',
  in_bed_start: '2025-01-06T23:00:00+00:00',
  in_bed_end: '2025-01-07T07:00:00+00:00',
  time_in_bed_minutes: 480,
  asleep_minutes: 450,
  efficiency_percent: 93.75,
  onset_latency_minutes: 10,
  waso_minutes: 20,
  stages: { awake: 20, core: 250, deep: 100, rem: 100, unspecified: 0 },
  source: 'Sam Watch',
};

test("a device's own nights are shown as they are, with a regularity index of its sleep", async () => {
  const states = Uint8Array.from(WEEK_COUNTS, (_, i) => (i % 1440 < 420 ? 1 : 0));
  const { document } = await analyzed({ kind: 'healthkit', recordedSleep: { nights: [NIGHT], states } });
  assert.equal(document.sleep.nights, [NIGHT]);
  assert.is(document.sleep.regularity_index, 100);
  assert.match(document.sleep.method ?? '', 'noon to noon');
  assert.ok('nights' in document.algorithms);
});

test('what some nights lack is null, with how many nights it is about', async () => {
  const bedOnly: NightResult = {
    ...NIGHT,
    asleep_minutes: null,
    efficiency_percent: null,
    onset_latency_minutes: null,
    waso_minutes: null,
    stages: null,
  };
  const { document } = await analyzed({
    kind: 'healthkit',
    recordedSleep: { nights: [NIGHT, bedOnly], states: new Uint8Array(10_080).fill(255) },
  });
  assert.is(reasonOf(document, 'sleep.nights[].asleep_minutes'), 'in 1 of 2 nights only time in bed was recorded');
  assert.is(document.sleep.regularity_index, null);
});

test('a recording without one valid minute has no numbers, only reasons', async () => {
  const { document } = await analyzed({ values: constant(Number.NaN, 2880) });
  assert.equal(document.rhythm, {
    interdaily_stability: null,
    intradaily_variability: null,
    relative_amplitude: null,
    l5: { mean: null, onset_minute: null },
    m10: { mean: null, onset_minute: null },
    cosinor: { mesor: null, amplitude: null, acrophase_minute: null, r_squared: null },
  });
  assert.equal(document.sleep, {
    method: null,
    scored_sleep_minutes: null,
    rescored_sleep_minutes: null,
    regularity_index: null,
    nights: null,
  });
  assert.equal(
    document.activity.daily.map(({ total }) => total),
    [null, null],
  );
  assert.is(document.data_quality.wear_fraction, 0);
  assert.equal(
    document.data_quality.gaps.map(({ minutes }) => minutes),
    [2880],
  );
  assert.is(reasonOf(document, 'activity.daily[].total'), '2 days hold no valid minute');
  assert.is(reasonOf(document, 'activity.hourly_profile'), '24 of the 24 clock hours hold no valid minute');
});

test('one day has rest and activity, but no stability from day to day', async () => {
  const { document } = await analyzed({ values: WEEK_COUNTS.slice(0, 1440) });
  assert.is(document.rhythm.interdaily_stability, null);
  assert.match(reasonOf(document, 'rhythm.interdaily_stability'), 'at least 2 days');
  assert.is(document.sleep.regularity_index, null);
  assert.type(document.rhythm.intradaily_variability, 'number');
  assert.type(document.rhythm.l5.mean, 'number');
  assert.type(document.sleep.scored_sleep_minutes, 'number');
});

test('a few minutes have next to nothing, and say so', async () => {
  const { document } = await analyzed({ values: WEEK_COUNTS.slice(600, 700) });
  assert.is(document.rhythm.cosinor.mesor, null);
  assert.is(document.rhythm.l5.mean, null);
  assert.is(document.data_quality.valid_days, 0);
});

test('a constant recording has a level and no rhythm', async () => {
  const { document } = await analyzed({ values: constant(7, 10_080) });
  assert.is(document.rhythm.interdaily_stability, null);
  assert.is(document.rhythm.intradaily_variability, null);
  assert.is(document.rhythm.relative_amplitude, 0);
  assert.equal(document.rhythm.cosinor, { mesor: 7, amplitude: 0, acrophase_minute: null, r_squared: null });
  assert.match(reasonOf(document, 'rhythm.cosinor.acrophase_minute'), 'no peak');
});

test('a recording of nothing but zeros has no relative amplitude', async () => {
  const { document } = await analyzed({ values: constant(0, 10_080) });
  assert.equal(document.rhythm.l5, { mean: 0, onset_minute: 0 });
  assert.is(document.rhythm.relative_amplitude, null);
  assert.match(reasonOf(document, 'rhythm.relative_amplitude'), 'M10 + L5, which is 0');
});

for (const [date, minutes, change] of [
  ['2025-03-24', 10_020, 'go forward'],
  ['2025-10-20', 10_140, 'go back'],
] as const) {
  test(`a week in which the clocks ${change} is read by the local clock`, async () => {
    const startMs = startOfLocalDay(BERLIN, parseIsoDate(date) ?? Number.NaN);
    // One count a minute from 14:00 to 15:00 on the wall clock, every day.
    const values = Float64Array.from({ length: minutes }, (_, i) => {
      const instant = startMs + i * 60_000;
      return new Date(instant + BERLIN.offsetMinutesAt(instant) * 60_000).getUTCHours() === 14 ? 60 : 0;
    });
    const { document, grid } = await analyzed({ startMs, values, zone: BERLIN });
    assert.is(document.window.minutes, minutes);
    assert.is(document.activity.daily.length, 7);
    assert.is(document.activity.daily[6]?.valid_minutes, minutes - 6 * 1440);
    assert.ok(document.activity.daily.every(({ total }) => total === 3600));
    assert.is(document.activity.hourly_profile[14], 60);
    // The days are the same; the published form is off by the share of the hour that comes twice or not at all.
    const stability = document.rhythm.interdaily_stability ?? Number.NaN;
    assert.ok(Math.abs(stability - 1) < 1 / 168, String(stability));
    assert.is((summarize(document).circadianRhythmScore ?? Number.NaN) <= 1, true);
    assert.is(grid.values.length, 10_080);
    assert.is(grid.values.filter((value) => Number.isNaN(value)).length, Math.max(0, 10_080 - minutes));
  });
}

test('a risk of depression is never given without a trained head', async () => {
  const { document } = await analyzed({}, READY_MODEL);
  assert.is(document.risk.depression, null);
  assert.match(reasonOf(document, 'risk.depression'), 'no trained head');
});

test.run();
