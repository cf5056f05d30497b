import { errorReport, errorReportLines, type ErrorReport } from './error-report.ts';

/** How the last words of a process are written. */
export type CrashWords = (report: ErrorReport, origin: string) => string;

/** A line of the log, for a process whose standard error is read by machines. */
export const asLogLine: CrashWords = (err, origin) =>
  JSON.stringify({ level: FATAL, time: Date.now(), origin, err, msg: 'the process ends for an unexpected error' });

/** pino's number for it. */
const FATAL = 60;

/** Lines for the person at a terminal. */
export const asLines: CrashWords = (report) =>
  ['clarity: unexpected error; please report it with these lines', ...errorReportLines(report)].join('\n');

/**
 * From now on an error that nobody caught, and a rejection that nobody awaited, end the process with exit code 1 after a report
 * that goes by the same lists as the log does. Node's own report would quote the message and all properties of the error.
 */
export function reportCrashes(words: CrashWords): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    process.stderr.write(`${words(errorReport(error), origin)}\n`);
    process.exit(1);
  });
}
