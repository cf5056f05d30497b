import { asLogLine, reportCrashes } from '../wiring/log/report-crashes.ts';
import { openErrorReports } from '../wiring/observe/open-error-reports.ts';
import { dataAndModelLines, openProcess, untilStopped } from '../wiring/start-process.ts';
import { startWorker } from './worker.ts';

/** Lines for the person at the terminal; the log is for machines. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function main(): Promise<number> {
  const opened = await openProcess(process.env, complain);
  if (opened === null) return 1;
  const { config, storage } = opened;
  if (config.storage === 'memory') {
    complain(
      'Clarity did not start: no other process can put jobs into this one’s memory. Set STORAGE to another one.',
    );
    await storage.close();
    return 1;
  }
  const reports = await openErrorReports(config, crashes);
  const worker = await startWorker({ ...opened, ...(reports === null ? {} : { reportError: reports.report }) });
  say('');
  say(`  Clarity works on     queued uploads, ${String(config.concurrentJobs)} at a time`);
  for (const line of dataAndModelLines(config, worker.model)) say(line);
  if (worker.metricsUrl !== null) say(`  Metrics              ${worker.metricsUrl}`);
  say('');
  const code = await untilStopped(worker.stop);
  await reports?.settled();
  return code;
}

const crashes = reportCrashes(asLogLine);
// A job that was left, or a queue that still waits for a message, must not keep the process alive.
process.exit(await main());
