import type { SampleSource } from '../health-data/samples.ts';
import { compareCodePoints } from '../kernel/text-order.ts';
import type { SeriesSource } from './model.ts';

/** Which sources may be used: all, or those of one name. */
export type WantedSources = (source: SampleSource) => boolean;

export const wantedSources = (name: string | null): WantedSources =>
  name === null ? () => true : (source) => source.name === name;

const DEVICE_RANK: Readonly<Record<SampleSource['device'], number>> = { watch: 0, phone: 1, other: 2 };

/**
 * The order in which sources are believed: what is worn goes before what is carried, and that before everything else.
 * Among equals the name decides, and then the key, so that the choice is the same on every page and at every resolution.
 */
export const compareSources = (a: SampleSource, b: SampleSource): number =>
  DEVICE_RANK[a.device] - DEVICE_RANK[b.device] || compareCodePoints(a.name, b.name) || compareCodePoints(a.key, b.key);

/** What was made of some readings of one source. */
export interface SourceUse {
  /** Minutes that the source tells in the answer. */
  readonly minutes: number;
  /** Both in the unit of the series, or in readings where it is a mean. */
  readonly used: number;
  readonly setAside: number;
}

/** Adds up over a page what became of each source's readings. */
export class SourceTally {
  readonly #wanted: WantedSources;
  readonly #reason: string;
  readonly #uses = new Map<string, { source: SampleSource; minutes: number; used: number; setAside: number }>();

  /** `reason` is why a source that may be used is set aside. */
  constructor(wanted: WantedSources, reason: string) {
    this.#wanted = wanted;
    this.#reason = reason;
  }

  add(source: SampleSource, { minutes, used, setAside }: SourceUse): void {
    let use = this.#uses.get(source.key);
    if (use === undefined) {
      use = { source, minutes: 0, used: 0, setAside: 0 };
      this.#uses.set(source.key, use);
    }
    use.minutes += minutes;
    use.used += used;
    use.setAside += setAside;
  }

  /** Those used most first, then in the order in which they are believed. */
  sources(): readonly SeriesSource[] {
    const uses = [...this.#uses.values()];
    const minutesOfAll = uses.reduce((sum, { minutes }) => sum + minutes, 0);
    return uses
      .sort((a, b) => b.minutes - a.minutes || compareSources(a.source, b.source))
      .map(({ source, minutes, used, setAside }) => ({
        source: { name: source.name, device: source.device },
        share: minutesOfAll === 0 ? 0 : minutes / minutesOfAll,
        used,
        setAside,
        reason: setAside === 0 ? null : this.#wanted(source) ? this.#reason : 'another source was asked for',
      }));
  }
}
