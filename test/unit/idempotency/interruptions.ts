import { errAsync, ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../../core/kernel/errors.ts';

type Port = Readonly<Record<string, unknown>>;
type Outcome = ResultAsync<unknown, unknown>;

/** Stands between a use case and the methods of its ports: decides when a call takes place, and what is heard of it. */
export type Gate = (call: () => Outcome, name: string) => Outcome;

/** The ports among the members, each method of them behind the gate. Everything else stays as it is. */
export function behind<Ports extends object>(ports: Ports, names: readonly (keyof Ports)[], gate: Gate): Ports {
  const gated = names.map((name) => {
    const port = ports[name] as Port;
    const guarded = new Proxy(port, {
      get(target, key) {
        const method: unknown = Reflect.get(target, key);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) =>
          gate(() => Reflect.apply(method, target, args) as Outcome, `${String(name)}.${String(key)}`);
      },
    });
    return [name, guarded] as const;
  });
  return { ...ports, ...(Object.fromEntries(gated) as Partial<Ports>) };
}

/** What becomes of one call of an attempt, counted from 0. */
export type Interruption =
  /** The process ends before the call takes effect, or right after it. */
  | { readonly kind: 'dies'; readonly at: number; readonly moment: 'before' | 'after' }
  /** The call is answered with an error, before it takes effect or although it did. */
  | { readonly kind: 'fails'; readonly at: number; readonly moment: 'before' | 'after' };

export const INTERRUPTIONS = (['dies', 'fails'] as const).flatMap((kind) =>
  (['before', 'after'] as const).map((moment) => ({ kind, moment })),
);

const LOST = portUnavailable('AnyPort', 'any', 'the connection broke');

/** Never answers: nobody is there any more who would hear it. */
const silence = (): ResultAsync<never, never> => new ResultAsync<never, never>(new Promise(() => undefined));

const refused = (): ResultAsync<never, PortUnavailable> => errAsync(LOST);

/** A gate that interrupts one call. `died` resolves when the process has ended. */
export function interrupting(interruption: Interruption | null): {
  readonly gate: Gate;
  readonly died: Promise<'died'>;
  /** How many calls were made. */
  readonly calls: () => number;
} {
  let calls = 0;
  let isDead = false;
  let end: (died: 'died') => void = () => undefined;
  const died = new Promise<'died'>((resolve) => {
    end = resolve;
  });
  const dies = (): Outcome => {
    isDead = true;
    end('died');
    return silence();
  };
  const gate: Gate = (call) => {
    if (isDead) return silence();
    const isIt = calls++ === interruption?.at;
    if (!isIt) return call();
    const answered = interruption.kind === 'dies' ? dies : refused;
    if (interruption.moment === 'before') return answered();
    return call().andThen(answered).orElse(answered);
  };
  return { gate, died, calls: () => calls };
}
