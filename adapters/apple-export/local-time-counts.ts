import type { ExportSummary } from '../../core/health-data/ports.ts';
import { UNKNOWN_OFFSET } from '../../core/health-data/samples.ts';

/** What a name in the tz database looks like. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;
/** The tz database has about 600 names. */
const MAX_ZONES = 1000;

/** Counts the time zones that records name. */
export class ZoneCounts {
  readonly #counts = new Map<string, number>();

  /** Text that cannot be a zone's name is not counted. */
  count(name: string): void {
    const count = this.#counts.get(name);
    if (count !== undefined) this.#counts.set(name, count + 1);
    // A copy, because a slice would keep all of the text that it was cut from in memory.
    else if (this.#counts.size < MAX_ZONES && ZONE_NAME.test(name)) this.#counts.set(Buffer.from(name).toString(), 1);
  }

  /** Most frequent first. */
  list(): ExportSummary['timeZones'] {
    return [...this.#counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }
}

const MINUTES_EAST_OF_ZERO = 1440;

/** Counts the UTC offsets of samples. */
export class OffsetCounts {
  readonly #counts = new Uint32Array(2 * MINUTES_EAST_OF_ZERO + 1);

  /** `UNKNOWN_OFFSET` is not counted. */
  count(minutes: number): void {
    if (minutes === UNKNOWN_OFFSET) return;
    const at = minutes + MINUTES_EAST_OF_ZERO;
    this.#counts[at] = (this.#counts[at] as number) + 1;
  }

  /** Most frequent first. */
  list(): ExportSummary['utcOffsets'] {
    return [...this.#counts.entries()]
      .filter(([, count]) => count > 0)
      .map(([at, count]) => ({ minutes: at - MINUTES_EAST_OF_ZERO, count }))
      .sort((a, b) => b.count - a.count || a.minutes - b.minutes);
  }
}
