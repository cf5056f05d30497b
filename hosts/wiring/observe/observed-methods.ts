import { err, ok, type Result, type ResultAsync } from 'neverthrow';

/** Is told how a call ended. */
export type CallEnded<T, E> = (outcome: Result<T, E>) => void;

/** Is told that a call begins, with its arguments, and gives what is to be told how it ended. */
export type Observers<P> = {
  readonly [M in keyof P]?: P[M] extends (...args: infer A) => ResultAsync<infer T, infer E>
    ? (...args: A) => CallEnded<T, E>
    : never;
};

type Method = (...args: unknown[]) => unknown;

/**
 * The port with somebody looking on: the calls of the observed methods are told of and otherwise go through as they are,
 * arguments, answers and errors alike.
 */
export function observed<P extends object>(port: P, observers: Observers<P>): P {
  const watched = observers as Readonly<
    Record<PropertyKey, ((...args: unknown[]) => CallEnded<unknown, unknown>) | undefined>
  >;
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || name === 'constructor') return member;
      // An adapter's private fields are only there on the adapter itself.
      const method = (member as Method).bind(target);
      const begins = watched[name];
      if (begins === undefined) return method;
      return (...args: unknown[]) => {
        const ended = begins(...args);
        const answer = method(...args) as ResultAsync<unknown, unknown>;
        return answer
          .map((value) => {
            ended(ok(value));
            return value;
          })
          .mapErr((error) => {
            ended(err(error));
            return error;
          });
      };
    },
  });
}
