import { ResultAsync, type Result } from 'neverthrow';

/** Is told how a call ended; null: with something thrown, which is a fault of the program. */
export type AnyCallEnded = (outcome: Result<unknown, unknown> | null) => void;

/** Is told that a method is called, and gives what is to be told how that ended. */
export type AnyCallBegins = (operation: string) => AnyCallEnded;

type Method = (...args: unknown[]) => unknown;

/**
 * The port with somebody looking on at every method that answers with a `ResultAsync`, whatever its name. All else goes
 * through as it is. Neither arguments nor answers are shown to whoever looks on but for the outcome.
 */
export function watchedCalls<P extends object>(port: P, begins: AnyCallBegins): P {
  const wrapped = new Map<PropertyKey, { readonly member: unknown; readonly watched: Method }>();
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || typeof name === 'symbol' || name === 'constructor') return member;
      const known = wrapped.get(name);
      if (known?.member === member) return known.watched;
      // An adapter's private fields are only there on the adapter itself.
      const method = (member as Method).bind(target);
      const watched: Method = (...args) => {
        const ended = begins(name);
        const answer = answerOf(method, args, ended);
        return answer instanceof ResultAsync ? new ResultAsync(told(answer, ended)) : answer;
      };
      wrapped.set(name, { member, watched });
      return watched;
    },
  });
}

function answerOf(method: Method, args: unknown[], ended: AnyCallEnded): unknown {
  try {
    return method(...args);
  } catch (cause) {
    ended(null);
    throw cause;
  }
}

async function told(answer: ResultAsync<unknown, unknown>, ended: AnyCallEnded): Promise<Result<unknown, unknown>> {
  try {
    const outcome = await answer;
    ended(outcome);
    return outcome;
  } catch (cause) {
    ended(null);
    throw cause;
  }
}

/** `success`, the kind of the error, or `bug` for what was thrown. */
export function outcomeName(outcome: Result<unknown, unknown> | null): string {
  if (outcome === null) return 'bug';
  if (outcome.isOk()) return 'success';
  const { kind } = outcome.error as { readonly kind?: unknown };
  return typeof kind === 'string' && /^[a-z][a-z-]{0,40}$/.test(kind) ? kind : 'error';
}
