/** A process that reports its errors to the DSN that it is given, and ends for one that nobody caught. */
import { asLogLine, reportCrashes } from '../../hosts/wiring/log/report-crashes.ts';
import { openErrorReports } from '../../hosts/wiring/observe/open-error-reports.ts';

const [sentryDsn = null] = process.argv.slice(2);
const crashes = reportCrashes(asLogLine);
await openErrorReports({ observe: { sentryDsn, embeddedMetrics: false, otlp: null }, environment: 'testing' }, crashes);
// Lives on unless it is ended.
setInterval(() => undefined, 1000);
setTimeout(() => {
  throw Object.assign(new TypeError('the note of ada@example.org is not a function'), { email: 'ada@example.org' });
}, 0);
