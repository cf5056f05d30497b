import { MINUTES_PER_DAY } from '../kernel/local-time.ts';

/**
 * What the encoder looked at, minute by minute: the authors' way of showing its attention (Ruan et al. 2024,
 * arXiv:2411.15240). A patch's importance is the attention that it received in the last block, summed over the queries,
 * averaged over the heads and divided by its sum. It says where the model looked, not why.
 */

/**
 * Each patch's importance, held for all of its minutes. The minutes therefore sum to `patchMinutes`, not to 1: the
 * importance of a minute is that of the patch it lies in, not its share of it.
 */
export function minuteImportance(attentionReceived: ArrayLike<number>, patchMinutes: number): Float32Array {
  const minutes = new Float32Array(attentionReceived.length * patchMinutes);
  for (let patch = 0; patch < attentionReceived.length; patch++) {
    minutes.fill(attentionReceived[patch]!, patch * patchMinutes, (patch + 1) * patchMinutes);
  }
  return minutes;
}

/**
 * The mean over the days of each of the 1,440 clock minutes. `minutes` are whole local days from midnight on; a part of
 * a day is a mistake of the caller and throws a RangeError.
 */
export function meanDayImportance(minutes: Float32Array): Float32Array {
  const perDay: number = MINUTES_PER_DAY;
  const days = minutes.length / perDay;
  if (days < 1 || !Number.isInteger(days)) {
    throw new RangeError(`expected whole days of ${String(perDay)} minutes, got ${String(minutes.length)} minutes`);
  }
  const day = new Float32Array(perDay);
  for (let minute = 0; minute < perDay; minute++) {
    let sum = 0;
    for (let at = minute; at < minutes.length; at += perDay) sum += minutes[at]!;
    day[minute] = sum / days;
  }
  return day;
}
