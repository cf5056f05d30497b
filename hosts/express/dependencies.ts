import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { FlagState } from '../../core/flags/ports.ts';
import { writtenShares } from '../../core/flags/read-shares.ts';
import type { EpochMs } from '../../core/kernel/clock.ts';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
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

/** Flags that were never read turn everything off: then the process is of no use. Old ones are better than none. */
function stateOfFlags(
  { shares, readAtMs, freshness }: FlagState,
  nowMs: EpochMs,
): ResultAsync<DependencyState, PortUnavailable> {
  if (freshness === 'unread') return errAsync(portUnavailable('FeatureFlags', 'read', 'not read yet'));
  const said = writtenShares(shares);
  if (freshness === 'current') return okAsync({ degraded: false, message: said });
  const since =
    readAtMs === null ? 'not read yet' : `not read for ${String(Math.floor((nowMs - readAtMs) / 60_000))} minutes`;
  return okAsync({ degraded: true, message: `${said}; ${since}` });
}

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
      name: 'features',
      required: true,
      check: () => stateOfFlags(get(TOKENS.flags).state(), get(TOKENS.clock).now()),
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
