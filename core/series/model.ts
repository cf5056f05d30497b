import type { SampleSource } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { LocalZone } from '../kernel/local-time.ts';
import type { SeriesType } from './series-types.ts';

export const SERIES_RESOLUTIONS = ['minute', 'hour', 'day'] as const;
export type SeriesResolution = (typeof SERIES_RESOLUTIONS)[number];

/** What is asked of a series. */
export interface SeriesQuery {
  readonly type: SeriesType;
  /** Rounded down to the minute. */
  readonly fromMs: EpochMs;
  /** Exclusive, after `fromMs`; rounded up to the minute. */
  readonly toMs: EpochMs;
  readonly resolution: SeriesResolution;
  /** By whose clock hours and days begin. */
  readonly zone: LocalZone;
  /** The name of the only source that may be used; null lets the policy choose. */
  readonly source: string | null;
  /** Where the page begins: `nextMs` of the page before; null is the beginning. */
  readonly afterMs: EpochMs | null;
}

/** Minutes of a bin by what was slept. `null` for time in bed where nobody recorded it. */
export interface SleepMinutes {
  readonly awake: number;
  readonly core: number;
  readonly deep: number;
  readonly rem: number;
  /** Asleep, and the source could not tell how. */
  readonly unspecified: number;
}

/** One bin with data. Bins of which nothing is known are not there: absence is never zero. */
export interface SeriesBin {
  readonly startMs: EpochMs;
  /** Exclusive. The first and the last bin end where the query does. */
  readonly endMs: EpochMs;
  /** The sum, the mean or the minutes asleep; null where the readings do not tell it. */
  readonly value: number | null;
  /** Minutes of the bin that a reading covers or lies in. */
  readonly coveredMinutes: number;
  /** Of a mean: smallest and largest reading, and how many there are. */
  readonly spread: { readonly min: number; readonly max: number; readonly count: number } | null;
  /** Of sleep; null where only time in bed is known. */
  readonly stages: SleepMinutes | null;
  /** Of sleep: minutes in bed; null where nobody recorded the bed. */
  readonly inBedMinutes: number | null;
}

/**
 * What became of one source's readings on the page. Amounts are in the series' unit for sums and sleep, and numbers of
 * readings for means.
 */
export interface SeriesSource {
  readonly source: Pick<SampleSource, 'name' | 'device'>;
  /** Of the minutes that the bins cover, the share that this source tells, 0 to 1; 0 where nothing of it was used. */
  readonly share: number;
  readonly used: number;
  readonly setAside: number;
  /** Why something was set aside; null where nothing was. */
  readonly reason: string | null;
}

/** Something that the answer would hold if the data told it. */
export interface SeriesNotComputed {
  readonly field: string;
  readonly reason: string;
}

/** One page of a series. */
export interface SeriesPage {
  /** What the page covers; from the first bin that could have data to where it stops. */
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** In time order. */
  readonly bins: readonly SeriesBin[];
  /** Those used most first. */
  readonly sources: readonly SeriesSource[];
  readonly notComputed: readonly SeriesNotComputed[];
  /** Where the next page begins; null where no data follow. */
  readonly nextMs: EpochMs | null;
}

/** The most bins on a page: a week of minutes. */
export const MOST_BINS = 10_080;
