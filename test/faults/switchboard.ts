import type { ResultAsync } from 'neverthrow';
import type { FaultPlan, FaultTiming } from '../../adapters/fault-injecting/fault-plan.ts';

/** A method of a port, and how often it was called. */
export interface ReachedMethod {
  readonly port: string;
  readonly method: string;
  readonly calls: number;
}

/** Is told of a call of a port before it is made. */
export type CallListener = (call: { readonly port: string; readonly method: string; readonly struck: boolean }) => void;

/** Asks the plan that is in force now, and counts what is called. */
export class Switchboard {
  readonly timing: FaultTiming;
  readonly #reached = new Map<string, { port: string; method: string; calls: number }>();
  #plan: FaultPlan | null = null;
  #listener: CallListener | null = null;

  constructor(timing: FaultTiming) {
    this.timing = timing;
  }

  /** From now on calls fail by this plan, and are counted anew. */
  arm(plan: FaultPlan | null): void {
    this.#plan = plan;
    this.#reached.clear();
  }

  /** From now on no call fails; they are counted on. */
  recover(): void {
    this.#plan = null;
  }

  /** Only the last listener is told. */
  onCall(listener: CallListener | null): void {
    this.#listener = listener;
  }

  next(port: string, method: string): ReturnType<FaultPlan['next']> {
    const name = `${port}.${method}`;
    const known = this.#reached.get(name) ?? { port, method, calls: 0 };
    known.calls += 1;
    this.#reached.set(name, known);
    const fault = this.#plan?.next(port, method) ?? null;
    this.#listener?.({ port, method, struck: fault !== null });
    return fault;
  }

  reached(): readonly ReachedMethod[] {
    return [...this.#reached.values()];
  }
}

/** What somebody who looks for work found until they paused: some, none at all, or that nobody answered the last time. */
export type Look = 'work' | 'nothing due' | 'no answer';

/** The names of methods that hand out work, or null where none is due. */
type HandsOut<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: never[]) => ResultAsync<unknown, unknown> ? Name : never;
}[keyof Port];

/** Tells when a runner has looked for work and pauses, or, after some, looks again and pauses. */
export class Looks {
  #tell: (look: Look) => void = () => undefined;
  #hadWork = false;

  /** The port, with its method `name` watched. */
  watch<Port extends object>(port: Port, name: HandsOut<Port> & string): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member);
        if (member !== name) return value;
        return (...args: readonly unknown[]) => {
          const handedOut = (value as (...given: readonly unknown[]) => ResultAsync<unknown, unknown>)(...args);
          void handedOut.then((result) => {
            if (result.isOk() && result.value !== null) {
              this.#hadWork = true;
              return;
            }
            const look = result.isErr() ? 'no answer' : this.#hadWork ? 'work' : 'nothing due';
            this.#hadWork = false;
            // The runner reads the same answer and starts its pause before this comes round.
            setImmediate(this.#tell, look);
          });
          return handedOut;
        };
      },
    });
  }

  /** Resolves with what the runner found when it next pauses. */
  next(): Promise<Look> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}
