import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RandomStream } from '../../core/simulation/random.ts';
import { examine, type Aftermath } from './crash-aftermath.ts';
import { SAMPLES_A_BATCH } from './minute-batches.ts';

const PROGRAM = path.join(import.meta.dirname, 'crash-child.ts');
const OWNER = '11111111-1111-4111-8111-111111111111';
/** Of the deaths, the part that comes before the process has opened its storage. */
const AT_START = 0.2;
/** The rest comes up to so long after some batch was acknowledged: anywhere in the work on the next few. */
const LONGEST_WORK_MS = 150;
/** Until the first start was seen. */
const ASSUMED_START_MS = 1000;

/** Aftermath of the killed processes. */
export interface KilledUseCases extends Aftermath {
  readonly kills: number;
  readonly kills_at_start: number;
}

interface Acknowledged {
  /** All batches before this one. */
  batches: number;
  readonly uploads: string[];
}

/**
 * Stores samples in a process that dies `kills` times. Each one after it goes on with the first batch that was not
 * acknowledged; the last one is left to finish.
 */
export async function killUseCases({
  dataDir,
  samples,
  kills,
  random,
}: {
  readonly dataDir: string;
  readonly samples: number;
  readonly kills: number;
  readonly random: RandomStream;
}): Promise<KilledUseCases> {
  const acknowledged: Acknowledged = { batches: 0, uploads: [] };
  const batches = samples / SAMPLES_A_BATCH;
  let startMs = ASSUMED_START_MS;
  let atStart = 0;
  for (let life = 0; life < kills; life++) {
    const diesAtStart = random.chance(AT_START);
    const lived = await live(dataDir, acknowledged, batches, {
      // On average all lives together come to the end, on machines of any speed.
      afterBatches: diesAtStart ? null : random.wholeBetween(0, Math.ceil((2 * batches) / kills)),
      ms: random.between(0, diesAtStart ? startMs : LONGEST_WORK_MS),
    });
    if (lived.startMs === null) atStart++;
    else startMs = lived.startMs;
    if (lived.signal !== 'SIGKILL') throw new Error(`life ${life} ended by itself: ${String(lived.code)}`);
  }
  const last = await live(dataDir, acknowledged, batches, null);
  if (last.code !== 0) throw new Error(`the last life ended with ${String(last.code ?? last.signal)}`);
  const aftermath = await examine({ dataDir, owner: OWNER, ...acknowledged, jobsAreDone: false });
  return { ...aftermath, kills, kills_at_start: atStart };
}

interface Lived {
  readonly code: number | null;
  readonly signal: string | null;
  /** How long the process took to start; null where it did not get so far. */
  readonly startMs: number | null;
}

/** When a process is killed. */
interface Death {
  /** So many batches after it has opened its storage; null: before. */
  readonly afterBatches: number | null;
  /** So long after that batch, or after its birth. */
  readonly ms: number;
}

/** One process from its start to its end; what it acknowledged is noted. */
async function live(dataDir: string, acknowledged: Acknowledged, end: number, death: Death | null): Promise<Lived> {
  const task = [dataDir, OWNER, String(acknowledged.batches), String(end), death === null ? 'left' : 'killed'];
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  let killing = Promise.resolve();
  let batchesOfThisLife = 0;
  const killLaterIf = (isTime: boolean): void => {
    if (death !== null && isTime) killing = delay(death.ms).then(() => void child.kill('SIGKILL'));
  };
  killLaterIf(death?.afterBatches === null);
  let startMs: number | null = null;
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    const lines = printed.split('\n');
    // What comes after the last line's end is a line that was not written to its end.
    printed = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'ready') {
        startMs = performance.now() - startedMs;
        killLaterIf(death?.afterBatches === 0);
        continue;
      }
      killLaterIf(death?.afterBatches === ++batchesOfThisLife);
      const [batch, upload = ''] = line.split(' ');
      acknowledged.uploads.push(upload);
      acknowledged.batches = Math.max(acknowledged.batches, Number(batch) + 1);
    }
  });
  const [code, signal] = await closed;
  await killing;
  return { code, signal, startMs };
}
