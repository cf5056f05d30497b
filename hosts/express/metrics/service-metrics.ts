import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { watchProcess } from './process-metrics.ts';

/** A request that has been answered, or whose client has gone. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern such as `/api/v1/things/{thing_id}`; never a path with ids in it. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const WORK_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/** What one process of the service counts about itself, in a registry of its own. */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter('clarity_http_requests_total', 'Requests answered', [
    'method',
    'endpoint',
    'status_code',
  ]);
  readonly #requestSeconds = this.#histogram(
    'clarity_http_request_duration_seconds',
    'From the request to the end of its answer',
    ['method', 'endpoint'],
    REQUEST_SECONDS,
  );
  /** By method, route and status: looking a series up by its labels takes longer than counting. */
  readonly #requestSeries = new Map<
    string,
    { readonly count: Counter.Internal; readonly seconds: Histogram.Internal<string> }
  >();
  readonly #uploads = this.#counter(
    'clarity_health_data_uploads_total',
    'Uploads that came to a state; every upload comes to `received` once',
    ['status', 'source'],
  );
  readonly #metricsStored = this.#counter(
    'clarity_health_metrics_processed_total',
    'Metrics stored for the first time, by type',
    ['metric_type'],
  );
  readonly #samplesStored = this.#counter(
    'clarity_samples_stored_total',
    'Time-series samples stored for the first time, by type',
    ['sample_type'],
  );
  readonly #jobs = this.#gauge('clarity_active_processing_jobs', 'Jobs that this process works on now');
  readonly #jobSeconds = this.#histogram(
    'clarity_health_data_processing_duration_seconds',
    'From taking a job to settling it',
    ['stage'],
    WORK_SECONDS,
  );
  readonly #failedJobs = this.#counter('clarity_failed_jobs_total', 'Uploads marked failed, by kind and reason', [
    'job_type',
    'error_type',
  ]);
  readonly #inferences = this.#counter('clarity_pat_inference_requests_total', 'Calls of the encoder', ['status']);
  readonly #inferenceSeconds = this.#histogram(
    'clarity_pat_inference_duration_seconds',
    'Calls of the encoder that were answered, waiting included',
    [],
    WORK_SECONDS,
  );
  readonly #modelLoads = this.#counter(
    'clarity_pat_model_load_attempts_total',
    'Times that the weights of an encoder were read and held to their hash',
    ['status'],
  );
  readonly #insights = this.#counter('clarity_insight_generation_requests_total', 'Narratives asked for', [
    'status',
    'model',
  ]);

  readonly #reusedTokens = this.#counter(
    'clarity_refresh_tokens_reused_total',
    'Sessions ended because a refresh token was used twice: somebody else may have it',
    [],
  );

  /** Counts a request. Cheap enough for every one. */
  recordRequest({ method, route, status, seconds }: AnsweredRequest): void {
    const name = `${method} ${route} ${String(status)}`;
    let series = this.#requestSeries.get(name);
    if (series === undefined) {
      series = {
        count: this.#requests.labels({ method, endpoint: route, status_code: String(status) }),
        seconds: this.#requestSeconds.labels({ method, endpoint: route }),
      };
      this.#requestSeries.set(name, series);
    }
    series.count.inc();
    series.seconds.observe(seconds);
  }

  /** An upload of this kind has come to this state. */
  recordUpload(status: string, kind: string): void {
    this.#uploads.inc({ status, source: kind });
  }

  recordStoredMetrics(type: string, count: number): void {
    this.#metricsStored.inc({ metric_type: type }, count);
  }

  recordStoredSamples(type: string, count: number): void {
    this.#samplesStored.inc({ sample_type: type }, count);
  }

  recordJobTaken(): void {
    this.#jobs.inc();
  }

  recordJobSettled(seconds: number): void {
    this.#jobs.dec();
    this.#jobSeconds.observe({ stage: 'job' }, seconds);
  }

  /** An upload of this kind was marked failed, with the code of its failure. */
  recordFailedUpload(kind: string, code: string): void {
    this.#failedJobs.inc({ job_type: kind, error_type: code });
  }

  /** `outcome` is `success` or the kind of the error. */
  recordInference(outcome: string, seconds: number): void {
    this.#inferences.inc({ status: outcome });
    if (outcome === 'success') this.#inferenceSeconds.observe(seconds);
  }

  /** `outcome` is `success`, the model's status, or the kind of the error. */
  recordModelLoad(outcome: string): void {
    this.#modelLoads.inc({ status: outcome });
  }

  /** `outcome` is `success` or the kind of the error; `model` is what wrote the narrative, or was to. */
  recordNarrative(outcome: string, model: string): void {
    this.#insights.inc({ status: outcome, model });
  }

  /** A session was ended because one of its refresh tokens was used twice. */
  recordTokenReuse(): void {
    this.#reusedTokens.inc();
  }

  /** Shows how many websocket connections are open, asked whenever the metrics are read. */
  showSockets(count: () => number): void {
    new Gauge({
      name: 'clarity_websocket_connections',
      help: 'Websocket connections that this process holds open',
      registers: [this.#registry],
      collect(): void {
        this.set(count());
      },
    });
  }

  /** Everything counted so far, in Prometheus's text format 0.0.4. */
  text(): Promise<string> {
    watchProcess(this.#registry);
    return this.#registry.metrics();
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.#registry] });
  }

  #histogram<L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]): Histogram<L> {
    return new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [this.#registry] });
  }
}
