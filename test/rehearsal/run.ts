import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { killedProcesses, type Killed } from './killed.ts';
import { droppedOf, rollingDeployment, type Rolled } from './rolling.ts';
import { builtIn } from './tasks.ts';

const USAGE = `Usage: npm run rehearse:deploy [-- --calls 10000] [-- --from REF]

  --calls N     how many calls there are at least (default: 10000)
  --from REF    the commit of the old version (default: this one, as the new one)
  --delay MS    SHUTDOWN_DELAY_MS of the processes (default: 1500)

Two processes of the old version and two of the new one over one data folder, behind a small load balancer that tries nothing
twice, rolled under load; then processes that are killed. The last line is JSON. Exit code 1 where a call was dropped, a process
did not end well in 25 seconds, or anything was lost or stored twice.`;

const MOST_EXIT_SECONDS = 25;
const PEOPLE = 16;
const MOST_WAIT_FOR_WORK_MS = 180_000;

const say = (line: string): void => {
  process.stderr.write(`  ${line}\n`);
};

const non2xxOf = ({ load, balancer }: Rolled): number => {
  const all = [...load.non2xx.values()].reduce((sum, count) => sum + count, 0);
  // What the balancer made up is counted as dropped.
  return all - balancer.broken - balancer.unserved;
};

const row = (what: string, value: string): void => {
  process.stdout.write(`${what.padEnd(36)} ${value}\n`);
};

function reportRolled(rolled: Rolled): void {
  const { load, balancer, exits, aftermath } = rolled;
  row('calls', String(load.requests));
  for (const [name, count] of Object.entries(balancer.answered)) row(`  answered by ${name}`, String(count));
  row('dropped', String(droppedOf(rolled)));
  row('  of them given up after 30 s', String(load.timeouts));
  row('  left by their clients', String(balancer.abandoned.length));
  for (const call of balancer.abandoned) row('', call);
  row('  connections of clients that failed', String(load.connectionErrors));
  row('slowest answer', `${String(Math.round(load.slowestMs))} ms`);
  row('answers other than 2xx', String(non2xxOf(rolled)));
  for (const { task, signal, code, seconds } of exits) {
    row(`${task} after ${signal}`, `exit code ${String(code)} in ${seconds.toFixed(1)} s`);
  }
  row('metrics acknowledged', String(aftermath.acknowledged));
  row(
    '  lost, doubled, from nowhere',
    `${String(aftermath.lost)}, ${String(aftermath.doubled)}, ${String(aftermath.strange)}`,
  );
  row('uploads stored without an answer', String(aftermath.unacknowledgedUploads));
  row('uploads whose work is not done', String(aftermath.unfinished));
}

function reportKilled(killed: Killed): void {
  row('killed without a word', killed.kills.map(({ task }) => task).join(', '));
  row('  connections that broke', String(killed.broken));
  row('  calls sent again', String(killed.repeated));
  row('  metrics acknowledged', String(killed.aftermath.acknowledged));
  row('  lost, doubled', `${String(killed.aftermath.lost)}, ${String(killed.aftermath.doubled)}`);
  row('  uploads stored twice', String(killed.aftermath.unacknowledgedUploads));
  row('  uploads whose work is not done', String(killed.aftermath.unfinished));
}

const isSound = (rolled: Rolled, killed: Killed): boolean =>
  droppedOf(rolled) === 0 &&
  non2xxOf(rolled) === 0 &&
  rolled.exits.every(({ code, seconds }) => code === 0 && seconds <= MOST_EXIT_SECONDS) &&
  [rolled.aftermath, killed.aftermath].every(
    ({ acknowledged, ...faults }) => acknowledged > 0 && Object.values(faults).every((count) => count === 0),
  );

async function rehearse(calls: number, from: string | null, shutdownDelayMs: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'clarity-rehearsal-'));
  try {
    const newBuild = builtIn(folder, null);
    const oldBuild = from === null ? newBuild : builtIn(folder, from);
    const dataDir = path.join(folder, 'rolled');
    mkdirSync(dataDir);
    const common = { mostWaitForWorkMs: MOST_WAIT_FOR_WORK_MS, people: PEOPLE, say };
    const rolled = await rollingDeployment({ ...common, oldBuild, newBuild, dataDir, calls, shutdownDelayMs });
    reportRolled(rolled);
    const killedDir = path.join(folder, 'killed');
    mkdirSync(killedDir);
    const uploads = Math.max(100, Math.ceil(calls / 20));
    const killed = await killedProcesses({
      ...common,
      build: newBuild,
      dataDir: killedDir,
      uploads,
      killEvery: Math.ceil(uploads / 4),
    });
    reportKilled(killed);
    const { aftermath: of, broken, repeated, kills } = killed;
    process.stdout.write(
      `${JSON.stringify({
        requests: rolled.load.requests,
        dropped: droppedOf(rolled),
        non2xx: non2xxOf(rolled),
        exits: rolled.exits,
        seconds: Math.round(rolled.seconds * 10) / 10,
        aftermath: rolled.aftermath,
        killed: { kills: kills.length, broken, repeated, aftermath: of },
      })}\n`,
    );
    process.exitCode = isSound(rolled, killed) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    from: { type: 'string' },
    delay: { type: 'string', default: '1500' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true || !/^[1-9]\d{0,6}$/.test(values.calls) || !/^\d{1,5}$/.test(values.delay)) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = values.help === true ? 0 : 2;
} else await rehearse(Number(values.calls), values.from ?? null, Number(values.delay));
