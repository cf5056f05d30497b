import { envelopeOf, type ReportedError } from './sentry-envelope.ts';
import { readDsn, type SentryProject } from './sentry-dsn.ts';

/** Who reports, to whom. */
export interface SentryReporterOptions {
  /** `https://KEY@host/PROJECT`; a RangeError where it is none. */
  readonly dsn: string;
  readonly version: string;
  /** Such as `production`. */
  readonly environment: string;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs?: () => number;
}

/** A fault that comes with every request must not become as many reports. */
export const MOST_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const SEND_TIMEOUT_MS = 5000;
/** Where a server that refuses does not say for how long. */
const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Sends errors to Sentry, or to what speaks its protocol (GlitchTip, Bugsink), as envelopes over HTTP
 * (https://develop.sentry.dev/sdk/data-model/envelopes/). Not by Sentry's SDK, which hooks itself into the whole process,
 * collects requests, breadcrumbs and the machine's name, and has to be told of each what not to send; this sends what it is
 * given and nothing else. What cannot be sent is lost.
 */
export class SentryReporter {
  readonly #project: SentryProject;
  readonly #options: SentryReporterOptions;
  readonly #elapsedMs: () => number;
  readonly #sending = new Set<Promise<void>>();
  /** When the reports of the last minute were sent. */
  #sentAtMs: readonly number[] = [];
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: SentryReporterOptions) {
    this.#options = options;
    this.#project = readDsn(options.dsn);
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now());
  }

  /** Sends the report soon, unless there were too many of late or the server has asked for a pause. */
  send(report: ReportedError): void {
    const nowMs = this.#elapsedMs();
    this.#sentAtMs = this.#sentAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    if (nowMs < this.#pausedUntilMs || this.#sentAtMs.length >= MOST_A_MINUTE) return;
    this.#sentAtMs = [...this.#sentAtMs, nowMs];
    const sending = this.#post(report)
      .catch(() => undefined)
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves once what was given so far has left, or cannot; after five seconds at the latest. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async #post(report: ReportedError): Promise<void> {
    const { version, environment } = this.#options;
    const { envelopeUrl, publicKey } = this.#project;
    const response = await fetch(envelopeUrl, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      headers: {
        'Content-Type': 'application/x-sentry-envelope',
        'X-Sentry-Auth': `Sentry sentry_version=7, sentry_client=clarity/${version}, sentry_key=${publicKey}`,
      },
      body: envelopeOf(report, { version, environment }),
    });
    await response.body?.cancel();
    if (response.status === 429 || response.status === 503) this.#pause(response.headers.get('retry-after'));
  }

  #pause(retryAfter: string | null): void {
    const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
    const forMs = seconds === null ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, seconds * 1000);
    this.#pausedUntilMs = this.#elapsedMs() + forMs;
  }
}
