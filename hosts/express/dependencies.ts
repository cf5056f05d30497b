import { errAsync, okAsync } from 'neverthrow';
import { userId } from '../../core/kernel/ids.ts';
import type { Dependency, DependencyState } from './health.ts';
import { TOKENS } from '../wiring/tokens.ts';
import type { Get } from '../wiring/typed-container.ts';

const FINE: DependencyState = { degraded: false, message: null };

/** Whether any worker runs is not this process's to know. */
const WORKED_ON_ELSEWHERE: DependencyState = { degraded: false, message: 'worker processes work on jobs' };

/** What other processes let through is not counted. */
const LIMITED_ALONE: DependencyState = {
  degraded: true,
  message: 'the shared counters do not answer: this process counts calls by itself',
};

/** No account has this id: ids of accounts are UUIDs. */
const NOBODY = userId('health-check');

/** What the service needs, each checked by using it. */
export function dependenciesOf(get: Get): readonly Dependency[] {
  return [
    {
      name: 'database',
      required: true,
      check: () =>
        get(TOKENS.uploads)
          .list(NOBODY, 1)
          .map(() => FINE),
    },
    {
      name: 'accounts',
      required: true,
      check: () =>
        get(TOKENS.identities)
          .profile(NOBODY)
          .map(() => FINE)
          .orElse((error) => (error.kind === 'unknown-user' ? okAsync(FINE) : errAsync(error))),
    },
    {
      name: 'object_store',
      required: true,
      check: () =>
        get(TOKENS.objects)
          .list(NOBODY)
          .map(() => FINE),
    },
    {
      name: 'jobs',
      required: true,
      check: () => okAsync(get(TOKENS.config).runJobs ? get(TOKENS.jobRunner).state() : WORKED_ON_ELSEWHERE),
    },
    {
      name: 'rate_limits',
      required: false,
      check: () =>
        get(TOKENS.config).rateLimits === null
          ? okAsync({ degraded: true, message: 'RATE_LIMITS=off: nothing is limited' })
          : get(TOKENS.shelteredCounters)
              .check()
              .map((lost) => (lost === null ? FINE : LIMITED_ALONE)),
    },
    {
      name: 'model',
      required: false,
      check: () =>
        get(TOKENS.model)
          .describe()
          .map(({ status, message }) => ({
            degraded: status !== 'ready',
            message: status === 'ready' ? message : `${status}: ${message}`,
          })),
    },
  ];
}
