import { performance } from 'node:perf_hooks';

/** A monotonic clock, for durations. */
export const elapsedMs = (): number => performance.now();
