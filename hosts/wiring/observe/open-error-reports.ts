import { systemClock } from '../../../adapters/node/clock.ts';
import { VERSION } from '../../../adapters/node/version.ts';
import type { Config } from '../config.ts';
import type { Crashes } from '../log/report-crashes.ts';
import { reportingTo, type ReportError } from './report-errors.ts';

/** Somebody outside who is told of errors. */
export interface ErrorReports {
  readonly report: ReportError;
  /** Resolves once what was reported so far has left, or cannot. */
  readonly settled: () => Promise<void>;
}

/**
 * Opens what reports errors, those that end the process among them, where the operator has named a place for them; null
 * elsewhere, and nothing is loaded.
 */
export async function openErrorReports(
  { observe, environment }: Pick<Config, 'observe' | 'environment'>,
  crashes: Crashes,
): Promise<ErrorReports | null> {
  if (observe.sentryDsn === null) return null;
  const { SentryReporter } = await import('../../../adapters/sentry/sentry-reporter.ts');
  const reporter = new SentryReporter({ dsn: observe.sentryDsn, version: VERSION, environment });
  const report = reportingTo(reporter, () => systemClock.now());
  const settled = (): Promise<void> => reporter.settled();
  crashes.alsoTell((thrown, origin) => {
    report(thrown, { place: 'process', origin });
    return settled();
  });
  return { report, settled };
}
