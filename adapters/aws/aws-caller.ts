import { setTimeout as delay } from 'node:timers/promises';
import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';

export interface AwsCallerOptions {
  /** Tries of one call, the first included. */
  readonly mostTries?: number;
  /** All tries of one call together, waiting included. */
  readonly deadlineMs?: number;
  /** One try. */
  readonly tryMs?: number;
  /** From 0 (inclusive) to 1. */
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<unknown>;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/**
 * Calls AWS: each try has its own time, and what may work a moment later is tried again after a random wait ("full
 * jitter": Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015), at most 5 tries or 10 seconds.
 */
export class AwsCaller {
  readonly #options: Required<AwsCallerOptions>;

  constructor(options: AwsCallerOptions = {}) {
    this.#options = {
      mostTries: 5,
      deadlineMs: 10_000,
      tryMs: 5000,
      random: Math.random,
      wait: (ms) => delay(ms),
      nowMs: () => performance.now(),
      ...options,
    };
  }

  /**
   * What `work` answers. It is called again after a passing trouble, also where the effect of the call before may have
   * taken place: calling twice must be as good as once. Rejects with the last trouble. What is asked to wait for
   * something first, such as a long poll, gets `askedToWaitMs` on top of each time.
   */
  async call<T>(work: (abortSignal: AbortSignal) => Promise<T>, askedToWaitMs = 0): Promise<T> {
    const { mostTries, nowMs } = this.#options;
    const tryMs = this.#options.tryMs + askedToWaitMs;
    const endMs = nowMs() + this.#options.deadlineMs + askedToWaitMs;
    for (let tries = 1; ; tries++) {
      try {
        // A monotonic clock has fractions, and a timeout must be a whole number.
        return await work(AbortSignal.timeout(Math.max(1, Math.min(tryMs, Math.floor(endMs - nowMs())))));
      } catch (cause) {
        const waitMs = this.#waitMs(tries);
        if (tries >= mostTries || !isPassing(cause) || nowMs() + waitMs >= endMs) throw cause;
        await this.#options.wait(waitMs);
      }
    }
  }

  /** Like `call`, for batches of which a part may be refused: `work` answers what is left, and gets it the next time. */
  async callUntilEmpty<Item>(
    items: readonly Item[],
    work: (items: readonly Item[], abortSignal: AbortSignal) => Promise<readonly Item[]>,
  ): Promise<void> {
    let left = items;
    await this.call(async (abortSignal) => {
      left = await work(left, abortSignal);
      if (left.length > 0) throw new Unprocessed(left.length, items.length);
    });
  }

  /** Waits before the next look at something that somebody else is changing. */
  async pause(tries: number): Promise<void> {
    await this.#options.wait(this.#waitMs(tries));
  }

  #waitMs(tries: number): number {
    return this.#options.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  }
}

/** AWS took a part of a batch only, again and again. */
export class Unprocessed extends Error {
  override readonly name = 'Unprocessed';
  constructor(left: number, all: number) {
    super(`${String(left)} of ${String(all)} items were not processed`);
  }
}

/** A call that ended early after a part of its effect; `cause` is what ended it. */
export class PartlyDone extends Error {
  override readonly name = 'PartlyDone';
  /** `done` says in words what took effect and what did not. */
  constructor(done: string, cause: unknown) {
    super(cause instanceof Error ? `${done}: ${cause.name}: ${cause.message}` : done, { cause });
  }
}

const PASSING_NAMES = new Set([
  'Unprocessed',
  'Contended',
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  // Of SQS: too many messages in flight, and its key service under load.
  'OverLimit',
  'KmsThrottled',
  'TooManyRequestsException',
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
  'SlowDown',
  'InternalServerError',
  'InternalFailure',
  'InternalErrorException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
  'AbortError',
  // An answer that is cut off or not of the service's language says nothing about what was asked.
  'SyntaxError',
]);

/** What the SDK adds to an error that its XML reader makes of an answer, which has no name of its own. */
const UNREADABLE_ANSWER = 'Deserialization error';

const PASSING_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);

interface AwsFault {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

/** Whether the same call may work later. */
export function isPassing(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  if (cause instanceof PartlyDone) return isPassing(cause.cause);
  const { name, message, code, $metadata, $response } = cause as AwsFault;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
  return (
    status >= 500 ||
    status === 429 ||
    (typeof name === 'string' && PASSING_NAMES.has(name)) ||
    (typeof message === 'string' && message.includes(UNREADABLE_ANSWER)) ||
    (cause instanceof TypeError && isOfAnAnswer(cause)) ||
    (typeof code === 'string' && PASSING_CODES.has(code))
  );
}

/** The SDK puts the answer on what went wrong while it read it: the fault is the answer's, not the program's. */
const isOfAnAnswer = (cause: Error): boolean => '$response' in cause;

/** Whether it shows a fault of the program, which nobody should try again or hide. */
export const isFault = (cause: unknown): boolean =>
  (cause instanceof RangeError || cause instanceof TypeError) && !isOfAnAnswer(cause);

/** The name that AWS gives an error, such as `ConditionalCheckFailedException`. */
export const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : '');

/** Work whose failure is the port's. A `RangeError` or `TypeError` is a fault of the program and stays one. */
export function orUnavailable<T>(port: string, operation: string, work: Promise<T>): ResultAsync<T, PortUnavailable> {
  return ResultAsync.fromPromise(work, (cause) => {
    if (isFault(cause)) throw cause;
    return portUnavailable(port, operation, cause, isPassing(cause));
  });
}
