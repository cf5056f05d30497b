import { randomUUID } from 'node:crypto';
import { errorReport, type ErrorReport } from '../log/error-report.ts';
import { fieldsForTheLog } from '../log/log-fields.ts';
import type { BugPlace } from './guard-metrics.ts';

/** What is known of where an error came up; what the log would not take is left out. */
export interface ErrorCircumstances {
  readonly place: BugPlace;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly request_id?: string | undefined;
  readonly job?: string | undefined;
  readonly delivery?: string | undefined;
  readonly origin?: string | undefined;
}

/** Is told of every error that is a fault of the program. Does not throw, and nobody waits for it. */
export type ReportError = (thrown: unknown, circumstances: ErrorCircumstances) => void;

/** An error as somebody outside is told of it. */
export interface OutgoingReport {
  readonly id: string;
  readonly atMs: number;
  readonly level: 'error' | 'fatal';
  readonly error: ErrorReport;
  /** Such as `place` and `route`; short words. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Sends reports away. What cannot be sent is lost: reporting an error must not make another one. */
export interface ErrorReporter {
  send(report: OutgoingReport): void;
  /** Resolves once what was given so far has left, or cannot. */
  settled(): Promise<void>;
}

/** Reports go by the lists that the log goes by: nothing is sent that the log would not say. */
export const reportingTo =
  (reporter: ErrorReporter, nowMs: () => number): ReportError =>
  (thrown, { place, ...circumstances }) => {
    reporter.send({
      id: randomUUID(),
      atMs: nowMs(),
      level: place === 'process' ? 'fatal' : 'error',
      error: errorReport(thrown),
      tags: { place, ...tagsOf(circumstances) },
    });
  };

function tagsOf(circumstances: Omit<ErrorCircumstances, 'place'>): Readonly<Record<string, string>> {
  const { fields_left_out: _, ...fields } = fieldsForTheLog(circumstances);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
