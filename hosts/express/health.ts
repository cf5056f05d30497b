import { okAsync, ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../core/kernel/errors.ts';

/** One dependency that health reports name. `check` really uses it. */
export interface Dependency {
  readonly name: string;
  /** The service cannot do its work without it. */
  readonly required: boolean;
  readonly check: () => ResultAsync<DependencyState, PortUnavailable>;
}

export interface DependencyState {
  readonly degraded: boolean;
  readonly message: string | null;
}

export interface DependencyReport {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly latency_ms: number;
  readonly required: boolean;
  readonly message: string | null;
}

export interface HealthReport {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly checks: Readonly<Record<string, DependencyReport>>;
}

/** Longer than this and a dependency counts as not answering. */
const DEADLINE_MS = 2000;

const STOPPING: DependencyReport = { status: 'unhealthy', latency_ms: 0, required: true, message: 'is stopping' };

const round = (ms: number): number => Math.round(ms * 100) / 100;

/** Asks every dependency, now, and tells what each one answered and how long it took. */
export class Health {
  readonly #dependencies: readonly Dependency[];
  readonly #elapsedMs: () => number;
  #stopping = false;

  /** `elapsedMs` is a monotonic clock. */
  constructor(dependencies: readonly Dependency[], elapsedMs: () => number) {
    this.#dependencies = dependencies;
    this.#elapsedMs = elapsedMs;
  }

  /** From now on the process says that it is not ready, so that a load balancer sends nobody to it any more. */
  stopServing(): void {
    this.#stopping = true;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  report(names: readonly string[] | null = null): ResultAsync<HealthReport, never> {
    const asked = this.#dependencies.filter(({ name }) => names === null || names.includes(name));
    return ResultAsync.combine(
      asked.map((dependency) => this.#ask(dependency).map((report) => [dependency.name, report] as const)),
    )
      .map((entries) => (this.#stopping && names === null ? [...entries, ['process', STOPPING] as const] : entries))
      .map((entries) => ({
        status: overall(entries.map(([, report]) => report)),
        checks: Object.fromEntries(entries),
      }));
  }

  /** The state of the named dependencies in one word; degraded still works. */
  of(names: readonly string[]): ResultAsync<'healthy' | 'unhealthy', never> {
    return this.report(names).map(({ status }) => (status === 'unhealthy' ? 'unhealthy' : 'healthy'));
  }

  #ask(dependency: Dependency): ResultAsync<DependencyReport, never> {
    const startedMs = this.#elapsedMs();
    const { required } = dependency;
    const took = (): number => round(this.#elapsedMs() - startedMs);
    return withDeadline(dependency.check())
      .map(({ degraded, message }): DependencyReport => ({
        status: degraded ? 'degraded' : 'healthy',
        latency_ms: took(),
        required,
        message,
      }))
      .orElse(() => okAsync<DependencyReport>({ status: 'unhealthy', latency_ms: took(), required, message: null }));
  }
}

function overall(reports: readonly DependencyReport[]): HealthReport['status'] {
  if (reports.some(({ status, required }) => required && status === 'unhealthy')) return 'unhealthy';
  return reports.some(({ status }) => status !== 'healthy') ? 'degraded' : 'healthy';
}

function withDeadline(check: ResultAsync<DependencyState, PortUnavailable>): ResultAsync<DependencyState, unknown> {
  const late = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('no answer in time'));
    }, DEADLINE_MS);
    void check.then(
      () => {
        clearTimeout(timer);
      },
      () => {
        clearTimeout(timer);
      },
    );
  });
  return ResultAsync.fromPromise(Promise.race([check, late]), (cause) => cause).andThen((result) => result);
}
