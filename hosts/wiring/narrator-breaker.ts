import { errAsync } from 'neverthrow';
import type { Narrator } from '../../core/insights/ports.ts';
import type { Clock, EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable } from '../../core/kernel/errors.ts';

/** So many failures in a row, with nothing else between, and the narrator is left alone ... */
export const FAILURES_TO_OPEN = 5;
/** ... for so long. Then one call tries. */
export const OPEN_MS = 60_000;

export interface NarratorBreakerDeps {
  readonly clock: Clock;
  /** Is told when the breaker opens, and when the narrator has answered again. */
  readonly changed: (isOpen: boolean) => void;
}

/**
 * The narrator behind a circuit breaker (Nygard, Release It!, 2007): one that fails again and again is not asked for a
 * while, so that nobody waits for it and it can recover. After that one call tries; the others wait for what comes of it no
 * longer than for the pause.
 */
export function breakingNarrator(narrator: Narrator, { clock, changed }: NarratorBreakerDeps): Narrator {
  let failures = 0;
  let askAgainAtMs: EpochMs | null = null;
  const failed = (): void => {
    failures += 1;
    if (failures < FAILURES_TO_OPEN) return;
    if (askAgainAtMs === null) changed(true);
    askAgainAtMs = clock.now() + OPEN_MS;
  };
  const answered = (): void => {
    failures = 0;
    if (askAgainAtMs !== null) changed(false);
    askAgainAtMs = null;
  };
  return {
    narrate: (request) => {
      if (askAgainAtMs !== null) {
        if (clock.now() < askAgainAtMs) return errAsync(LEFT_ALONE);
        // Whoever comes while this call tries does not try too.
        askAgainAtMs = clock.now() + OPEN_MS;
      }
      return narrator
        .narrate(request)
        .map((narrative) => {
          answered();
          return narrative;
        })
        .mapErr((error) => {
          failed();
          return error;
        });
    },
  };
}

const LEFT_ALONE = portUnavailable('Narrator', 'narrate', 'it failed again and again and is left alone for a while');
