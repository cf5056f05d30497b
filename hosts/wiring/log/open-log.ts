import { pino, type Bindings, type LevelWithSilent, type LogFn, type Logger } from 'pino';
import { fieldsForTheLog } from './log-fields.ts';

/** Where lines go, each with its line break. */
export interface LogTarget {
  readonly write: (line: string) => void;
}

/** What a line says whose own message may hold a value. */
const NOT_FOR_THE_LOG = 'a message that is not for the log';

/** Messages are words that were written in the code; nothing that looks like a value of somebody's. */
const MESSAGE = /^[A-Za-z][A-Za-z,;:' -]{0,159}$/;

/**
 * The one log of a process: JSON lines on standard error, or to `target`. What goes out is on a list: fields that
 * `fieldsForTheLog` knows, in the shape that it asks of them, and a message of words. Whatever else a call is given is left
 * out, so that no call site can put a body, a token, an address, a name, a note, a sample or a file name into the log.
 */
export function openLog(level: LevelWithSilent, target?: LogTarget): Logger {
  const log = pino(
    {
      level,
      base: null,
      // What is made of an error here is finished; pino's own way with errors would add all their properties.
      serializers: { err: (reduced: unknown) => reduced },
      hooks: { logMethod },
    },
    target ?? pino.destination({ dest: 2, sync: true }),
  );
  // What is bound to every line of a child would not go through any hook. Children of children inherit this.
  const childOf: unknown = Reflect.get(log, 'child');
  Reflect.set(log, 'child', function (this: Logger, bindings: Bindings): Logger {
    return Reflect.apply(childOf as (given: Bindings) => Logger, this, [fieldsForTheLog(bindings)]);
  });
  return log;
}

function logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn, _level: number): void {
  const [first, second] = args as readonly unknown[];
  const isMessageFirst = typeof first === 'string';
  const message = isMessageFirst ? first : second;
  const said = typeof message === 'string' && MESSAGE.test(message) ? message : NOT_FOR_THE_LOG;
  // Values for placeholders in the message are left out with everything else that follows.
  method.call(this, isMessageFirst ? {} : fieldsForTheLog(first instanceof Error ? { err: first } : first), said);
}
