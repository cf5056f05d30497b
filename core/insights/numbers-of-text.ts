import { clockTime } from '../analysis/summary.ts';
import { FACT_KINDS } from './fact-catalogue.ts';
import type { InsightFact } from './model.ts';

/** A value as texts show it: rounded to so many decimals, thousands apart; judged in the same form, so that no text contradicts itself. */
export const rounded = (value: number, decimals = 0): number => Number(value.toFixed(decimals)) + 0;

/** `10,080`, `7.4` or `-12`; as many decimals as are asked for. */
export function shown(value: number, decimals = 0): string {
  const [whole = '', fraction] = rounded(value, decimals).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Decimals that a text may show of a fact. */
const MOST_DECIMALS = 2;

/** Times of day, numbers with or without a sign, thousands and decimals; not the digits of a word such as `L5`. */
const NUMBERS = /(?<![\w.])\d{2}:\d{2}(?!\w)|(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)/g;

/** Every number that a text names, as it is written there: `10,080`, `-12`, `7.4`, `00:40`. */
export const numbersOf = (text: string): readonly string[] => text.match(NUMBERS) ?? [];

/**
 * The numbers of a text that are neither a fact, rounded to at most two decimals or written as the time of day that it
 * is, nor one of the further numbers that are allowed. A narrator whose texts have any has made something up.
 */
export function unsupportedNumbers(
  text: string,
  facts: readonly InsightFact[],
  further: readonly number[] = [],
): readonly string[] {
  const numbers = new Set(further);
  const clocks = new Set<string>();
  for (const { value, unit } of facts) {
    for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) numbers.add(rounded(value, decimals));
    if (unit === FACT_KINDS['rhythm.l5.onset_minute'].unit) clocks.add(clockTime(value));
  }
  return numbersOf(text).filter((number) =>
    number.includes(':') ? !clocks.has(number) : !numbers.has(Number(number.replaceAll(',', ''))),
  );
}
