import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { watchProcess } from './process-metrics.ts';

/** Who asks for a value when the metrics are read gets this long; a database that hangs must not hide all other metrics. */
const VALUE_MS = 1000;

/** A metric by its name, its kind and the names of its labels. */
export interface MetricShape {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** The metrics of one process, in a registry of their own, so that two services in one process do not count together. */
export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #shapes: MetricShape[] = [];

  /** Every metric that was made here; the customary ones of a Node process are none of them. */
  get shapes(): readonly MetricShape[] {
    return this.#shapes;
  }

  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L> {
    this.#shapes.push({ name, type: 'counter', labels });
    return new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L> {
    this.#shapes.push({ name, type: 'gauge', labels });
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  histogram<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    buckets: readonly number[],
  ): Histogram<L> {
    this.#shapes.push({ name, type: 'histogram', labels });
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.#registry],
    });
  }

  /** A gauge that asks for its value whenever the metrics are read, and has none where that is null or comes too late. */
  asked(name: string, help: string, value: () => number | null | Promise<number | null>): void {
    this.#shapes.push({ name, type: 'gauge', labels: [] });
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      async collect(): Promise<void> {
        const now = await inTime(value);
        if (now === null) this.remove();
        else this.set(now);
      },
    });
  }

  /** Everything counted so far, in Prometheus's text format 0.0.4. */
  text(): Promise<string> {
    watchProcess(this.#registry);
    return this.#registry.metrics();
  }
}

async function inTime(value: () => number | null | Promise<number | null>): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, VALUE_MS, null);
  });
  try {
    return await Promise.race([value(), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
