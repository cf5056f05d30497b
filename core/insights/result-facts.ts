import { factsOfDocument } from './document-facts.ts';
import { FACT_KINDS, numberIssue, type FactName } from './fact-catalogue.ts';
import type { InsightFact, KnownFacts, NotComputedFact } from './model.ts';
import { isObject, NOTHING_SENT, readSentDocument, type JsonObject } from './sent-document.ts';

/** The contract's flat result fields that can be told. */
const FLAT_FIELDS = [
  'sleep_efficiency',
  'sleep_onset_latency',
  'wake_after_sleep_onset',
  'total_sleep_time',
  'circadian_rhythm_score',
  'activity_fragmentation',
] as const satisfies readonly FactName[];

const RISK = 'risk scores are not put into words';
const NO_WORDS = 'this is not something that is put into words';
/** Fields of our own results that are known and are no facts. */
const NOT_TOLD: Readonly<Record<string, string>> = {
  depression_risk_score: RISK,
  mania_risk_score: RISK,
  mania_alert_level: RISK,
  sleep_stages: NO_WORDS,
  embedding: NO_WORDS,
  activity_embedding: NO_WORDS,
  confidence_score: NO_WORDS,
  clinical_insights: NO_WORDS,
  pat_features: NO_WORDS,
};
/** Fields of our own results that say what the results are of. */
const LABELS = new Set([
  'user_id',
  'analysis_id',
  'analysis_timestamp',
  'analysis_date',
  'processing_id',
  'processing_time_ms',
  'status',
  'message',
  'cached',
  'metadata',
  'weeks',
  'not_computed',
]);

/** Objects that may hold results one level below the top. */
const NESTED = ['analysis', 'details'] as const;

/** A body of megabytes can name many fields; more than these are counted only. */
const MOST_SET_ASIDE = 100;
const MOST_NAME_LENGTH = 100;

/** A share of the time in bed that was sent where a percentage belongs would be told as no sleep at all. */
const MOST_AS_SHARE = 1;

const isDocument = (object: JsonObject): boolean => object['schema'] === 'clarity.analysis/1';

/**
 * The facts in results that a client sends along: a `clarity.analysis/1` document, the flat fields of the HTTP contract,
 * or both, at the top or under `analysis` and `details`. All of them are labelled as the client's. What is not a number,
 * out of range or not known is set aside by name with the reason; where a fact is there twice, the first is taken.
 */
export function factsOfResults(results: JsonObject): KnownFacts {
  const facts = new Map<string, InsightFact>();
  const setAside: NotComputedFact[] = [];
  const levels = [results, ...NESTED.map((name) => results[name]).filter(isObject)];
  const documents = levels.filter(isDocument);
  for (const document of documents) {
    const source = readSentDocument(document);
    const read = factsOfDocument(source);
    for (const fact of read.facts) if (!facts.has(fact.name)) facts.set(fact.name, { ...fact, origin: 'client' });
    // Of what is one of many, such as a night's, a bad one does not show in what is made of the others.
    const ofMany = source.not_computed.filter(({ field, reason }) => field.includes('[]') && reason !== NOTHING_SENT);
    setAside.push(...read.notComputed, ...ofMany);
  }
  for (const level of levels) {
    if (isDocument(level)) continue;
    for (const [name, value] of Object.entries(level)) {
      const reason = takeFlat(name, value, { facts, isTop: level === results, besideDocument: documents.length > 0 });
      if (reason !== null) setAside.push({ field: shortName(name), reason });
    }
  }
  return { facts: [...facts.values()], notComputed: limited(setAside) };
}

interface Taking {
  readonly facts: Map<string, InsightFact>;
  readonly isTop: boolean;
  readonly besideDocument: boolean;
}

/** Takes a flat field as a fact, or answers why not; null also for what is passed over. */
function takeFlat(name: string, value: unknown, { facts, isTop, besideDocument }: Taking): string | null {
  if (LABELS.has(name)) return null;
  if (isTop && NESTED.some((nested) => nested === name)) {
    return value === null || isObject(value) ? null : 'expected an object';
  }
  if (Object.hasOwn(NOT_TOLD, name)) return value === null ? null : (NOT_TOLD[name] as string);
  const field = FLAT_FIELDS.find((known) => known === name);
  if (field === undefined) return 'this is not a known result field';
  // A null beside a document is one that the document explains.
  if (value === null) return besideDocument ? null : 'it was sent as null';
  const issue = numberIssue(value, FACT_KINDS[field]) ?? shareIssue(field, value as number);
  if (issue !== null) return issue;
  const before = facts.get(field);
  if (before !== undefined) return before.value === value ? null : 'it was sent twice; the first is taken';
  facts.set(field, {
    name: field,
    value: value as number,
    unit: FACT_KINDS[field].unit,
    origin: 'client',
    isProxy: false,
  });
  return null;
}

const shareIssue = (field: FactName, value: number): string | null =>
  field === 'sleep_efficiency' && value > 0 && value <= MOST_AS_SHARE
    ? `${String(value)} looks like a share of the time in bed: expected a percentage from 0 to 100`
    : null;

const shortName = (name: string): string =>
  name.length <= MOST_NAME_LENGTH ? name : `${name.slice(0, MOST_NAME_LENGTH)}...`;

const limited = (setAside: readonly NotComputedFact[]): readonly NotComputedFact[] =>
  setAside.length <= MOST_SET_ASIDE
    ? setAside
    : [
        ...setAside.slice(0, MOST_SET_ASIDE),
        { field: 'analysis_results', reason: `${String(setAside.length - MOST_SET_ASIDE)} more fields were set aside` },
      ];
