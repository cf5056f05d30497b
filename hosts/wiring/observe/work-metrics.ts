import type { MetricRegistry } from './metric-registry.ts';

const WORK_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/**
 * What a job's time goes into. `wait`: from its being queued to its first taking. `read`: reading an export file. `store`:
 * writing what was read and what came of it. `encode`: the encoder, waiting for it included. `analyse`: everything else
 * between taking the job and its end, which is the analysis. `job`: from taking a job to settling it.
 */
export type JobStage = 'wait' | 'read' | 'store' | 'encode' | 'analyse' | 'job';

/** How a process let go of a job: done, to be tried again, or given up on. */
export type JobSettlement = 'completed' | 'released' | 'given_up';

/** What is counted of uploads and of the work on them. */
export class WorkMetrics {
  readonly #uploads;
  readonly #metricsStored;
  readonly #samplesStored;
  readonly #active;
  readonly #stageSeconds;
  readonly #settled;
  readonly #failed;
  #oldestWaitMs: () => Promise<number | null> = () => Promise.resolve(null);

  constructor(registry: MetricRegistry) {
    this.#uploads = registry.counter(
      'clarity_health_data_uploads_total',
      'Uploads that came to a state; every upload comes to `received` once',
      ['status', 'source'],
    );
    this.#metricsStored = registry.counter(
      'clarity_health_metrics_processed_total',
      'Metrics stored for the first time, by type',
      ['metric_type'],
    );
    this.#samplesStored = registry.counter(
      'clarity_samples_stored_total',
      'Time-series samples stored for the first time, by type',
      ['sample_type'],
    );
    this.#active = registry.gauge('clarity_active_processing_jobs', 'Jobs that this process works on now', []);
    this.#stageSeconds = registry.histogram(
      'clarity_health_data_processing_duration_seconds',
      'Time that jobs spent waiting, and what the work on them went into',
      ['stage'],
      WORK_SECONDS,
    );
    this.#settled = registry.counter('clarity_jobs_settled_total', 'Jobs that this process let go of', ['outcome']);
    // A rate is seen from the first one on only where there was a zero before.
    for (const outcome of ['completed', 'released', 'given_up']) this.#settled.inc({ outcome }, 0);
    this.#failed = registry.counter('clarity_failed_jobs_total', 'Uploads marked failed, by kind and reason', [
      'job_type',
      'error_type',
    ]);
    registry.asked(
      'clarity_job_queue_oldest_wait_seconds',
      'How long the job that is due longest has been due; 0 where none is',
      async () => {
        const waitMs = await this.#oldestWaitMs();
        return waitMs === null ? null : waitMs / 1000;
      },
    );
  }

  /** An upload of this kind has come to this state. */
  upload(status: string, kind: string): void {
    this.#uploads.inc({ status, source: kind });
  }

  storedMetrics(type: string, count: number): void {
    this.#metricsStored.inc({ metric_type: type }, count);
  }

  storedSamples(type: string, count: number): void {
    this.#samplesStored.inc({ sample_type: type }, count);
  }

  jobTaken(): void {
    this.#active.inc();
  }

  jobSettled(seconds: number, how: JobSettlement): void {
    this.#active.dec();
    this.#settled.inc({ outcome: how });
    this.stage('job', seconds);
  }

  stage(stage: JobStage, seconds: number): void {
    this.#stageSeconds.observe({ stage }, seconds);
  }

  /** An upload of this kind was marked failed, with the code of its failure. */
  failedUpload(kind: string, code: string): void {
    this.#failed.inc({ job_type: kind, error_type: code });
  }

  /** From now on the queue is asked how long its oldest job waits; null where it does not say. */
  showOldestWait(oldestWaitMs: () => Promise<number | null>): void {
    this.#oldestWaitMs = oldestWaitMs;
  }
}
