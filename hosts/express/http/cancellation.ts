import type { Response } from 'express';

/** When a call's work is to stop, and what became of its time. */
export interface Cancellation {
  readonly signal: AbortSignal;
  /** Settles when the time is over; never where the call may take as long as it needs. */
  readonly timeOver: Promise<'time-over'>;
  /** The answer is made: the clock stops. */
  readonly settle: () => void;
}

/**
 * Aborts when the connection closes before the answer is written, when the time is over, or when one of `others` does.
 * `deadlineMs` null is for calls that take as long as their data do.
 */
export function cancellationOf(
  response: Response,
  deadlineMs: number | null,
  others: readonly AbortSignal[],
): Cancellation {
  // Most calls are over before anybody asks; then there is no need for one.
  let controller: AbortController | null = null;
  let isAborted = false;
  const abort = (): void => {
    isAborted = true;
    controller?.abort();
  };
  let timer: NodeJS.Timeout | undefined;
  const timeOver = new Promise<'time-over'>((resolve) => {
    if (deadlineMs === null) return;
    timer = setTimeout(() => {
      abort();
      resolve('time-over');
    }, deadlineMs);
  });
  for (const other of others) other.addEventListener('abort', abort, { once: true });
  response.once('close', () => {
    clearTimeout(timer);
    for (const other of others) other.removeEventListener('abort', abort);
    if (!response.writableFinished) abort();
  });
  return {
    get signal() {
      if (controller === null) {
        controller = new AbortController();
        if (isAborted) controller.abort();
      }
      return controller.signal;
    },
    timeOver,
    settle: () => {
      clearTimeout(timer);
    },
  };
}
