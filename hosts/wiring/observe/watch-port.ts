import type { Result } from 'neverthrow';
import type { Counting } from './counting.ts';
import { outcomeName, watchedCalls, type AnyCallBegins } from './watched-calls.ts';

/** What AWS calls it, at the beginning of a cause or after what was done before. HEAD answers have a status and no name. */
const ACCESS_DENIED =
  /(?:^|: )(?:AccessDenied|AccessDeniedException|KMSAccessDeniedException|AuthorizationError|AuthorizationErrorException|UnauthorizedOperation|Forbidden|403)(?:: |$)/;

/** Tells the operator of a call that AWS refused for want of a permission. */
export function noteAccessDenied({ metrics, noteFact }: Counting, outcome: Result<unknown, unknown> | null): void {
  if (outcome === null || outcome.isOk()) return;
  const { kind, cause } = outcome.error as { readonly kind?: unknown; readonly cause?: unknown };
  if (kind !== 'port-unavailable' || typeof cause !== 'string' || !ACCESS_DENIED.test(cause)) return;
  metrics.guards.accessDenied();
  noteFact('accessDenied');
}

/** Such as `SqlSampleStore`; adapters are named for their technology. */
export const adapterName = (port: object): string => {
  const { name } = port.constructor;
  return /^[A-Z]\w{1,60}$/.test(name) && name !== 'Object' ? name : 'unnamed';
};

/** The port with every call of it counted, timed, and told of as a part of what it is called for. */
export const watchedPort = <P extends object>(port: P, name: string, counting: Counting): P =>
  watchedCalls(port, callsOf(name, adapterName(port), counting));

function callsOf(port: string, adapter: string, counting: Counting): AnyCallBegins {
  const { metrics, tracing, elapsedMs } = counting;
  return (operation) => {
    const startedMs = elapsedMs();
    const fields = { port, operation, adapter };
    const span = tracing.part({ kind: 'client', name: `${port}.${operation}`, fields });
    return (outcome) => {
      const ended = outcomeName(outcome);
      metrics.stores.called(fields, ended, (elapsedMs() - startedMs) / 1000);
      span?.end({ failure: ended === 'success' ? null : ended });
      noteAccessDenied(counting, outcome);
    };
  };
}
