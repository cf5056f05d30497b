import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FACT_KINDS, isFactName, numberIssue, type FactName } from '../../../core/insights/fact-catalogue.ts';
import type { InsightFact, KnownFacts, Narrative } from '../../../core/insights/model.ts';
import { unsupportedNumbers } from '../../../core/insights/numbers-of-text.ts';
import { factsOfResults } from '../../../core/insights/result-facts.ts';
import { INSIGHT_RULES, NAMED_NUMBERS, rulesNarrator } from '../../../core/insights/rules-narrator.ts';
import type { Known } from '../../../core/insights/rules/rule.ts';
import { factsFrom } from '../../unit/insights/insight-facts.ts';
import { valueOf } from '../../unit/result-values.ts';

const NAMES = Object.keys(FACT_KINDS) as FactName[];

/** Any value of the kind, whole ones and the ends of its range more often than chance would have them. */
const anyValue = (name: FactName): fc.Arbitrary<number> => {
  const { minimum, maximum } = FACT_KINDS[name];
  const usual = Math.min(maximum, 20_000);
  return fc.oneof(
    fc.double({ min: minimum, max: maximum, noNaN: true }),
    fc.double({ min: minimum, max: usual, noNaN: true }),
    fc.integer({ min: minimum, max: usual }),
    fc.constantFrom(minimum, maximum),
  );
};

const anyFact: fc.Arbitrary<InsightFact> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    origin: fc.constantFrom('analysis', 'device', 'client'),
    isProxy: fc.boolean(),
  })
  .chain(({ name, origin, isProxy }) =>
    anyValue(name).map((value) => factsFrom({ [name]: value }, { origin, isProxy })[0]!),
  );

const anyRequest = fc.record({
  facts: fc.uniqueArray(anyFact, { selector: ({ name }) => name, maxLength: NAMES.length, size: 'max' }),
  notComputed: fc.constant([]),
  insightType: fc.constantFrom('comprehensive', 'sleep', 'circadian', 'activity', 'other'),
  includeRecommendations: fc.boolean(),
});

const narrate = async (request: Parameters<typeof rulesNarrator.narrate>[0]): Promise<Narrative> =>
  valueOf(await rulesNarrator.narrate(request));
const textsOf = ({ narrative, keyInsights, recommendations }: Narrative): readonly string[] => [
  narrative,
  ...keyInsights,
  ...recommendations,
];

test('every number of every text is a used fact, rounded, or a bound that a rule names', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      const told = await narrate(request);
      for (const text of textsOf(told)) {
        assert.equal(unsupportedNumbers(text, told.factsUsed, NAMED_NUMBERS), [], text);
      }
    }),
    { numRuns: 500 },
  );
});

test('every number of what a rule says is a fact that it declares, or a number that it names', () => {
  const anyCase = fc
    .constantFrom(...INSIGHT_RULES)
    .chain((rule) =>
      fc
        .tuple(
          ...[...rule.needs, ...(rule.mayUse ?? [])].map((name) =>
            anyValue(name).map((value) => [name, value] as const),
          ),
        )
        .map((values) => ({ rule, values: Object.fromEntries(values) })),
    );
  fc.assert(
    fc.property(anyCase, ({ rule, values }) => {
      const known: Known = { value: (name) => values[name]!, perhaps: (name) => values[name] ?? null };
      const { sentence, keyInsight, recommendations } = rule.tell(known);
      for (const text of [sentence, keyInsight, ...recommendations]) {
        assert.equal(unsupportedNumbers(text, factsFrom(values), rule.names), [], `${rule.id}: ${text}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('the same facts give the same words, in whatever order they come', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, fc.func(fc.integer()), async (request, rank) => {
      const facts = [...request.facts].sort((a, b) => rank(a.name) - rank(b.name));
      assert.equal(await narrate({ ...request, facts }), await narrate(request));
    }),
  );
});

test('facts that are used are among those that were given; confidence is a share; advice can be left out', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      const { factsUsed, confidenceScore, recommendations, keyInsights } = await narrate(request);
      assert.ok(factsUsed.every((fact) => request.facts.includes(fact)));
      assert.is(confidenceScore === null, factsUsed.length === 0);
      if (confidenceScore !== null) assert.ok(confidenceScore > 0 && confidenceScore <= 1);
      if (!request.includeRecommendations) assert.equal(recommendations, []);
      assert.is(new Set(recommendations).size, recommendations.length);
      assert.is(keyInsights.length > 0, factsUsed.length > 0);
    }),
  );
});

/** Words of diagnoses, of treatment and of blame: a description of numbers has no use for them. */
const NEVER_SAID =
  /diagnos|disorder|disease|syndrome|insomnia|apn(?:o)?ea|narcoleps|depress|bipolar|mania|manic|psych|anxi|dementia|patholog|abnormal|symptom|patient|treat|therap|medicat|\bdrug|\bdose|\bpill|cure|prescri|suffer|\bsick|\bill\b|danger|\brisk|\bdeath|\bdie|alarming|severe|failed|failure|lazy|\bbad\b|you have (?!to)|you must|you should/i;

test('no text names a diagnosis, a treatment or a fault', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      for (const text of textsOf(await narrate(request))) assert.not.match(text, NEVER_SAID);
    }),
    { numRuns: 300 },
  );
  for (const phrase of ['You have insomnia.', 'Your risk is high', 'a depressive episode', 'take medication']) {
    assert.match(phrase, NEVER_SAID);
  }
});

test('texts are whole sentences in plain ASCII', async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      for (const text of textsOf(await narrate(request))) assert.match(text, /^[A-Z0-9-][ -~]*\.$/);
    }),
  );
});

/** Bodies that are somewhat like results: known names with any JSON below. */
const anyResults: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.letrec((tie) => ({
  object: fc.dictionary(
    fc.oneof(
      fc.constantFrom(
        ...NAMES.flatMap((name) => name.split('.')),
        'analysis',
        'details',
        'nights',
        'kind',
        'input',
        'depression_risk_score',
      ),
      fc.string(),
    ),
    tie('any'),
    { maxKeys: 8 },
  ),
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.double(),
    fc.constantFrom(0, 1, 7, 85, null, 'counts', 'steps', true),
    fc.string(),
    fc.array(tie('any'), { maxLength: 4 }),
    tie('object'),
  ),
  results: fc.tuple(tie('object'), fc.boolean()).map(([object, isDocument]) => ({
    ...(object as Readonly<Record<string, unknown>>),
    ...(isDocument ? { schema: 'clarity.analysis/1' } : {}),
  })),
})).results;

test('whatever is sent as results ends in sound facts of the client’s, reasons for the rest, and supported words', async () => {
  await fc.assert(
    fc.asyncProperty(anyResults, async (results) => {
      const known: KnownFacts = factsOfResults(results);
      for (const { name, value, origin } of known.facts) {
        assert.is(origin, 'client');
        if (!isFactName(name)) throw new Error(`${name} is no fact`);
        assert.is(numberIssue(value, FACT_KINDS[name]), null);
      }
      assert.ok(known.notComputed.every(({ reason }) => reason.length > 5));
      const told = await narrate({ ...known, insightType: 'comprehensive', includeRecommendations: true });
      for (const text of textsOf(told)) assert.equal(unsupportedNumbers(text, told.factsUsed, NAMED_NUMBERS), []);
    }),
    { numRuns: 500 },
  );
});

test.run();
