/** What a kind of fact is: its unit, and the values it can take. */
export interface FactKind {
  /** `1` for a number without a unit. */
  readonly unit: string;
  /** Both inclusive; a value outside is none of this kind. */
  readonly minimum: number;
  readonly maximum: number;
}

const kind = (unit: string, minimum: number, maximum: number): FactKind => ({ unit, minimum, maximum });

/** More than any recording has. */
const MOST_MINUTES = 100_000_000;
const MOST_DAYS = 100_000;
/** More than anybody walks, or a monitor counts, in a day. */
const MOST_A_DAY = 10_000_000_000;

const count = kind('nights', 0, MOST_DAYS);
const minuteOfDay = kind('minute of day', 0, 1440);
const minutes = kind('min', 0, 1440);
const hours = kind('h', 0, 24);
const percent = kind('%', 0, 100);
const share = kind('1', 0, 1);

/**
 * Every fact that a narrative may be made of. The names are paths in `clarity.analysis/1`; numbers over all nights or
 * days are named below `sleep.nights` and `activity.daily`. The last ones are the flat fields of the HTTP contract.
 */
export const FACT_KINDS = {
  'window.minutes': kind('min', 0, MOST_MINUTES),
  'data_quality.valid_minutes': kind('min', 0, MOST_MINUTES),
  'data_quality.valid_days': kind('days', 0, MOST_DAYS),
  // With unequally covered days the published form of interdaily stability can pass 1.
  'rhythm.interdaily_stability': kind('1', 0, 2),
  'rhythm.intradaily_variability': kind('1', 0, 100),
  'rhythm.relative_amplitude': share,
  'rhythm.l5.onset_minute': minuteOfDay,
  'rhythm.m10.onset_minute': minuteOfDay,
  'rhythm.cosinor.acrophase_minute': minuteOfDay,
  'sleep.regularity_index': kind('1', -100, 100),
  'sleep.rescored_sleep_hours': kind('h', 0, MOST_MINUTES),
  'sleep.nights.count': count,
  'sleep.nights.asleep.count': count,
  'sleep.nights.asleep.mean_hours': hours,
  'sleep.nights.asleep.shortest_hours': hours,
  'sleep.nights.asleep.longest_hours': hours,
  'sleep.nights.efficiency.count': count,
  'sleep.nights.efficiency.mean_percent': percent,
  'sleep.nights.onset_latency.mean_minutes': minutes,
  'sleep.nights.waso.mean_minutes': minutes,
  'activity.daily.count': kind('days', 0, MOST_DAYS),
  'activity.daily.mean_steps': kind('steps', 0, MOST_A_DAY),
  'activity.daily.mean_counts': kind('counts', 0, MOST_A_DAY),
  sleep_efficiency: percent,
  sleep_onset_latency: minutes,
  wake_after_sleep_onset: minutes,
  total_sleep_time: hours,
  circadian_rhythm_score: share,
  activity_fragmentation: share,
} as const satisfies Readonly<Record<string, FactKind>>;

export type FactName = keyof typeof FACT_KINDS;

/** Why a value is no number of that kind; null where it is one. */
export function numberIssue(value: unknown, { unit, minimum, maximum }: FactKind): string | null {
  const range = `${String(minimum)} to ${String(maximum)}${unit === '1' ? '' : ` ${unit}`}`;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return `expected a number from ${range}, got ${typeNameOf(value)}`;
  }
  return value >= minimum && value <= maximum ? null : `${String(value)} is out of range: expected ${range}`;
}

/** What a value is, in a reason that does not repeat it. */
export function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

/** Whether facts of that name are known here. */
export const isFactName = (name: string): name is FactName => Object.hasOwn(FACT_KINDS, name);
