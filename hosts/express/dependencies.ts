import { okAsync } from 'neverthrow';
import { userId } from '../../core/kernel/ids.ts';
import type { Dependency, DependencyState } from './health.ts';
import { TOKENS } from '../wiring/tokens.ts';
import type { Get } from '../wiring/typed-container.ts';

const FINE: DependencyState = { degraded: false, message: null };

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
        get(TOKENS.accounts)
          .byId(NOBODY)
          .map(() => FINE),
    },
    {
      name: 'object_store',
      required: true,
      check: () =>
        get(TOKENS.objects)
          .list(NOBODY)
          .map(() => FINE),
    },
    { name: 'jobs', required: true, check: () => okAsync(get(TOKENS.jobRunner).state()) },
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
