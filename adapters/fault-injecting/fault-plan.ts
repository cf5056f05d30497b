import { randomStream } from '../../core/simulation/random.ts';
import { FAULTS, faultText, type Fault, type InjectedFault } from './faults.ts';

/** How long an adapter waits for an answer that does not come, and what waiting is. */
export interface FaultTiming {
  readonly deadlineMs: number;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Which call of which method; `every` strikes each one. */
export interface ScriptedFault extends Fault {
  readonly port: string;
  readonly method: string;
  readonly call: number | 'every';
}

/** Decides which calls fail and how, the same way every time, and remembers what it did. Several ports may share one. */
export class FaultPlan {
  readonly timing: FaultTiming;
  readonly #name: string;
  readonly #decide: (port: string, method: string, call: number) => Fault | null;
  readonly #calls = new Map<string, number>();
  readonly #injected: InjectedFault[] = [];

  private constructor(
    name: string,
    timing: FaultTiming,
    decide: (port: string, method: string, call: number) => Fault | null,
  ) {
    this.#name = name;
    this.timing = timing;
    this.#decide = decide;
  }

  /** Strikes exactly the calls that the script names. Two lines for one call: the first counts. */
  static scripted(script: readonly ScriptedFault[], timing: FaultTiming): FaultPlan {
    const lines = script.map(
      ({ port, method, call, kind, moment }) => `${port}.${method} call ${call}: ${kind} ${moment}`,
    );
    return new FaultPlan(`script [${lines.join('; ')}]`, timing, (port, method, call) => {
      const line = script.find(
        (wanted) =>
          wanted.port === port && wanted.method === method && (wanted.call === 'every' || wanted.call === call),
      );
      return line ?? null;
    });
  }

  /**
   * Strikes about this share of all calls (0 to 1). Which ones and how follows from the seed, the method and how often it
   * was called, and from nothing else: not from the order in which different methods are called.
   */
  static seeded(seed: number, share: number, timing: FaultTiming): FaultPlan {
    return new FaultPlan(`seed ${seed}, share ${share}`, timing, (port, method, call) => {
      const random = randomStream(seed, port, method, call);
      return random.chance(share) ? (FAULTS[random.wholeBetween(0, FAULTS.length - 1)] ?? null) : null;
    });
  }

  /** What has been done so far, in order. */
  get injected(): readonly InjectedFault[] {
    return this.#injected;
  }

  /** Counts a call that is about to be made, and answers the fault that strikes it, if any. */
  next(port: string, method: string): Fault | null {
    const name = `${port}.${method}`;
    const call = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, call);
    const fault = this.#decide(port, method, call);
    if (fault !== null) this.#injected.push({ port, method, call, kind: fault.kind, moment: fault.moment });
    return fault;
  }

  /** The plan and what it did, to be printed where a test fails: it can be run again from this. */
  toString(): string {
    return `${this.#name}; injected: ${this.#injected.map(faultText).join('; ') || 'nothing'}`;
  }
}
