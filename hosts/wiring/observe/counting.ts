import { performance } from 'node:perf_hooks';
import { systemClock } from '../../../adapters/node/clock.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { NoteFact } from './facts.ts';
import { ModelLedger } from './model-ledger.ts';
import { ServiceMetrics } from './service-metrics.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

/** Who looks on at what goes through the graph of one process, and by which clocks. */
export interface Counting {
  readonly metrics: ServiceMetrics;
  readonly ledger: ModelLedger;
  readonly noteFact: NoteFact;
  readonly tracing: Tracing;
  readonly clock: Clock;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
}

/** Nothing counted yet; what is not given is as in a process that only counts. */
export const newCounting = (given: Partial<Counting> = {}): Counting => ({
  metrics: new ServiceMetrics(),
  ledger: new ModelLedger(),
  noteFact: () => undefined,
  tracing: NO_TRACING,
  clock: systemClock,
  elapsedMs: () => performance.now(),
  ...given,
});
