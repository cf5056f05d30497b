import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeSeries } from '../../../core/analysis/analyze-series.ts';
import type { AnalysisDocument, NightResult } from '../../../core/analysis/document.ts';
import { factsOfDocument } from '../../../core/insights/document-facts.ts';
import { FACT_KINDS, isFactName, numberIssue } from '../../../core/insights/fact-catalogue.ts';
import type { KnownFacts } from '../../../core/insights/model.ts';
import { constant, recording } from '../analysis/recordings.ts';
import { memoryWorld } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

const documentOf = async (changes: Parameters<typeof recording>[0] = {}): Promise<AnalysisDocument> =>
  valueOf(await analyzeSeries(memoryWorld())(recording(changes))).document;
const COUNTS = await documentOf();
const STEPS = await documentOf({ kind: 'steps' });

const night = (changes: Partial<NightResult> = {}): NightResult => ({
  date: '2025-01-06',
  in_bed_start: null,
  in_bed_end: null,
  time_in_bed_minutes: 480,
  asleep_minutes: 450,
  efficiency_percent: 90,
  onset_latency_minutes: 10,
  waso_minutes: 20,
  stages: null,
  source: 'Watch',
  ...changes,
});
const withNights = (...nights: readonly NightResult[]): AnalysisDocument => ({
  ...STEPS,
  input: { ...STEPS.input, kind: 'healthkit' },
  sleep: { ...STEPS.sleep, nights },
});

const valuesOf = ({ facts }: KnownFacts): Readonly<Record<string, number>> =>
  Object.fromEntries(facts.map(({ name, value }) => [name, value]));
const reasonOf = ({ notComputed }: KnownFacts, field: string): string | undefined =>
  notComputed.find((entry) => entry.field === field)?.reason;

test('the numbers of an analysis of counts are facts under the document’s own names', () => {
  const read = factsOfDocument(COUNTS);
  const total = COUNTS.activity.daily.reduce((sum, day) => sum + (day.total ?? 0), 0);
  assert.equal(valuesOf(read), {
    'window.minutes': 10_080,
    'data_quality.valid_minutes': 10_080,
    'data_quality.valid_days': 7,
    'rhythm.interdaily_stability': COUNTS.rhythm.interdaily_stability,
    'rhythm.intradaily_variability': COUNTS.rhythm.intradaily_variability,
    'rhythm.relative_amplitude': COUNTS.rhythm.relative_amplitude,
    'rhythm.l5.onset_minute': COUNTS.rhythm.l5.onset_minute,
    'rhythm.m10.onset_minute': COUNTS.rhythm.m10.onset_minute,
    'rhythm.cosinor.acrophase_minute': COUNTS.rhythm.cosinor.acrophase_minute,
    'sleep.regularity_index': COUNTS.sleep.regularity_index,
    'sleep.rescored_sleep_hours': (COUNTS.sleep.rescored_sleep_minutes ?? Number.NaN) / 60,
    'activity.daily.count': 7,
    'activity.daily.mean_counts': total / 7,
  });
  assert.ok(read.facts.every(({ origin, isProxy }) => origin === 'analysis' && !isProxy));
  assert.equal(read.notComputed, [
    {
      field: 'sleep.nights.count',
      reason: 'counts alone do not tell when a person was in bed: nights need sleep intervals or a diary',
    },
  ]);
});

test('every fact is of a known kind, with its unit, and in its range', () => {
  for (const document of [COUNTS, STEPS, withNights(night(), night())]) {
    for (const { name, unit, value } of factsOfDocument(document).facts) {
      if (!isFactName(name)) throw new Error(`${name} is no kind of fact`);
      assert.is(unit, FACT_KINDS[name].unit);
      assert.is(numberIssue(value, FACT_KINDS[name]), null);
    }
  }
});

test('what is computed from steps is a proxy, steps themselves are not', () => {
  const { facts } = factsOfDocument(STEPS);
  const proxies = facts.filter(({ isProxy }) => isProxy).map(({ name }) => name);
  assert.ok(proxies.length >= 6);
  assert.ok(proxies.every((name) => name.startsWith('rhythm.')));
  assert.is(valuesOf({ facts, notComputed: [] })['activity.daily.mean_counts'], undefined);
  assert.type(valuesOf({ facts, notComputed: [] })['activity.daily.mean_steps'], 'number');
});

test('recorded nights are summed up over those that tell a number, and are the device’s', () => {
  const read = factsOfDocument(
    withNights(
      night({ asleep_minutes: 300, efficiency_percent: 80 }),
      night({ asleep_minutes: 480, efficiency_percent: null, onset_latency_minutes: null, waso_minutes: 50 }),
      night({ asleep_minutes: null, efficiency_percent: null, onset_latency_minutes: 40, waso_minutes: null }),
    ),
  );
  const nights = Object.entries(valuesOf(read)).filter(([name]) => name.startsWith('sleep.nights.'));
  assert.equal(Object.fromEntries(nights), {
    'sleep.nights.count': 3,
    'sleep.nights.asleep.count': 2,
    'sleep.nights.asleep.mean_hours': 6.5,
    'sleep.nights.asleep.shortest_hours': 5,
    'sleep.nights.asleep.longest_hours': 8,
    'sleep.nights.efficiency.count': 1,
    'sleep.nights.efficiency.mean_percent': 80,
    'sleep.nights.onset_latency.mean_minutes': 25,
    'sleep.nights.waso.mean_minutes': 35,
  });
  assert.ok(read.facts.filter(({ name }) => name.startsWith('sleep.')).every(({ origin }) => origin === 'device'));
});

test('one night has a length and no spread', () => {
  const read = factsOfDocument(withNights(night()));
  assert.is(valuesOf(read)['sleep.nights.asleep.mean_hours'], 7.5);
  assert.is(reasonOf(read, 'sleep.nights.asleep.shortest_hours'), 'fewer than two recorded nights tell it');
  assert.is(reasonOf(read, 'sleep.nights.asleep.longest_hours'), 'fewer than two recorded nights tell it');
});

test('a number that no night tells is missing for the document’s reason, else for one of its own', () => {
  const bare = { asleep_minutes: null, efficiency_percent: null, onset_latency_minutes: null, waso_minutes: null };
  const document = {
    ...withNights(night(bare)),
    not_computed: [
      { field: 'sleep.nights[].asleep_minutes', reason: 'in 1 of 1 nights only time in bed was recorded' },
    ],
  };
  const read = factsOfDocument(document);
  assert.is(valuesOf(read)['sleep.nights.count'], 1);
  for (const field of ['asleep.count', 'asleep.mean_hours', 'asleep.shortest_hours']) {
    assert.is(reasonOf(read, `sleep.nights.${field}`), 'in 1 of 1 nights only time in bed was recorded');
  }
  assert.is(reasonOf(read, 'sleep.nights.waso.mean_minutes'), 'no recorded night tells it');
});

test('a list of nights without any is no recorded night', () => {
  const read = factsOfDocument(withNights());
  assert.is(reasonOf(read, 'sleep.nights.count'), 'the test records no sleep');
  assert.is(valuesOf(read)['sleep.nights.count'], undefined);
});

test('days with too few minutes do not count, and without any other day there is no mean', () => {
  const [first, ...rest] = COUNTS.activity.daily;
  const daily = [first!, ...rest.map((day) => ({ ...day, valid_minutes: 599 }))];
  const one = factsOfDocument({ ...COUNTS, activity: { ...COUNTS.activity, daily } });
  assert.is(valuesOf(one)['activity.daily.count'], 1);
  assert.is(valuesOf(one)['activity.daily.mean_counts'], first?.total);
  const none = factsOfDocument({ ...COUNTS, activity: { ...COUNTS.activity, daily: daily.slice(1) } });
  assert.is(reasonOf(none, 'activity.daily.count'), 'no day has 600 known minutes');
  assert.is(reasonOf(none, 'activity.daily.mean_counts'), 'no day has 600 known minutes');
});

test('nothing of a recording without a valid minute is made up', async () => {
  const read = factsOfDocument(await documentOf({ values: constant(Number.NaN, 2880) }));
  assert.equal(valuesOf(read), {
    'window.minutes': 2880,
    'data_quality.valid_minutes': 0,
    'data_quality.valid_days': 0,
  });
  assert.ok(read.notComputed.every(({ reason }) => reason.length > 10));
  assert.match(reasonOf(read, 'sleep.rescored_sleep_hours') ?? '', 'no valid minute');
});

test('a number that is not finite is no fact', () => {
  const rhythm = { ...COUNTS.rhythm, relative_amplitude: Number.NaN };
  const read = factsOfDocument({ ...COUNTS, rhythm });
  assert.is(reasonOf(read, 'rhythm.relative_amplitude'), 'it is not computable from these data');
});

test('neither risks nor embeddings are facts', () => {
  const risk = { depression: 0.9, scores: [{ task: 't', score: 0.5, card_id: 'c' }] };
  const embedding = Array.from({ length: 96 }, () => 0.123);
  const read = factsOfDocument({ ...COUNTS, risk, model: { ...COUNTS.model, embedding } } as AnalysisDocument);
  assert.equal(read, factsOfDocument(COUNTS));
});

test.run();
