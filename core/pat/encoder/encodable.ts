import { err, ok, type Result } from 'neverthrow';
import { MINUTES_PER_DAY } from '../../kernel/local-time.ts';
import type { PatArchitecture } from './architecture.ts';
import { MOST_MINUTES, type NotEncodable } from '../ports.ts';

/** Whether an encoder takes these inputs: one to fourteen days of whole patches, every number finite. */
export function encodable(
  weeks: readonly Float32Array[],
  { patchMinutes }: PatArchitecture,
): Result<void, NotEncodable> {
  for (const [i, week] of weeks.entries()) {
    const which = weeks.length === 1 ? 'the input' : `input ${String(i)}`;
    if (week.length < MINUTES_PER_DAY || week.length > MOST_MINUTES) {
      return refuse(
        `${which} has ${String(week.length)} minutes; the encoder takes ${String(MINUTES_PER_DAY)} to ${String(MOST_MINUTES)}`,
      );
    }
    if (week.length % patchMinutes !== 0) {
      return refuse(
        `${which} has ${String(week.length)} minutes, which are no whole number of patches of ${String(patchMinutes)}`,
      );
    }
    const at = week.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return refuse(`${which} has no finite number at minute ${String(at)}`);
  }
  return ok(undefined);
}

const refuse = (reason: string): Result<never, NotEncodable> => err({ kind: 'not-encodable', reason });
