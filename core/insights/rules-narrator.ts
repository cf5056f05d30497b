import { okAsync } from 'neverthrow';
import { FACT_KINDS, isFactName, numberIssue, type FactName } from './fact-catalogue.ts';
import type { InsightFact, Narrative, NotComputedFact } from './model.ts';
import type { NarrationRequest, Narrator } from './ports.ts';
import { ACTIVITY_RULES } from './rules/activity-rules.ts';
import { CIRCADIAN_RULES } from './rules/circadian-rules.ts';
import { RECORDING_RULES } from './rules/recording-rules.ts';
import type { Known, Rule, Told, Topic } from './rules/rule.ts';
import { SLEEP_RULES } from './rules/sleep-rules.ts';

/** All rules, in the order in which a narrative tells what they find. */
export const INSIGHT_RULES: readonly Rule[] = [
  ...RECORDING_RULES,
  ...SLEEP_RULES,
  ...CIRCADIAN_RULES,
  ...ACTIVITY_RULES,
];

/** Every number besides facts that a narrative may name. */
export const NAMED_NUMBERS: readonly number[] = [...new Set(INSIGHT_RULES.flatMap(({ names }) => names))];

/** What the types of insight that are asked for are about; any other type is about everything. */
const TOPICS: Readonly<Record<string, Topic>> = { sleep: 'sleep', activity: 'activity', circadian: 'circadian' };

const INSIGHT_TYPES: readonly string[] = ['comprehensive', ...Object.keys(TOPICS)];

const NOTHING_TO_TELL =
  'There are no numbers to tell about yet. After a few days with your device, by day and by night, there will be.';
const PROXY =
  'The daily pattern was computed from steps, which are a proxy for the movement counts that these measures were made for.';
const SENT = 'The numbers are the ones that were sent along; they were not checked against a recording.';
const NO_ADVICE = 'This describes data and is not medical advice.';

/**
 * Tells facts by rules: the same facts give the same words, every number in them is one of the
 * facts, rounded, or a bound that a rule names, and what no rule stands on is not said. Judgements are only made where
 * a published range exists; a rule's own docstring names it.
 */
export const narratorBy = (rules: readonly Rule[]): Narrator => ({
  narrate: (request) => okAsync(narrate(rules, request)),
});

/** The narrator that is used. */
export const rulesNarrator: Narrator = narratorBy(INSIGHT_RULES);

function narrate(all: readonly Rule[], request: NarrationRequest): Narrative {
  const { known, setAside } = usable(request.facts);
  const used = new Map<FactName, InsightFact>();
  const told: (Told & Pick<Rule, 'isKey'>)[] = [];
  const rules = all.filter(isAbout(request.insightType));
  const subjects = new Set(rules.map(({ subject }) => subject));
  const done = new Set<string>();
  for (const rule of rules) {
    if (done.has(rule.subject) || !rule.needs.every((name) => known.has(name))) continue;
    done.add(rule.subject);
    told.push({ ...rule.tell(reading(rule, known, used)), isKey: rule.isKey });
  }
  const facts = [...used.values()];
  const notComputed = [...request.notComputed, ...setAside, ...withoutEffect(request)];
  if (told.length === 0) {
    const reason = 'there is no fact that a narrative could be made of';
    return {
      generator: 'rules',
      narrative: NOTHING_TO_TELL,
      keyInsights: [],
      recommendations: [],
      confidenceScore: null,
      factsUsed: [],
      notComputed: [...notComputed, { field: 'confidence_score', reason }],
    };
  }
  const key = told.filter(({ isKey }) => isKey);
  const notes = [
    ...(facts.some(({ isProxy }) => isProxy) ? [PROXY] : []),
    ...(facts.some(({ origin }) => origin === 'client') ? [SENT] : []),
    NO_ADVICE,
  ];
  return {
    generator: 'rules',
    narrative: [...told.map(({ sentence }) => sentence), ...notes].join(' '),
    keyInsights: (key.length > 0 ? key : told).map(({ keyInsight }) => keyInsight),
    recommendations: request.includeRecommendations
      ? [...new Set(told.flatMap(({ recommendations }) => recommendations))]
      : [],
    confidenceScore: done.size / subjects.size,
    factsUsed: facts,
    notComputed,
  };
}

/** What was asked for and has no effect, so that nobody believes it had. */
function withoutEffect({ insightType, language = 'en', context }: NarrationRequest): readonly NotComputedFact[] {
  const fields: NotComputedFact[] = [];
  if (!INSIGHT_TYPES.includes(insightType)) {
    fields.push({ field: 'insight_type', reason: `taken as comprehensive; known are ${INSIGHT_TYPES.join(', ')}` });
  }
  if (!/^en(?:-|$)/i.test(language)) fields.push({ field: 'language', reason: 'narratives are written in English' });
  if (typeof context === 'string' && context.trim() !== '') {
    fields.push({ field: 'context', reason: 'narratives are made of numbers only; the context was not used or kept' });
  }
  return fields;
}

function isAbout(insightType: string): (rule: Rule) => boolean {
  const topic = Object.hasOwn(TOPICS, insightType) ? TOPICS[insightType] : undefined;
  return ({ topics }) => topic === undefined || topics.includes(topic);
}

/** The facts by name, the first of each; one whose value cannot be is set aside. */
function usable(facts: readonly InsightFact[]): {
  readonly known: ReadonlyMap<FactName, InsightFact>;
  readonly setAside: readonly NotComputedFact[];
} {
  const known = new Map<FactName, InsightFact>();
  const setAside: NotComputedFact[] = [];
  for (const fact of facts) {
    const { name, value } = fact;
    if (!isFactName(name) || known.has(name)) continue;
    const reason = numberIssue(value, FACT_KINDS[name]);
    if (reason === null) known.set(name, fact);
    else setAside.push({ field: name, reason });
  }
  return { known, setAside };
}

/** Hands a rule its facts, and remembers which. Asking for one that the rule does not declare is a bug. */
function reading(rule: Rule, known: ReadonlyMap<FactName, InsightFact>, used: Map<FactName, InsightFact>): Known {
  const read = (name: FactName, declared: readonly FactName[]): number | null => {
    if (!declared.includes(name)) throw new TypeError(`the rule ${rule.id} does not declare ${name}`);
    const fact = known.get(name);
    if (fact === undefined) return null;
    used.set(name, fact);
    return fact.value;
  };
  return {
    value: (name) => read(name, rule.needs) as number,
    perhaps: (name) => read(name, rule.mayUse ?? []),
  };
}
