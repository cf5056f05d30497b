import type { ResultAsync } from 'neverthrow';
import type { Logger } from 'pino';
import {
  claimJob,
  failJob,
  JOB_LEASE_MS,
  runJob,
  type JobOutcome,
  type RunJobPorts,
} from '../../core/analysis/run-next-job.ts';
import type { Job } from '../../core/health-data/ports.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { ReportError } from './observe/report-errors.ts';

/** Does the work on a job with somebody looking on, through these ports or some that do the same. */
export type ObserveJob = (
  job: Job,
  ports: RunJobPorts,
  work: (ports: RunJobPorts) => ResultAsync<JobOutcome, PortUnavailable>,
) => ResultAsync<JobOutcome, PortUnavailable>;

export interface JobRunnerDeps extends RunJobPorts {
  readonly logger: Logger;
  /** Jobs that are worked on at once; one where left out. */
  readonly jobsAtOnce?: number;
  readonly observeJob?: ObserveJob | undefined;
  readonly reportError?: ReportError | undefined;
}

/** How long an idle runner waits before it looks into the queue again. */
const IDLE_MS = 250;
/** How long it waits after the queue did not answer. */
const TROUBLE_MS = 2000;

/** Drains the job queue, so many jobs at a time. */
export class JobRunner {
  readonly #deps: JobRunnerDeps;
  #running: Promise<unknown> | null = null;
  #stopping = false;
  /** Ends the pauses of those that wait for the next look into the queue. */
  readonly #wakes = new Set<() => void>();
  #inHand = 0;
  #troubled = false;

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running ??= Promise.all(Array.from({ length: this.#deps.jobsAtOnce ?? 1 }, () => this.#loop()));
  }

  /**
   * Takes no other job and lets those in hand finish, for at most `graceMs`. What is not finished by then is left: it
   * stays in the queue, and is worked on again once its lease is over.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const wake of this.#wakes) wake();
    let timer: NodeJS.Timeout | undefined;
    const graceOver = new Promise<'over'>((resolve) => {
      timer = setTimeout(() => {
        resolve('over');
      }, graceMs);
    });
    const ended = await Promise.race([this.#running, graceOver]);
    clearTimeout(timer);
    if (ended === 'over' && this.#inHand > 0) {
      this.#deps.logger.warn({ grace_ms: graceMs }, 'a job was left unfinished; it will be worked on again');
    }
  }

  /** Whether the queue answers, for a health report. */
  state(): { readonly degraded: boolean; readonly message: string | null } {
    if (this.#running === null) return { degraded: true, message: 'the runner has not been started' };
    return { degraded: this.#troubled, message: this.#troubled ? 'the queue did not answer last time' : null };
  }

  /** A port that throws instead of answering is a bug; it costs a pause, and never the process with everybody's requests. */
  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#lookOnce();
      } catch (cause) {
        this.#troubled = true;
        this.#deps.logger.error({ err: cause }, 'unexpected error in the job runner');
        this.#deps.reportError?.(cause, { place: 'job' });
        await this.#pause(TROUBLE_MS);
      }
    }
  }

  async #lookOnce(): Promise<void> {
    const claimed = await claimJob(this.#deps);
    this.#troubled = claimed.isErr();
    if (claimed.isErr()) {
      const { port, cause } = claimed.error;
      this.#deps.logger.error({ port, cause }, 'the job queue does not answer');
      await this.#pause(TROUBLE_MS);
    } else if (claimed.value === null) {
      await this.#pause(IDLE_MS);
    } else {
      await this.#take(claimed.value);
    }
  }

  /** A job that was handed out while the runner was told to stop is given back, so that nobody waits for its lease. */
  async #take(job: Job): Promise<void> {
    if (this.#stopping) await this.#deps.queue.release(job, this.#deps.clock.now());
    else await this.#work(job);
  }

  async #work(job: Job): Promise<void> {
    const { logger, observeJob, reportError } = this.#deps;
    this.#inHand += 1;
    const heartbeat = setInterval(() => void this.#hold(job), JOB_LEASE_MS / 3);
    try {
      const work = (ports: RunJobPorts) => runJob(ports)(job);
      const settled = await (observeJob?.(job, this.#deps, work) ?? work(this.#deps));
      settled.match(
        (outcome) => {
          this.#report(job, outcome);
        },
        (error) => {
          logger.error({ job: job.id, port: error.port, cause: error.cause }, 'a job could not be settled');
        },
      );
    } catch (cause) {
      logger.error({ err: cause, job: job.id }, 'unexpected error in a job');
      reportError?.(cause, { place: 'job', job: job.id });
      const failed = await failJob(this.#deps)(job, {
        code: 'internal-error',
        reason: 'something went wrong while working on this upload; it is kept and can be retried',
      });
      if (failed.isErr()) {
        const { port, cause: why } = failed.error;
        logger.error({ job: job.id, port, cause: why }, 'a job could not be marked failed');
      }
    } finally {
      clearInterval(heartbeat);
      this.#inHand -= 1;
    }
  }

  /** Where the lease could not be made longer, settling the job finds that somebody else has it. */
  async #hold(job: Job): Promise<void> {
    const { logger, queue, clock, reportError } = this.#deps;
    try {
      await queue.extend(job, clock.now(), JOB_LEASE_MS);
    } catch (cause) {
      logger.error({ err: cause, job: job.id }, 'unexpected error in the job runner');
      reportError?.(cause, { place: 'job', job: job.id });
    }
  }

  #report(job: Job, outcome: JobOutcome): void {
    const { logger } = this.#deps;
    if (outcome.kind === 'done') {
      logger.info({ job: job.id, attempt: job.attempt }, 'job done');
      if (outcome.eventNotSent !== null) {
        logger.warn({ job: job.id, cause: outcome.eventNotSent }, 'nobody was told of a finished analysis');
      }
    } else if (outcome.kind === 'failed') {
      logger.warn({ job: job.id, code: outcome.failure.code, cause: outcome.cause }, 'job failed');
    } else logger.warn({ job: job.id, attempt: job.attempt, cause: outcome.cause }, 'job postponed');
  }

  #pause(ms: number): Promise<void> {
    // Told to stop while the queue was being asked.
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakes.add(wake);
    });
  }
}
