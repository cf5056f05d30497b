import type { Config } from '../wiring/config.ts';
import { mailLine } from '../wiring/mail.ts';
import { errorReport, errorReportLines } from '../wiring/log/error-report.ts';
import { asLogLine, reportCrashes } from '../wiring/log/report-crashes.ts';
import { openErrorReports } from '../wiring/observe/open-error-reports.ts';
import { dataAndModelLines, openProcess, untilStopped } from '../wiring/start-process.ts';
import type { ModelState } from '../wiring/watch-models.ts';
import { startService } from './service.ts';

/** Lines for the person at the terminal; the log is for machines. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function welcome(config: Config, url: string, model: ModelState): void {
  say('');
  say(`  Clarity listens on   ${url}   (documentation: ${url}/docs)`);
  say(mailLine(config));
  for (const line of dataAndModelLines(config, model)) say(line);
  say('');
}

async function main(): Promise<number> {
  const opened = await openProcess(process.env, complain);
  if (opened === null) return 1;
  const { config, storage } = opened;
  try {
    const reports = await openErrorReports(config, crashes);
    const service = await startService({ ...opened, ...(reports === null ? {} : { reportError: reports.report }) });
    welcome(config, service.url, service.model);
    const code = await untilStopped(service.stop);
    await reports?.settled();
    return code;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    complain(
      code === 'EADDRINUSE'
        ? `Clarity did not start: port ${String(config.port)} is in use. Set PORT to another one.`
        : `Clarity did not start: ${errorReportLines(errorReport(cause)).join('\n')}`,
    );
    await storage.close();
    return 1;
  }
}

const crashes = reportCrashes(asLogLine);
process.exitCode = await main();
