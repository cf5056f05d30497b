import type { SampleColumns } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';

/** Readings of one kind, by source. */
export type Readings = Pick<SampleColumns, 'startMs' | 'endMs' | 'value' | 'source' | 'sources'>;

/** What is said of each minute of a stretch of time. A minute with `count` 0 is not spoken of. */
export class MinuteCells {
  readonly startMs: EpochMs;
  readonly minutes: number;
  readonly sum: Float64Array;
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;

  /** `startMs` is a whole minute. */
  constructor(startMs: EpochMs, minutes: number) {
    this.startMs = startMs;
    this.minutes = minutes;
    this.sum = new Float64Array(minutes);
    this.count = new Float64Array(minutes);
    this.min = new Float64Array(minutes);
    this.max = new Float64Array(minutes);
  }

  /**
   * Holds one source's amounts and nothing else: each is spread evenly over the time it covers, and counted in the
   * minutes that it touches; an instantaneous one belongs to its minute. What lies outside is left out.
   */
  spread({ startMs, endMs, value, source }: Readings, sourceIndex: number): void {
    this.sum.fill(0);
    this.count.fill(0);
    for (let i = 0; i < startMs.length; i++) {
      if (source[i] !== sourceIndex) continue;
      const from = ((startMs[i] as number) - this.startMs) / MS_PER_MINUTE;
      const to = ((endMs[i] as number) - this.startMs) / MS_PER_MINUTE;
      if (to <= from) {
        const minute = Math.floor(from);
        if (minute >= 0 && minute < this.minutes) this.#add(minute, value[i] as number);
        continue;
      }
      const perMinute = (value[i] as number) / (to - from);
      const last = Math.min(this.minutes, Math.ceil(to));
      for (let minute = Math.max(0, Math.floor(from)); minute < last; minute++) {
        this.#add(minute, perMinute * (Math.min(minute + 1, to) - Math.max(minute, from)));
      }
    }
  }

  /** Holds one source's levels and nothing else: each belongs to the minute in which it begins. */
  place({ startMs, value, source }: Readings, sourceIndex: number): void {
    this.sum.fill(0);
    this.count.fill(0);
    this.min.fill(Infinity);
    this.max.fill(-Infinity);
    for (let i = 0; i < startMs.length; i++) {
      if (source[i] !== sourceIndex) continue;
      const minute = Math.floor(((startMs[i] as number) - this.startMs) / MS_PER_MINUTE);
      if (minute < 0 || minute >= this.minutes) continue;
      const level = value[i] as number;
      this.#add(minute, level);
      if (level < (this.min[minute] as number)) this.min[minute] = level;
      if (level > (this.max[minute] as number)) this.max[minute] = level;
    }
  }

  /** Takes over what another one says of a minute. */
  take(minute: number, from: MinuteCells): void {
    this.sum[minute] = from.sum[minute] as number;
    this.count[minute] = from.count[minute] as number;
    this.min[minute] = from.min[minute] as number;
    this.max[minute] = from.max[minute] as number;
  }

  #add(minute: number, amount: number): void {
    this.sum[minute] = (this.sum[minute] as number) + amount;
    this.count[minute] = (this.count[minute] as number) + 1;
  }
}
