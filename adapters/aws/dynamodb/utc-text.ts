import type { EpochMs } from '../../../core/kernel/clock.ts';

/**
 * Whole microseconds since 1970: the last ones that do not lie after the instant. A RangeError outside the years 1685
 * to 2254, of which not every microsecond is a number.
 */
export function microsecondsOf(instantMs: EpochMs): number {
  const nearest = Math.round(instantMs * 1000);
  if (!Number.isSafeInteger(nearest)) throw new RangeError(`${String(instantMs)} ms have no microseconds`);
  return nearest / 1000 <= instantMs ? nearest : nearest - 1;
}

/** Such as `2025-03-10T12:00:00.000000+00:00`, as the older service's language writes instants; ordered as the instants are. */
export function utcText(microseconds: number): string {
  const ms = Math.floor(microseconds / 1000);
  const rest = String(microseconds - ms * 1000).padStart(3, '0');
  return `${new Date(ms).toISOString().slice(0, -1)}${rest}+00:00`;
}

/** The older service leaves a fraction of nothing out. */
const UTC_TEXT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{6}))?\+00:00$/;

/** The microseconds of such a text; null for any other text. */
export function microsecondsOfText(text: string): number | null {
  const [, seconds, fraction = '0'] = UTC_TEXT.exec(text) ?? [];
  const microseconds = Date.parse(`${String(seconds)}Z`) * 1000 + Number(fraction);
  return Number.isSafeInteger(microseconds) ? microseconds : null;
}
