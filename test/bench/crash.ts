import { mkdtemp, rm } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomStream } from '../../core/simulation/random.ts';
import { killServices } from './crash-service.ts';
import { killUseCases } from './crash-use-cases.ts';

const SAMPLES = 1_000_000;
const KILLED_USE_CASES = 80;
const KILLED_SERVICES = 20;

/** What 100 deaths in the middle of work left of what had been acknowledged. */
export interface CrashBench {
  readonly kills: number;
  /** Samples whose upload was answered as stored. */
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  /** Uploads that were acknowledged, some of them with samples that were there already. */
  readonly uploads: number;
  /** Acknowledged uploads whose state, raw bytes or job are missing or differ. */
  readonly uploads_lost: number;
  /** Of the kills, how many met a process that was still starting, and how many a service at work on requests. */
  readonly kills_at_start: number;
  readonly kills_of_services: number;
  readonly seed: number;
  readonly seconds: number;
}

/**
 * Stores a million samples on the embedded profile while its process is killed with SIGKILL again and again at random
 * moments, first the use cases alone, then the whole service over HTTP. `[seed]` repeats the moments, as far as the
 * machine does.
 *
 * @throws Error when the database is damaged, or when files of dead processes are left after the next start.
 */
export async function benchCrash([seedText]: readonly string[]): Promise<readonly CrashBench[]> {
  const seed = seedText === undefined ? randomInt(2 ** 31) : Number(seedText);
  process.stdout.write(`seed ${seed}\n`);
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-crash-'));
  const startedMs = performance.now();
  try {
    const useCases = await killUseCases({
      dataDir: path.join(folder, 'use-cases'),
      samples: SAMPLES,
      kills: KILLED_USE_CASES,
      random: randomStream(seed, 'use cases'),
    });
    const services = await killServices({
      dataDir: path.join(folder, 'services'),
      kills: KILLED_SERVICES,
      random: randomStream(seed, 'services'),
    });
    const sum = (of: 'kills' | 'acknowledged' | 'lost' | 'doubled' | 'uploads' | 'uploads_lost'): number =>
      useCases[of] + services[of];
    const result = {
      kills: sum('kills'),
      acknowledged: sum('acknowledged'),
      lost: sum('lost'),
      doubled: sum('doubled'),
      uploads: sum('uploads'),
      uploads_lost: sum('uploads_lost'),
      kills_at_start: useCases.kills_at_start,
      kills_of_services: services.kills,
      seed,
      seconds: Math.round((performance.now() - startedMs) / 1000),
    };
    if (result.lost + result.doubled + result.uploads_lost > 0) process.exitCode = 1;
    return [result];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
