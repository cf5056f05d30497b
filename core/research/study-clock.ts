import type { EpochMs } from '../kernel/clock.ts';
import { MS_PER_MINUTE, type LocalZone } from '../kernel/local-time.ts';

/**
 * What a clock on the participant's wall would have shown, as milliseconds since its own 1970-01-01T00:00, with the date
 * moved by the shift. It names no place on earth.
 */
export type StudyMs = number;

const MONTH_OF_WINTER_AND_SUMMER = [0, 6] as const;

/**
 * The zone's offset without daylight saving. The study clock runs by it all year: a night of 23 or 25 hours has one true
 * date, and would give the shift away.
 */
export function standardOffsetMinutes(zone: LocalZone, nowMs: EpochMs): number {
  const year = new Date(nowMs).getUTCFullYear();
  return Math.min(...MONTH_OF_WINTER_AND_SUMMER.map((month) => zone.offsetMinutesAt(Date.UTC(year, month, 1))));
}

/** Turns times of the study clock into instants and back. */
export class StudyClock {
  readonly #aheadMs: number;

  constructor(offsetMinutes: number, shiftMs: number) {
    this.#aheadMs = offsetMinutes * MS_PER_MINUTE + shiftMs;
  }

  instantOf(studyMs: StudyMs): EpochMs {
    return studyMs - this.#aheadMs;
  }

  studyTimeOf(instantMs: EpochMs): StudyMs {
    return instantMs + this.#aheadMs;
  }
}
