import type { SampleSource } from '../health-data/samples.ts';
import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE } from '../kernel/local-time.ts';
import { MinuteCells, type Readings } from './minute-cells.ts';
import type { SeriesBin } from './model.ts';
import { compareSources, type SourceTally, type WantedSources } from './source-tally.ts';

/**
 * Adds readings to bins minute by minute. Of every minute one source tells, the first that speaks of it in the order of
 * `compareSources`; what others say of the same minute is set aside, never added. The choice knows nothing of bins, so a
 * total is the same at every resolution and however the time is cut.
 */
export class MinuteFold {
  readonly #edges: Float64Array;
  readonly #how: 'sum' | 'mean';
  readonly #wanted: WantedSources;
  readonly #tally: SourceTally;
  readonly #sum: Float64Array;
  readonly #count: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #covered: Float64Array;

  /** `edges` are those of the page's bins (see `binEdges`). */
  constructor(edges: Float64Array, how: 'sum' | 'mean', wanted: WantedSources, tally: SourceTally) {
    const bins = Math.max(0, edges.length - 1);
    this.#edges = edges;
    this.#how = how;
    this.#wanted = wanted;
    this.#tally = tally;
    this.#sum = new Float64Array(bins);
    this.#count = new Float64Array(bins);
    this.#min = new Float64Array(bins).fill(Infinity);
    this.#max = new Float64Array(bins).fill(-Infinity);
    this.#covered = new Float64Array(bins);
  }

  /** The readings of the bins from `first` to `end`, exclusive; each bin is to be added once. */
  add(readings: Readings, first: number, end: number): void {
    const startMs = this.#edges[first] as EpochMs;
    const minutes = ((this.#edges[end] as EpochMs) - startMs) / MS_PER_MINUTE;
    const own = new MinuteCells(startMs, minutes);
    const chosen = new MinuteCells(startMs, minutes);
    for (const { source, index } of inOrder(readings.sources)) {
      if (this.#how === 'sum') own.spread(readings, index);
      else own.place(readings, index);
      this.#choose(source, own, chosen);
    }
    this.#addToBins(chosen, first);
  }

  /** The bins with data. */
  bins(): readonly SeriesBin[] {
    const bins: SeriesBin[] = [];
    for (let i = 0; i < this.#covered.length; i++) {
      const count = this.#count[i] as number;
      if (count === 0) continue;
      const sum = this.#sum[i] as number;
      const isMean = this.#how === 'mean';
      bins.push({
        startMs: this.#edges[i] as EpochMs,
        endMs: this.#edges[i + 1] as EpochMs,
        value: isMean ? sum / count : sum,
        coveredMinutes: this.#covered[i] as number,
        spread: isMean ? { min: this.#min[i] as number, max: this.#max[i] as number, count } : null,
        stages: null,
        inBedMinutes: null,
      });
    }
    return bins;
  }

  #choose(source: SampleSource, own: MinuteCells, chosen: MinuteCells): void {
    const isWanted = this.#wanted(source);
    let [minutes, used, setAside] = [0, 0, 0];
    for (let minute = 0; minute < own.minutes; minute++) {
      const count = own.count[minute] as number;
      if (count === 0) continue;
      const amount = this.#how === 'sum' ? (own.sum[minute] as number) : count;
      if (isWanted && chosen.count[minute] === 0) {
        chosen.take(minute, own);
        minutes += 1;
        used += amount;
      } else setAside += amount;
    }
    this.#tally.add(source, { minutes, used, setAside });
  }

  #addToBins(cells: MinuteCells, first: number): void {
    let bin = first;
    for (let minute = 0; minute < cells.minutes; minute++) {
      const atMs = cells.startMs + minute * MS_PER_MINUTE;
      while (atMs >= (this.#edges[bin + 1] as EpochMs)) bin += 1;
      const count = cells.count[minute] as number;
      if (count === 0) continue;
      this.#sum[bin] = (this.#sum[bin] as number) + (cells.sum[minute] as number);
      this.#count[bin] = (this.#count[bin] as number) + count;
      this.#covered[bin] = (this.#covered[bin] as number) + 1;
      this.#min[bin] = Math.min(this.#min[bin] as number, cells.min[minute] as number);
      this.#max[bin] = Math.max(this.#max[bin] as number, cells.max[minute] as number);
    }
  }
}

const inOrder = (sources: readonly SampleSource[]): readonly { source: SampleSource; index: number }[] =>
  sources.map((source, index) => ({ source, index })).sort((a, b) => compareSources(a.source, b.source));
