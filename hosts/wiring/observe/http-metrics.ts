import type { Counter, Histogram } from 'prom-client';
import type { MetricRegistry } from './metric-registry.ts';

/** A request that has been answered, or whose client has gone. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern such as `/api/v1/things/{thing_id}`; never a path with ids in it. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** What is open between clients and this process. */
export interface OpenConnections {
  readonly sockets: () => number;
  /** Rooms with a member in this process. */
  readonly rooms: () => number;
  /** Streams of server-sent events. */
  readonly streams: () => number;
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** What is counted of requests and connections. */
export class HttpMetrics {
  readonly #requests;
  readonly #requestSeconds;
  readonly #inFlight;
  readonly #refused;
  /** By method, route and status: looking a series up by its labels takes longer than counting. */
  readonly #series = new Map<
    string,
    { readonly count: Counter.Internal; readonly seconds: Histogram.Internal<string> }
  >();
  #open: OpenConnections = { sockets: () => 0, rooms: () => 0, streams: () => 0 };

  constructor(registry: MetricRegistry) {
    this.#requests = registry.counter('clarity_http_requests_total', 'Requests answered', [
      'method',
      'endpoint',
      'status_code',
    ]);
    this.#requestSeconds = registry.histogram(
      'clarity_http_request_duration_seconds',
      'From the request to the end of its answer',
      ['method', 'endpoint'],
      REQUEST_SECONDS,
    );
    this.#inFlight = registry.gauge('clarity_http_requests_in_flight', 'Requests whose answer has not ended', []);
    this.#refused = registry.counter(
      'clarity_rate_limit_refusals_total',
      'Calls refused because there were too many of their class',
      ['limit'],
    );
    registry.asked('clarity_websocket_connections', 'Websocket connections that this process holds open', () =>
      this.#open.sockets(),
    );
    registry.asked('clarity_websocket_rooms', 'Rooms that have a member in this process', () => this.#open.rooms());
    registry.asked('clarity_event_streams', 'Streams of server-sent events that this process holds open', () =>
      this.#open.streams(),
    );
  }

  began(): void {
    this.#inFlight.inc();
  }

  /** Counts a request that had begun. Cheap enough for every one. */
  ended({ method, route, status, seconds }: AnsweredRequest): void {
    this.#inFlight.dec();
    const name = `${method} ${route} ${String(status)}`;
    let series = this.#series.get(name);
    if (series === undefined) {
      series = {
        count: this.#requests.labels({ method, endpoint: route, status_code: String(status) }),
        seconds: this.#requestSeconds.labels({ method, endpoint: route }),
      };
      this.#series.set(name, series);
    }
    series.count.inc();
    series.seconds.observe(seconds);
  }

  /** A call of this class was one too many. */
  refused(limit: string): void {
    this.#refused.inc({ limit });
  }

  /** From now on these are asked what is open. */
  showOpen(open: OpenConnections): void {
    this.#open = open;
  }
}
