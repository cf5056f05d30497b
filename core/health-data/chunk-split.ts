import { MS_PER_DAY } from '../kernel/local-time.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { SampleColumns } from './samples.ts';

/** The part of a batch whose samples start on one UTC day. */
export interface DayColumns {
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  readonly columns: SampleColumns;
}

/** The range of ECMAScript's time values. */
const MAX_INSTANT_MS = 8.64e15;

/** The UTC day (since 1970-01-01) that holds the instant. */
export const utcDayOf = (instantMs: EpochMs): number => Math.floor(instantMs / MS_PER_DAY) + 0;

/**
 * Cuts a batch into one piece for each UTC day on which a sample starts, days ascending; inside a piece the samples keep
 * the batch's order. Pieces may share memory with the batch. Linear in the number of samples, and without copying when
 * the batch is ordered by day, as exports are.
 *
 * @throws RangeError when the columns break their own promise (unequal lengths, a value that is not finite, an end
 * before its start, an instant out of a date's range, a source that is not in the list): such a batch comes from a fault in the program, and storing it
 * would make the fault permanent.
 */
export function splitByDay(columns: SampleColumns): readonly DayColumns[] {
  requireSoundColumns(columns);
  const count = columns.startMs.length;
  if (count === 0) return [];
  const days = new Int32Array(count);
  let ascending = true;
  for (let i = 0; i < count; i++) {
    days[i] = utcDayOf(columns.startMs[i]!);
    if (i > 0 && days[i]! < days[i - 1]!) ascending = false;
  }
  return ascending ? cutRuns(columns, days) : cutRuns(...orderedByDay(columns, days));
}

function cutRuns(columns: SampleColumns, days: Int32Array): readonly DayColumns[] {
  const pieces: DayColumns[] = [];
  let from = 0;
  for (let i = 1; i <= days.length; i++) {
    if (i < days.length && days[i] === days[from]) continue;
    pieces.push({ day: days[from]!, columns: sliceOf(columns, from, i) });
    from = i;
  }
  return pieces;
}

function sliceOf(columns: SampleColumns, from: number, to: number): SampleColumns {
  return {
    type: columns.type,
    startMs: columns.startMs.subarray(from, to),
    endMs: columns.endMs.subarray(from, to),
    value: columns.value.subarray(from, to),
    offsetMinutes: columns.offsetMinutes.subarray(from, to),
    source: columns.source.subarray(from, to),
    sources: columns.sources,
  };
}

/** A counting sort by day: days are few, so it is linear and keeps the order inside a day. */
function orderedByDay(columns: SampleColumns, days: Int32Array): [SampleColumns, Int32Array] {
  const perDay = new Map<number, number>();
  for (const day of days) perDay.set(day, (perDay.get(day) ?? 0) + 1);
  const next = new Map<number, number>();
  let position = 0;
  for (const day of [...perDay.keys()].sort((a, b) => a - b)) {
    next.set(day, position);
    position += perDay.get(day)!;
  }
  const count = days.length;
  const ordered = {
    type: columns.type,
    startMs: new Float64Array(count),
    endMs: new Float64Array(count),
    value: new Float64Array(count),
    offsetMinutes: new Int16Array(count),
    source: new Uint16Array(count),
    sources: columns.sources,
  };
  const orderedDays = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const day = days[i]!;
    const to = next.get(day)!;
    next.set(day, to + 1);
    orderedDays[to] = day;
    ordered.startMs[to] = columns.startMs[i]!;
    ordered.endMs[to] = columns.endMs[i]!;
    ordered.value[to] = columns.value[i]!;
    ordered.offsetMinutes[to] = columns.offsetMinutes[i]!;
    ordered.source[to] = columns.source[i]!;
  }
  return [ordered, orderedDays];
}

function requireSoundColumns({ type, startMs, endMs, value, offsetMinutes, source, sources }: SampleColumns): void {
  const count = startMs.length;
  for (const column of [endMs, value, offsetMinutes, source]) {
    if (column.length !== count) throw new RangeError(`${type}: columns differ in length`);
  }
  for (let i = 0; i < count; i++) {
    const start = startMs[i]!;
    const end = endMs[i]!;
    // Comparisons with NaN are false, so these also catch it.
    if (!(end >= start) || !(start >= -MAX_INSTANT_MS) || !(end <= MAX_INSTANT_MS)) {
      throw new RangeError(`${type}: sample ${i} does not have a start and a later or equal end`);
    }
    if (!Number.isFinite(value[i]!)) throw new RangeError(`${type}: sample ${i} has no finite value`);
    if (source[i]! >= sources.length) throw new RangeError(`${type}: sample ${i} names an unknown source`);
  }
}
