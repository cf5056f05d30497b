import type { Counter, Histogram } from 'prom-client';
import type { MetricRegistry } from './metric-registry.ts';

const STORE_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/** A call of a port: its name, the method, and what implements it. All are names in the code, so that they are few. */
export interface PortCall {
  readonly port: string;
  readonly operation: string;
  readonly adapter: string;
}

/** What is counted of the calls of ports that keep something. */
export class StoreMetrics {
  readonly #operations;
  readonly #seconds;
  readonly #series = new Map<
    string,
    { readonly count: Counter.Internal; readonly seconds: Histogram.Internal<string> }
  >();

  constructor(registry: MetricRegistry) {
    this.#operations = registry.counter('clarity_store_operations_total', 'Calls of stores, queues and the like', [
      'port',
      'operation',
      'adapter',
      'outcome',
    ]);
    this.#seconds = registry.histogram(
      'clarity_store_operation_duration_seconds',
      'Calls of stores, queues and the like, answered or not',
      ['port', 'operation', 'adapter'],
      STORE_SECONDS,
    );
  }

  /** `outcome` is `success`, the kind of the error, or `bug` where something was thrown. */
  called({ port, operation, adapter }: PortCall, outcome: string, seconds: number): void {
    const name = `${adapter} ${port}.${operation} ${outcome}`;
    let series = this.#series.get(name);
    if (series === undefined) {
      series = {
        count: this.#operations.labels({ port, operation, adapter, outcome }),
        seconds: this.#seconds.labels({ port, operation, adapter }),
      };
      this.#series.set(name, series);
    }
    series.count.inc();
    series.seconds.observe(seconds);
  }
}
