import { runsWhere, type MinuteRun } from './minute-runs.ts';

const TROIANO_MINUTES = 60;
const TROIANO_INTERRUPTION_MINUTES = 2;
const TROIANO_INTERRUPTION_COUNTS = 100;
const CHOI_MINUTES = 90;
const CHOI_INTERRUPTION_MINUTES = 2;
const CHOI_FLANK_MINUTES = 30;

const ZERO = 0;
const LOW = 1;
const ACTIVE = 2;
const MISSING = 3;

/**
 * Non-wear by Troiano 2008 (Med Sci Sports Exerc 40:181-188): at least 60 consecutive minutes of zero counts,
 * interruptions of one or two minutes of 1 to 100 counts allowed if a zero follows them directly. A period ends at a
 * minute above 100 counts, at a third consecutive non-zero minute and at a missing minute. Runs in time order. Quiet
 * sleep often meets the rule too, at the hip above all.
 */
export function troianoNonWear(values: Float64Array): readonly MinuteRun[] {
  const codes = codesOf(values, TROIANO_INTERRUPTION_COUNTS);
  const still = codes.map((code) => (code === ZERO ? 1 : 0));
  for (const { start, length } of runsWhere(codes.length, (i) => codes[i] === LOW)) {
    const between = codes[start - 1] === ZERO && codes[start + length] === ZERO;
    if (between && length <= TROIANO_INTERRUPTION_MINUTES) still.fill(1, start, start + length);
  }
  return runsWhere(still.length, (i) => still[i] === 1).filter((run) => run.length >= TROIANO_MINUTES);
}

/**
 * Non-wear by Choi 2011 (Med Sci Sports Exerc 43:357-364): at least 90 consecutive minutes of zero counts, in which a
 * non-zero stretch of one or two minutes is ignored if at least 30 minutes of zeros come directly before and directly
 * after it. Missing minutes end a period. Runs in time order.
 */
export function choiNonWear(values: Float64Array): readonly MinuteRun[] {
  const codes = codesOf(values, Number.NEGATIVE_INFINITY);
  const zeroRuns = runsWhere(codes.length, (i) => codes[i] === ZERO);
  const still = codes.map((code) => (code === ZERO ? 1 : 0));
  zeroRuns.forEach((before, index) => {
    const after = zeroRuns[index + 1];
    if (after === undefined || before.length < CHOI_FLANK_MINUTES || after.length < CHOI_FLANK_MINUTES) return;
    const start = before.start + before.length;
    const interruption = codes.subarray(start, after.start);
    if (interruption.length > CHOI_INTERRUPTION_MINUTES || interruption.includes(MISSING)) return;
    still.fill(1, start, after.start);
  });
  return runsWhere(still.length, (i) => still[i] === 1).filter((run) => run.length >= CHOI_MINUTES);
}

/** A copy of the series with the minutes of the runs missing. */
export function maskRuns(values: Float64Array, runs: readonly MinuteRun[]): Float64Array {
  const masked = values.slice();
  for (const { start, length } of runs) masked.fill(Number.NaN, start, start + length);
  return masked;
}

function codesOf(values: Float64Array, lowCounts: number): Uint8Array {
  const codes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    codes[i] = Number.isNaN(value) ? MISSING : value === 0 ? ZERO : value <= lowCounts ? LOW : ACTIVE;
  }
  return codes;
}
