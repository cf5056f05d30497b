import type { RunJobPorts } from '../../../core/analysis/run-next-job.ts';
import { observed } from './observed-methods.ts';

/** What the work on one job went into so far. */
export interface StageTimes {
  readMs: number;
  storeMs: number;
  encodeMs: number;
}

/**
 * The ports of one job's work, which add to its times what reading, storing and encoding take. Each job is given its own:
 * telling by the asynchronous context whose a call is would make every promise of the process slower.
 */
export function timedPorts<P extends RunJobPorts>(ports: P, times: StageTimes, elapsedMs: () => number): P {
  const storing = () => {
    const startedMs = elapsedMs();
    return (): void => {
      times.storeMs += elapsedMs() - startedMs;
    };
  };
  return {
    ...ports,
    // These come one after the other, so that their times can be added.
    samples: observed(ports.samples, { append: storing }),
    uploads: observed(ports.uploads, { change: storing }),
    analyses: observed(ports.analyses, { replaceForUpload: storing }),
    exports: observed(ports.exports, {
      read: () => {
        const startedMs = elapsedMs();
        const storedMs = times.storeMs;
        return () => {
          // The reader waits for its sink, which stores what it is given.
          times.readMs += elapsedMs() - startedMs - (times.storeMs - storedMs);
        };
      },
    }),
    model: observed(ports.model, {
      encode: () => {
        const startedMs = elapsedMs();
        return () => {
          times.encodeMs += elapsedMs() - startedMs;
        };
      },
    }),
  };
}
