import type { FactSource } from './document-facts.ts';
import { FACT_KINDS, numberIssue, typeNameOf, type FactKind } from './fact-catalogue.ts';
import type { NotComputedFact } from './model.ts';

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Neither null nor a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The reason for what is missing or null in a document that was sent. */
export const NOTHING_SENT = 'what was sent has no value for it';

/** Minutes, or a sum, of one night or day. */
const PART: FactKind = { unit: '1', minimum: 0, maximum: FACT_KINDS['activity.daily.mean_counts'].maximum };

/**
 * Reads what facts are made of from something that says to be a `clarity.analysis/1` document. Nothing in it is trusted:
 * a number that is missing, or is none, is null, and `not_computed` says why in our words, never in those of the sender.
 */
export function readSentDocument(sent: JsonObject): FactSource {
  const setAside = new Map<string, NotComputedFact>();
  const without = (field: string, reason: string): null => {
    // Of many nights one reason is kept: the first that says more than that there is nothing.
    const before = setAside.get(field)?.reason ?? NOTHING_SENT;
    if (before === NOTHING_SENT) setAside.set(field, { field, reason });
    return null;
  };
  const number = (value: unknown, field: string, kind: FactKind): number | null => {
    if (value === undefined || value === null) return without(field, NOTHING_SENT);
    const issue = numberIssue(value, kind);
    return issue === null ? (value as number) : without(field, issue);
  };
  const fact = (field: keyof typeof FACT_KINDS): number | null =>
    number(valueAt(sent, field), field, FACT_KINDS[field]);
  const listAt = (field: string): readonly JsonObject[] | null => {
    const value = valueAt(sent, field);
    if (value === undefined || value === null) return without(field, NOTHING_SENT);
    if (Array.isArray(value) && value.every(isObject)) return value;
    return without(
      field,
      `expected a list of objects, got ${Array.isArray(value) ? 'other items' : typeNameOf(value)}`,
    );
  };
  const kind = KINDS.find((known) => known === valueAt(sent, 'input.kind'));
  if (kind === undefined) {
    without('activity.daily', 'it is not known what the totals count: input.kind is none of ours');
  }
  const nights = listAt('sleep.nights');
  const read = {
    input: { kind: kind ?? 'counts' },
    window: { minutes: fact('window.minutes') },
    data_quality: { valid_minutes: fact('data_quality.valid_minutes'), valid_days: fact('data_quality.valid_days') },
    rhythm: {
      interdaily_stability: fact('rhythm.interdaily_stability'),
      intradaily_variability: fact('rhythm.intradaily_variability'),
      relative_amplitude: fact('rhythm.relative_amplitude'),
      l5: { onset_minute: fact('rhythm.l5.onset_minute') },
      m10: { onset_minute: fact('rhythm.m10.onset_minute') },
      cosinor: { acrophase_minute: fact('rhythm.cosinor.acrophase_minute') },
    },
    sleep: {
      rescored_sleep_minutes: number(
        valueAt(sent, 'sleep.rescored_sleep_minutes'),
        'sleep.rescored_sleep_minutes',
        FACT_KINDS['window.minutes'],
      ),
      regularity_index: fact('sleep.regularity_index'),
      nights:
        nights?.map((night) => ({
          asleep_minutes: number(night['asleep_minutes'], 'sleep.nights[].asleep_minutes', MINUTES_OF_A_DAY),
          efficiency_percent: number(
            night['efficiency_percent'],
            'sleep.nights[].efficiency_percent',
            FACT_KINDS['sleep.nights.efficiency.mean_percent'],
          ),
          onset_latency_minutes: number(
            night['onset_latency_minutes'],
            'sleep.nights[].onset_latency_minutes',
            MINUTES_OF_A_DAY,
          ),
          waso_minutes: number(night['waso_minutes'], 'sleep.nights[].waso_minutes', MINUTES_OF_A_DAY),
        })) ?? null,
    },
    activity: {
      daily: ((kind === undefined ? null : listAt('activity.daily')) ?? []).map((day) => ({
        total: number(day['total'], 'activity.daily[].total', PART),
        valid_minutes: number(day['valid_minutes'], 'activity.daily[].valid_minutes', PART),
      })),
    },
  };
  return { ...read, not_computed: [...setAside.values()] };
}

const KINDS = ['counts', 'steps', 'healthkit'] as const;
const MINUTES_OF_A_DAY = FACT_KINDS.wake_after_sleep_onset;

/** The value at a dotted path; undefined where an object on the way is none. */
const valueAt = (sent: JsonObject, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined), sent);
