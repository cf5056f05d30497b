import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FactName } from '../../../core/insights/fact-catalogue.ts';
import type { InsightFact, Narrative } from '../../../core/insights/model.ts';
import type { NarrationRequest } from '../../../core/insights/ports.ts';
import { INSIGHT_RULES, narratorBy, rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import type { Rule } from '../../../core/insights/rules/rule.ts';
import { valueOf } from '../result-values.ts';
import { factsFrom } from './insight-facts.ts';

const rules = suite('the rules of insights');

const told = async (facts: readonly InsightFact[], changes: Partial<NarrationRequest> = {}): Promise<Narrative> =>
  valueOf(
    await rulesNarrator.narrate({
      facts,
      notComputed: [],
      insightType: 'comprehensive',
      includeRecommendations: true,
      ...changes,
    }),
  );

const CLINICIAN = /talk to a clinician/;

interface Case {
  readonly rule: string;
  readonly facts: Readonly<Partial<Record<FactName, number>>>;
  /** What the narrative says. */
  readonly says: string;
  readonly not?: string;
  /** What the only recommendation says; null where there is none. */
  readonly advice: RegExp | null;
  readonly clinician?: boolean;
}

const nightsOf = (hours: number, count: number) => ({
  'sleep.nights.asleep.mean_hours': hours,
  'sleep.nights.asleep.count': count,
});
const efficiencyOf = (percent: number, count: number) => ({
  'sleep.nights.efficiency.mean_percent': percent,
  'sleep.nights.efficiency.count': count,
});
const recordingOf = (days: number) => ({
  'window.minutes': 10_080,
  'data_quality.valid_minutes': 9800,
  'data_quality.valid_days': days,
});

/** At the bounds of each range, on both sides, and where rounding decides. */
const CASES: readonly Case[] = [
  {
    rule: 'coverage',
    facts: recordingOf(4),
    says: 'In this recording 9,800 of 10,080 minutes are known, with 4 days of enough data.',
    not: 'first impression',
    advice: null,
  },
  {
    rule: 'coverage',
    facts: recordingOf(3),
    says: 'with 3 days of enough data. That is less than the 4 days that studies ask for',
    advice: /Wear your device/,
  },
  { rule: 'coverage', facts: recordingOf(1), says: 'with 1 day of enough data.', advice: /Wear your device/ },
  {
    rule: 'sleep-duration-of-nights',
    facts: nightsOf(7, 5),
    says: 'Over 5 nights you slept 7.0 hours a night on average. That meets the 7 hours',
    advice: null,
  },
  { rule: 'sleep-duration-of-nights', facts: nightsOf(6.96, 5), says: '7.0 hours a night', not: 'short', advice: null },
  {
    rule: 'sleep-duration-of-nights',
    facts: nightsOf(6.94, 7),
    says: '6.9 hours a night on average. For adults, 7 hours or more are recommended, so this is on the short side.',
    advice: /bed a little earlier/,
  },
  {
    rule: 'sleep-duration-of-nights',
    facts: nightsOf(6, 7),
    says: '6.0 hours a night',
    advice: /bed a little earlier/,
    clinician: true,
  },
  { rule: 'sleep-duration-of-nights', facts: nightsOf(6.06, 7), says: '6.1 hours', advice: /bed a little earlier/ },
  { rule: 'sleep-duration-of-nights', facts: nightsOf(4, 6), says: '4.0 hours', advice: /bed a little earlier/ },
  { rule: 'sleep-duration-of-nights', facts: nightsOf(8, 1), says: 'Over 1 night you slept', advice: null },
  { rule: 'sleep-duration-of-nights', facts: nightsOf(9, 7), says: '9.0 hours', not: 'more than 9', advice: null },
  {
    rule: 'sleep-duration-of-nights',
    facts: nightsOf(9.1, 7),
    says: 'whether more than 9 hours are of use differs from person to person',
    advice: null,
  },
  {
    rule: 'sleep-duration-sent',
    facts: { total_sleep_time: 5.2 },
    says: 'The sleep time is 5.2 hours a night on average. For adults, 7 hours or more are recommended',
    advice: /bed a little earlier/,
  },
  {
    rule: 'sleep-duration-scored',
    facts: { 'sleep.rescored_sleep_hours': 1234.56 },
    says: '1,234.6 hours of the whole recording look like sleep',
    not: 'recommended',
    advice: null,
  },
  {
    rule: 'sleep-spread',
    facts: { 'sleep.nights.asleep.shortest_hours': 5, 'sleep.nights.asleep.longest_hours': 8.25 },
    says: 'The shortest night was 5.0 hours long, the longest 8.3 hours.',
    advice: null,
  },
  {
    rule: 'sleep-spread',
    facts: { 'sleep.nights.asleep.shortest_hours': 7.01, 'sleep.nights.asleep.longest_hours': 7.02 },
    says: 'Every night was 7.0 hours long.',
    advice: null,
  },
  {
    rule: 'sleep-efficiency-of-nights',
    facts: efficiencyOf(85, 7),
    says: 'You were asleep for 85 % of the time in bed; 85 % or more is seen as a sign of good sleep.',
    advice: null,
  },
  { rule: 'sleep-efficiency-of-nights', facts: efficiencyOf(84.5, 7), says: 'for 85 %', advice: null },
  {
    rule: 'sleep-efficiency-of-nights',
    facts: efficiencyOf(84.4, 7),
    says: 'for 84 %',
    advice: /dark, quiet and cool/,
  },
  { rule: 'sleep-efficiency-of-nights', facts: efficiencyOf(75, 7), says: 'for 75 %', advice: /dark, quiet and cool/ },
  {
    rule: 'sleep-efficiency-of-nights',
    facts: efficiencyOf(74, 7),
    says: 'for 74 %',
    advice: /dark, quiet and cool/,
    clinician: true,
  },
  { rule: 'sleep-efficiency-of-nights', facts: efficiencyOf(50, 6), says: 'for 50 %', advice: /dark, quiet and cool/ },
  { rule: 'sleep-efficiency-sent', facts: { sleep_efficiency: 60 }, says: 'for 60 %', advice: /dark, quiet and cool/ },
  {
    rule: 'sleep-onset-of-nights',
    facts: { 'sleep.nights.onset_latency.mean_minutes': 30.4 },
    says: 'Falling asleep took 30 minutes on average; up to 30 minutes are usual for good sleepers.',
    advice: null,
  },
  {
    rule: 'sleep-onset-of-nights',
    facts: { 'sleep.nights.onset_latency.mean_minutes': 30.5 },
    says: 'took 31 minutes',
    advice: /quiet time with dim light/,
  },
  { rule: 'sleep-onset-sent', facts: { sleep_onset_latency: 1 }, says: 'took 1 minute on average', advice: null },
  {
    rule: 'waking-of-nights',
    facts: { 'sleep.nights.waso.mean_minutes': 20 },
    says: 'you were awake for 20 minutes a night on average; up to 20 minutes are seen as a sign of good sleep.',
    advice: null,
  },
  { rule: 'waking-sent', facts: { wake_after_sleep_onset: 21 }, says: 'for 21 minutes', advice: /Lying awake happens/ },
  {
    rule: 'sleep-regularity',
    facts: { 'sleep.regularity_index': -12.4 },
    says: 'The sleep regularity index is -12, on a scale on which 100 means',
    advice: null,
  },
  {
    rule: 'daily-pattern',
    facts: { 'rhythm.interdaily_stability': 0.456, 'data_quality.valid_days': 8 },
    says: 'is 0.46: 0 means no daily pattern',
    not: 'too high',
    advice: null,
  },
  {
    rule: 'daily-pattern',
    facts: { 'rhythm.interdaily_stability': 1.0057, 'data_quality.valid_days': 7 },
    says: 'is 1.01: 0 means no daily pattern, 1 the same pattern every day. With 7 days or fewer this number tends',
    advice: null,
  },
  {
    rule: 'daily-pattern',
    facts: { 'rhythm.interdaily_stability': 0.1 },
    says: 'is 0.10',
    not: 'too high',
    advice: null,
  },
  {
    rule: 'daily-pattern-sent',
    facts: { circadian_rhythm_score: 0.62 },
    says: 'The circadian rhythm score is 0.62: 0 means',
    advice: null,
  },
  {
    rule: 'fragmentation',
    facts: { 'rhythm.intradaily_variability': 2.7 },
    says: 'is 2.70: near 0 for long calm stretches, about 2',
    advice: null,
  },
  {
    rule: 'fragmentation-sent',
    facts: { activity_fragmentation: 0.4 },
    says: 'fragmentation is 0.40: 0',
    advice: null,
  },
  {
    rule: 'amplitude',
    facts: { 'rhythm.relative_amplitude': 0.875 },
    says: 'is 0.88 on a scale from 0 to 1.',
    advice: null,
  },
  {
    rule: 'timing',
    facts: { 'rhythm.l5.onset_minute': 40, 'rhythm.m10.onset_minute': 561, 'rhythm.cosinor.acrophase_minute': 800 },
    says: 'your quietest five hours begin at 00:40 and your most active ten hours at 09:21.',
    not: '13:20',
    advice: null,
  },
  {
    rule: 'timing-of-fit',
    facts: { 'rhythm.l5.onset_minute': 40, 'rhythm.cosinor.acrophase_minute': 1439.6 },
    says: 'is highest at 00:00.',
    not: '00:40',
    advice: null,
  },
  {
    rule: 'daily-steps',
    facts: { 'activity.daily.mean_steps': 5000, 'activity.daily.count': 7 },
    says: 'Over 7 days with enough data your devices counted 5,000 steps a day on average.',
    not: 'Fewer than',
    advice: null,
  },
  {
    rule: 'daily-steps',
    facts: { 'activity.daily.mean_steps': 4999.4, 'activity.daily.count': 1 },
    says: 'Over 1 day with enough data your devices counted 4,999 steps a day on average. Fewer than 5,000 steps',
    advice: /any movement is better than none/,
  },
  {
    rule: 'daily-counts',
    facts: { 'activity.daily.mean_counts': 155_680.7, 'activity.daily.count': 7 },
    says: 'the device counted 155,681 movements a day on average; such counts differ from device to device',
    advice: null,
  },
];

for (const { rule, facts, says, not, advice, clinician = false } of CASES) {
  rules(`${rule}: ${JSON.stringify(facts)}`, async () => {
    const { narrative, recommendations } = await told(factsFrom(facts));
    assert.ok(narrative.includes(says), narrative);
    if (not !== undefined) assert.not.match(narrative, not);
    const [first, ...others] = recommendations.filter((text) => !CLINICIAN.test(text));
    assert.equal(others, []);
    if (advice === null) assert.is(first, undefined);
    else assert.match(first ?? '', advice);
    assert.is(
      recommendations.some((text) => CLINICIAN.test(text)),
      clinician,
    );
  });
}

rules('every rule is tried by a case, and has an id of its own', () => {
  const ids = INSIGHT_RULES.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
  assert.equal([...new Set(CASES.map(({ rule }) => rule))].sort(), [...ids].sort());
});

rules('a rule judges by a published range or not at all', () => {
  // Those that give no source name no bound but the ends of their scale, and give no advice.
  for (const { reference, id } of INSIGHT_RULES) {
    if (reference !== null) assert.match(reference, /\d{4};\d+:\d+/);
    else
      assert.ok(
        CASES.every(({ rule, advice }) => rule !== id || advice === null),
        id,
      );
  }
});

rules('recorded nights come before results that were sent, and those before scored sleep', async () => {
  const all = { ...nightsOf(8, 7), total_sleep_time: 5, 'sleep.rescored_sleep_hours': 50 };
  assert.match((await told(factsFrom(all))).narrative, '8.0 hours');
  const { narrative } = await told(factsFrom({ total_sleep_time: 5, 'sleep.rescored_sleep_hours': 50 }));
  assert.match(narrative, '5.0 hours');
  assert.not.match(narrative, '50.0');
});

rules('without recommendations there are none, and the narrative is the same', async () => {
  const facts = factsFrom({ ...nightsOf(5, 7), ...efficiencyOf(60, 7) });
  const [withThem, without] = [await told(facts), await told(facts, { includeRecommendations: false })];
  assert.is(withThem.recommendations.length, 3);
  assert.equal(without, { ...withThem, recommendations: [] });
});

const EVERYTHING = factsFrom({
  ...recordingOf(7),
  ...nightsOf(7.5, 7),
  'rhythm.interdaily_stability': 0.5,
  'sleep.regularity_index': 60,
  'activity.daily.mean_steps': 7000,
  'activity.daily.count': 7,
});

for (const [insightType, says, saysNot] of [
  ['sleep', ['known', 'slept', 'regularity'], ['Interdaily', 'steps']],
  ['circadian', ['known', 'Interdaily', 'regularity'], ['slept', 'steps']],
  ['activity', ['known', 'steps'], ['slept', 'Interdaily', 'regularity']],
  ['comprehensive', ['known', 'slept', 'regularity', 'Interdaily', 'steps'], []],
  ['brief', ['known', 'slept', 'regularity', 'Interdaily', 'steps'], []],
  ['constructor', ['known', 'slept', 'regularity', 'Interdaily', 'steps'], []],
] as const) {
  rules(`an insight of the type ${insightType} is about ${says.join(', ')}`, async () => {
    const { narrative, notComputed } = await told(EVERYTHING, { insightType });
    for (const word of says) assert.match(narrative, word);
    for (const word of saysNot) assert.not.match(narrative, word);
    const isKnown = ['sleep', 'circadian', 'activity', 'comprehensive'].includes(insightType);
    assert.is(
      notComputed.some(({ field }) => field === 'insight_type'),
      !isKnown,
    );
  });
}

rules('confidence is the share of what was to be told that was told', async () => {
  // Of a circadian insight: coverage, regularity, pattern, fragmentation, amplitude and timing.
  assert.is((await told(EVERYTHING, { insightType: 'circadian' })).confidenceScore, 3 / 6);
  assert.is((await told(EVERYTHING)).confidenceScore, 5 / 12);
  assert.is((await told(factsFrom({ sleep_efficiency: 90 }))).confidenceScore, 1 / 12);
});

rules('without a fact that can be told, the narrative says so and there is no confidence', async () => {
  for (const facts of [[], factsFrom({ 'sleep.nights.count': 3 })]) {
    const narrative = await told(facts, { notComputed: [{ field: 'a', reason: 'b' }] });
    assert.match(narrative.narrative, /^There are no numbers to tell about yet\./);
    assert.equal([narrative.keyInsights, narrative.recommendations, narrative.factsUsed], [[], [], []]);
    assert.is(narrative.confidenceScore, null);
    assert.equal(narrative.notComputed, [
      { field: 'a', reason: 'b' },
      { field: 'confidence_score', reason: 'there is no fact that a narrative could be made of' },
    ]);
  }
});

rules('what comes from steps is called a proxy, what was sent along is called that', async () => {
  const facts = { 'rhythm.relative_amplitude': 0.8 } as const;
  const [plain, proxy, sent] = [
    await told(factsFrom(facts)),
    await told(factsFrom(facts, { isProxy: true })),
    await told(factsFrom(facts, { origin: 'client' })),
  ];
  assert.not.match(plain.narrative, /proxy|sent along/);
  assert.match(proxy.narrative, 'computed from steps, which are a proxy');
  assert.match(sent.narrative, 'sent along; they were not checked');
});

rules('every narrative that tells something says that it is no medical advice', async () => {
  assert.match((await told(EVERYTHING)).narrative, /This describes data and is not medical advice\.$/);
});

rules('the few things told in short are the main ones, or all where there are no others', async () => {
  assert.equal((await told(EVERYTHING)).keyInsights, [
    '7.5 hours of sleep a night on average.',
    'Sleep regularity index 60 of 100.',
    'Interdaily stability 0.50 of 1.',
    '7,000 steps a day on average.',
  ]);
  assert.equal((await told(factsFrom(recordingOf(7)))).keyInsights, ['7 days with enough data.']);
});

rules('the facts that were used are told, and no others', async () => {
  const facts = factsFrom({ ...nightsOf(8, 7), 'sleep.nights.count': 9, total_sleep_time: 5 });
  const { factsUsed } = await told(facts);
  assert.equal(factsUsed.map(({ name }) => name).sort(), Object.keys(nightsOf(8, 7)).sort());
});

rules('a fact that cannot be, or is not known, is not told; of two of one name the first is', async () => {
  const odd = [
    ...factsFrom({ sleep_efficiency: 900 }),
    ...factsFrom({ total_sleep_time: 7.5 }),
    ...factsFrom({ total_sleep_time: 5 }),
    { name: 'mood', value: 3, unit: '1', origin: 'client', isProxy: false } as const,
    { name: 'toString', value: 3, unit: '1', origin: 'client', isProxy: false } as const,
  ];
  const { factsUsed, notComputed } = await told(odd);
  assert.equal(
    factsUsed.map(({ name, value }) => [name, value]),
    [['total_sleep_time', 7.5]],
  );
  assert.equal(notComputed, [{ field: 'sleep_efficiency', reason: '900 is out of range: expected 0 to 100 %' }]);
});

rules('what is asked for without effect is said', async () => {
  const fieldsOf = async (changes: Partial<NarrationRequest>) =>
    (await told(EVERYTHING, changes)).notComputed.map(({ field }) => field);
  assert.equal(await fieldsOf({ language: 'en', context: null }), []);
  assert.equal(await fieldsOf({ language: 'en-GB', context: '  ' }), []);
  assert.equal(await fieldsOf({ language: 'de' }), ['language']);
  assert.equal(await fieldsOf({ language: 'enm' }), ['language']);
  assert.equal(await fieldsOf({ context: 'I work at night' }), ['context']);
});

rules('a rule that reads a fact that it does not declare is a bug', () => {
  const rule = INSIGHT_RULES.find(({ id }) => id === 'sleep-efficiency-sent')!;
  for (const reads of ['value', 'perhaps'] as const) {
    const broken: Rule = {
      ...rule,
      tell: (known) => rule.tell({ ...known, value: () => known[reads]('total_sleep_time')! }),
    };
    const request = { notComputed: [], insightType: 'sleep', includeRecommendations: true };
    const facts = factsFrom({ sleep_efficiency: 90, total_sleep_time: 8 });
    assert.throws(() => narratorBy([broken]).narrate({ ...request, facts }), /does not declare total_sleep_time/);
  }
});

rules.run();
