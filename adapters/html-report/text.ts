/** Numbers, durations and clock times as the report writes them. A number that is none is written `unknown`. */

import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';

const UNKNOWN = 'unknown';

const numberFormats = [0, 1, 2].map(
  (digits) => new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** True for a number that can be shown; null, NaN and infinities are "not computed". */
export function isKnown(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** With `digits` (0 to 2) decimals, thousands separated, a true minus sign, and no minus before zero. */
export function formatFixed(value: number, digits: 0 | 1 | 2): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const text = numberFormats[digits]?.format(value) ?? String(value);
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** A whole number, thousands separated. */
export function formatCount(value: number): string {
  return formatFixed(Math.round(value), 0);
}

/** About three significant digits: 1,234 / 56.7 / 0.43. */
export function formatAmount(value: number): string {
  const size = Math.abs(value);
  return formatFixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

const compactFormat = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** Short form for axis labels: `800`, `12k`, `1.5m`. */
export function formatCompact(value: number): string {
  return compactFormat.format(value).replace('-', '−');
}

/** A percentage from 0 to 100, such as `94.8 %`; never rounded up to 100 or down to 0 when it is neither. */
export function formatPercent(percent: number): string {
  if (!Number.isFinite(percent)) return UNKNOWN;
  const shown = percent > 99.9 && percent < 100 ? 99.9 : percent > 0 && percent < 0.1 ? 0.1 : percent;
  return `${formatFixed(shown, shown === 0 || shown === 100 ? 0 : 1)}\u00a0%`;
}

/** Minutes as `45 min`, `7 h 52 min` or, from two days on, `3 d 4 h 10 min`. */
export function formatDuration(minutes: number): string {
  if (!Number.isFinite(minutes)) return UNKNOWN;
  const total = Math.round(Math.abs(minutes));
  const days = total >= 2 * MINUTES_PER_DAY ? Math.floor(total / MINUTES_PER_DAY) : 0;
  const hours = Math.floor((total - days * MINUTES_PER_DAY) / 60);
  const rest = total % 60;
  const parts = [
    days > 0 ? `${formatCount(days)}\u00a0d` : '',
    hours > 0 ? `${hours}\u00a0h` : '',
    rest > 0 || total === 0 ? `${rest}\u00a0min` : '',
  ].filter((part) => part !== '');
  return (minutes < 0 && total > 0 ? '−' : '') + parts.join(' ');
}

/** Minutes as hours and minutes for columns of a table: `7:33`, `0:24`. */
export function formatHoursMinutes(minutes: number): string {
  if (!Number.isFinite(minutes)) return UNKNOWN;
  const total = Math.round(Math.abs(minutes));
  const sign = minutes < 0 && total > 0 ? '−' : '';
  return `${sign}${formatCount(Math.floor(total / 60))}:${String(total % 60).padStart(2, '0')}`;
}

/** A minute of the day as `07:05`; any number of minutes from local midnight is taken round the clock. */
export function formatClock(minute: number): string {
  if (!Number.isFinite(minute)) return UNKNOWN;
  const wrapped = ((Math.round(minute) % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return `${String(Math.floor(wrapped / 60)).padStart(2, '0')}:${String(wrapped % 60).padStart(2, '0')}`;
}

/** `1 night`, `3 nights`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** The text with a capital first letter and a full stop, as a sentence; reasons come as fragments or sentences. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
