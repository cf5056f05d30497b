import { errorReport, errorReportLines, type ErrorReport } from './error-report.ts';

/** How the last words of a process are written. */
export type CrashWords = (report: ErrorReport, origin: string) => string;

/** Is told of the error too, before the process ends. */
export type CrashListener = (thrown: unknown, origin: string) => Promise<void>;

/** What ends the process for an unexpected error. */
export interface Crashes {
  /** From now on somebody else is told too, and gets a moment to pass it on. */
  readonly alsoTell: (listener: CrashListener) => void;
}

/** A line of the log, for a process whose standard error is read by machines. */
export const asLogLine: CrashWords = (err, origin) =>
  JSON.stringify({ level: FATAL, time: Date.now(), origin, err, msg: 'the process ends for an unexpected error' });

/** pino's number for it. */
const FATAL = 60;

/** The process is not to be trusted any more: it lives on for so long at most. */
const LAST_MOMENT_MS = 2000;

/** Lines for the person at a terminal. */
export const asLines: CrashWords = (report) =>
  ['clarity: unexpected error; please report it with these lines', ...errorReportLines(report)].join('\n');

/**
 * From now on an error that nobody caught, and a rejection that nobody awaited, end the process with exit code 1 after a report
 * that goes by the same lists as the log does. Node's own report would quote the message and all properties of the error.
 */
export function reportCrashes(words: CrashWords): Crashes {
  let listener: CrashListener | null = null;
  process.on('uncaughtException', (error: unknown, origin) => {
    process.stderr.write(`${words(errorReport(error), origin)}\n`);
    const tell = listener;
    // A second error does not wait for the first one to be passed on.
    listener = null;
    if (tell === null) process.exit(1);
    const end = (): void => {
      process.exit(1);
    };
    setTimeout(end, LAST_MOMENT_MS);
    void tell(error, origin).then(end, end);
  });
  return {
    alsoTell: (given) => {
      listener = given;
    },
  };
}
