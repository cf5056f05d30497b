import type { ModelDescription, ModelStatus } from '../../../core/pat/ports.ts';
import type { MetricRegistry } from './metric-registry.ts';

const INFERENCE_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
const LOAD_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];
const NARRATION_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 15, 30];

const STATUSES: readonly (ModelStatus | 'unreadable')[] = [
  'ready',
  'weights_not_installed',
  'weights_corrupt',
  'weights_unknown',
  'engine_unavailable',
  'unreadable',
];

/** Which encoder answered, or `none`. */
export interface InferenceBy {
  /** The engine's name without its version. */
  readonly engine: string;
  /** `S`, `M` or `L`. */
  readonly size: string;
}

/** What is counted of the encoder and of the narrator. */
export class ModelMetrics {
  readonly #inferences;
  readonly #inferenceSeconds;
  readonly #loads;
  readonly #loadSeconds;
  readonly #corrupt;
  readonly #status;
  readonly #version;
  readonly #narratives;
  readonly #narrationSeconds;
  readonly #breakers;
  readonly #opened;
  #weeksInHand: () => number = () => 0;

  constructor(registry: MetricRegistry) {
    this.#inferences = registry.counter('clarity_pat_inference_requests_total', 'Calls of the encoder', [
      'status',
      'engine',
      'model_size',
    ]);
    this.#inferenceSeconds = registry.histogram(
      'clarity_pat_inference_duration_seconds',
      'Calls of the encoder that were answered, waiting included',
      ['engine', 'model_size'],
      INFERENCE_SECONDS,
    );
    registry.asked('clarity_pat_weeks_in_hand', 'Weeks that wait for the encoder or are being encoded', () =>
      this.#weeksInHand(),
    );
    this.#loads = registry.counter(
      'clarity_pat_model_load_attempts_total',
      'Times that the weights of an encoder were read and held to their hash',
      ['status'],
    );
    this.#loadSeconds = registry.histogram(
      'clarity_pat_model_load_duration_seconds',
      'Reading the weights of an encoder and holding them to their hash',
      [],
      LOAD_SECONDS,
    );
    this.#corrupt = registry.counter(
      'clarity_pat_checksum_verification_failures_total',
      'Model files whose bytes are not those of the manifest',
      [],
    );
    this.#status = registry.gauge(
      'clarity_pat_model_status',
      '1 for the state that the encoder was found in last, 0 for the others',
      ['status'],
    );
    this.#version = registry.gauge('clarity_pat_current_version_info', '1 for the encoder that answers', [
      'model_size',
      'version',
      'checksum',
      'engine',
    ]);
    this.#narratives = registry.counter('clarity_insight_generation_requests_total', 'Narratives asked for', [
      'status',
      'model',
    ]);
    this.#narrationSeconds = registry.histogram(
      'clarity_insight_generation_duration_seconds',
      'Calls of the narrator, answered or not',
      ['status'],
      NARRATION_SECONDS,
    );
    this.#breakers = registry.gauge('clarity_breaker_open', '1 while what fails is left alone, 0 otherwise', [
      'breaker',
    ]);
    this.#opened = registry.counter('clarity_breaker_opened_total', 'Times that a breaker has opened', ['breaker']);
  }

  /** `outcome` is `success` or the kind of the error. */
  inference(outcome: string, by: InferenceBy, seconds: number): void {
    const labels = { engine: by.engine, model_size: by.size };
    this.#inferences.inc({ status: outcome, ...labels });
    if (outcome === 'success') this.#inferenceSeconds.observe(labels, seconds);
  }

  /** `outcome` is `success`, the model's status, or the kind of the error. */
  load(outcome: string, seconds: number): void {
    this.#loads.inc({ status: outcome });
    this.#loadSeconds.observe(seconds);
  }

  /** The bytes of a model file were not those of the manifest. */
  corruptFile(): void {
    this.#corrupt.inc();
  }

  /** The encoder was looked at; null: the model folder did not answer. */
  described(seen: ModelDescription | null): void {
    const now = seen?.status ?? 'unreadable';
    for (const status of STATUSES) this.#status.set({ status }, status === now ? 1 : 0);
    this.#version.reset();
    if (seen?.entry == null) return;
    const { size, name, converted } = seen.entry;
    this.#version.set(
      { model_size: size, version: name, checksum: converted.sha256, engine: engineName(seen.engine) },
      1,
    );
  }

  /** From now on this says how many weeks wait or are being encoded. */
  showWeeksInHand(weeks: () => number): void {
    this.#weeksInHand = weeks;
  }

  /** `outcome` is `success` or the kind of the error; `model` is what wrote the narrative, or was to. */
  narrative(outcome: string, model: string, seconds: number): void {
    this.#narratives.inc({ status: outcome, model });
    this.#narrationSeconds.observe({ status: outcome }, seconds);
  }

  /** Shows a breaker, closed, before anything has happened to it. */
  breaker(name: BreakerName): void {
    this.#breakers.set({ breaker: name }, 0);
    this.#opened.inc({ breaker: name }, 0);
  }

  breakerChanged(name: BreakerName, isOpen: boolean): void {
    this.#breakers.set({ breaker: name }, isOpen ? 1 : 0);
    if (isOpen) this.#opened.inc({ breaker: name });
  }
}

/** `insights`: the narrator is left alone. `rate_counters`: this process counts calls by itself. */
export type BreakerName = 'insights' | 'rate_counters';

/** `onnxruntime` of `onnxruntime 1.30.0 (cpu)`: a version would begin another series with every update. */
export const engineName = (engine: string | null): string =>
  /^[a-z][\w.-]{0,30}/i.exec(engine ?? '')?.[0].toLowerCase() ?? 'none';
