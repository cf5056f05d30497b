import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import type { SampleColumns, SampleSource } from '../health-data/samples.ts';
import type { SampleType } from '../health-data/sample-types.ts';
import type { SourceUse } from './document.ts';

/**
 * The sample kinds of a watch that show that it was on a wrist: heart rate, energy and stand. Steps are not among them,
 * because they are the signal whose absence is being explained.
 */
export const WEAR_EVIDENCE_TYPES = [
  'heart_rate',
  'active_energy',
  'basal_energy',
  'stand_time',
  'stand_hour',
] as const satisfies readonly SampleType[];

/** How far from a sample's start or end a watch still counts as worn. */
export const WEAR_EVIDENCE_REACH_MINUTES = 10;

export const STEP_WEAR_RULE =
  'A minute without a step sample counts as zero where heart rate, energy or stand samples of the same watch begin or ' +
  `end within ${String(WEAR_EVIDENCE_REACH_MINUTES)} minutes of it; otherwise it is missing.`;

/** Steps a minute and where they came from. */
export interface StepMinutes {
  /** One value an elapsed minute from `startMs`; NaN is a minute of which nothing is known. */
  readonly values: Float64Array;
  readonly sources: readonly SourceUse[];
}

const DEVICE_RANK: Readonly<Record<SampleSource['device'], number>> = { watch: 0, phone: 1, other: 2 };

/**
 * Builds the minute series of steps from samples of any number of devices.
 *
 * A sample is spread evenly over the time it covers; an instantaneous one belongs to its minute. Where several sources
 * cover the same minute one of them counts (watch before phone before others; among equals the one with more steps) and
 * what the others say of that minute is set aside and reported, never added. A minute that no step sample covers is zero
 * where the watch that counts steps was evidently worn (see `STEP_WEAR_RULE`), and missing otherwise.
 */
export function stepMinutes(
  steps: SampleColumns | null,
  evidence: readonly SampleColumns[],
  startMs: EpochMs,
  minutes: number,
): StepMinutes {
  const values = new Float64Array(minutes).fill(Number.NaN);
  if (steps === null) return { values, sources: [] };
  const taken = new Uint8Array(minutes);
  const scratch = new Float64Array(minutes);
  const covered = new Uint8Array(minutes);
  const order = rankSources(steps, startMs, minutes);
  const uses: SourceUse[] = [];
  for (const { index, samples } of order) {
    scratch.fill(0);
    covered.fill(0);
    spreadSource(steps, index, startMs, scratch, covered);
    let used = 0;
    let setAside = 0;
    for (let m = 0; m < minutes; m++) {
      if (covered[m] === 0) continue;
      const amount = scratch[m] as number;
      if (taken[m] === 0) {
        taken[m] = 1;
        values[m] = amount;
        used += amount;
      } else {
        setAside += amount;
      }
    }
    const source = steps.sources[index] as SampleSource;
    uses.push({
      name: source.name,
      device: source.device,
      signal: 'step_count',
      samples,
      used: roundCount(used),
      set_aside: roundCount(setAside),
      reason: setAside > 0 ? 'a preferred source counted the same minutes' : null,
    });
  }
  const watches = new Set(
    order
      .map(({ index }) => steps.sources[index] as SampleSource)
      .filter(isWatch)
      .map((source) => source.key),
  );
  if (watches.size > 0) {
    const worn = wornMinutes(evidence, watches, startMs, minutes);
    for (let m = 0; m < minutes; m++) if (taken[m] === 0 && worn[m] === 1) values[m] = 0;
  }
  return { values, sources: uses };
}

const isWatch = (source: SampleSource): boolean => source.device === 'watch';

/** Spreading leaves binary fractions behind; a thousandth of a step is below anything a device counts. */
const roundCount = (count: number): number => Math.round(count * 1000) / 1000;

function rankSources(steps: SampleColumns, startMs: EpochMs, minutes: number) {
  const endMs = startMs + minutes * MS_PER_MINUTE;
  const totals = new Float64Array(steps.sources.length);
  const samples = new Int32Array(steps.sources.length);
  for (let i = 0; i < steps.startMs.length; i++) {
    const [from, to] = [steps.startMs[i] as number, steps.endMs[i] as number];
    if (from >= endMs || to < startMs || (to === startMs && from < to)) continue;
    const index = steps.source[i] as number;
    totals[index] = (totals[index] as number) + (steps.value[i] as number);
    samples[index] = (samples[index] as number) + 1;
  }
  return steps.sources
    .map((source, index) => ({ source, index, total: totals[index] as number, samples: samples[index] as number }))
    .filter((entry) => entry.samples > 0)
    .sort(
      (a, b) =>
        DEVICE_RANK[a.source.device] - DEVICE_RANK[b.source.device] ||
        b.total - a.total ||
        (a.source.key < b.source.key ? -1 : 1),
    );
}

function spreadSource(
  steps: SampleColumns,
  sourceIndex: number,
  startMs: EpochMs,
  sums: Float64Array,
  covered: Uint8Array,
): void {
  const minutes = sums.length;
  for (let i = 0; i < steps.startMs.length; i++) {
    if (steps.source[i] !== sourceIndex) continue;
    const from = ((steps.startMs[i] as number) - startMs) / MS_PER_MINUTE;
    const to = ((steps.endMs[i] as number) - startMs) / MS_PER_MINUTE;
    const value = steps.value[i] as number;
    if (to <= from) {
      const minute = Math.floor(from);
      if (minute < 0 || minute >= minutes) continue;
      sums[minute] = (sums[minute] as number) + value;
      covered[minute] = 1;
      continue;
    }
    const perMinute = value / (to - from);
    const last = Math.min(minutes, Math.ceil(to));
    for (let m = Math.max(0, Math.floor(from)); m < last; m++) {
      const share = Math.min(m + 1, to) - Math.max(m, from);
      sums[m] = (sums[m] as number) + perMinute * share;
      covered[m] = 1;
    }
  }
}

function wornMinutes(
  evidence: readonly SampleColumns[],
  watches: ReadonlySet<string>,
  startMs: EpochMs,
  minutes: number,
): Uint8Array {
  const worn = new Uint8Array(minutes);
  for (const columns of evidence) {
    const counts = columns.sources.map((source) => watches.has(source.key));
    for (let i = 0; i < columns.startMs.length; i++) {
      if (counts[columns.source[i] as number] !== true) continue;
      markAround(worn, ((columns.startMs[i] as number) - startMs) / MS_PER_MINUTE);
      if (columns.endMs[i] !== columns.startMs[i]) {
        markAround(worn, ((columns.endMs[i] as number) - startMs) / MS_PER_MINUTE);
      }
    }
  }
  return worn;
}

/** Marks the minute that holds the instant, and as many before it as after it. */
function markAround(worn: Uint8Array, instantMinutes: number): void {
  const minute = Math.floor(instantMinutes);
  const from = Math.max(0, minute - WEAR_EVIDENCE_REACH_MINUTES);
  const to = Math.min(worn.length - 1, minute + WEAR_EVIDENCE_REACH_MINUTES);
  for (let m = from; m <= to; m++) worn[m] = 1;
}
