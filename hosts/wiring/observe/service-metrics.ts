import { GuardMetrics } from './guard-metrics.ts';
import { HttpMetrics } from './http-metrics.ts';
import { MetricRegistry, type MetricShape } from './metric-registry.ts';
import { ModelMetrics } from './model-metrics.ts';
import { StoreMetrics } from './store-metrics.ts';
import { WorkMetrics } from './work-metrics.ts';

/** What one process counts about itself. docs/observability.md has a table of all of it. */
export class ServiceMetrics {
  readonly #registry = new MetricRegistry();
  readonly http = new HttpMetrics(this.#registry);
  readonly work = new WorkMetrics(this.#registry);
  readonly models = new ModelMetrics(this.#registry);
  readonly stores = new StoreMetrics(this.#registry);
  readonly guards = new GuardMetrics(this.#registry);

  /** Every metric of the service's own. */
  get shapes(): readonly MetricShape[] {
    return this.#registry.shapes;
  }

  /** Everything counted so far, in Prometheus's text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.text();
  }
}
