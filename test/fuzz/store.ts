import { randomInt } from 'node:crypto';
import { checkStores } from '../model/check-stores.ts';
import { dynamoStores } from '../model/dynamo-stores.ts';
import { memoryStores } from '../model/memory-stores.ts';
import type { StoresUnderModel } from '../model/modelled-port.ts';
import { sqlStores } from '../model/sql-stores.ts';

const STEPS = 10_000;

const ADAPTERS: Readonly<Record<string, () => Promise<StoresUnderModel>>> = {
  memory: memoryStores,
  sql: sqlStores,
  dynamodb: dynamoStores,
};

/** How one adapter's stores did beside plain maps. */
export interface StoreFuzz {
  readonly adapter: string;
  readonly seed: number;
  readonly steps: number;
  /** How often a process died in a call. */
  readonly deaths: number;
  readonly divergences: number;
  readonly seconds: number;
}

/**
 * Compares the stores of one adapter with plain maps in at least `steps` random steps: `[adapter [seed [steps [path]]]]`.
 * Without a seed one is drawn. With the seed and the path that a divergence was reported with, only that one is run.
 *
 * @throws RangeError for arguments of another form.
 */
export async function fuzzStore([
  adapter = 'memory',
  seedText,
  stepsText,
  path,
]: readonly string[]): Promise<StoreFuzz> {
  const open = Object.hasOwn(ADAPTERS, adapter) ? ADAPTERS[adapter] : undefined;
  if (open === undefined) throw new RangeError(`"${adapter}" is none of ${Object.keys(ADAPTERS).join(', ')}`);
  const seed = seedText === undefined ? randomInt(2 ** 31) : wholeNumber(seedText);
  const wanted = stepsText === undefined ? STEPS : wholeNumber(stepsText);
  process.stdout.write(`${adapter}: seed ${seed}, ${wanted} steps\n`);
  const startedMs = performance.now();
  const { counterexample, ...report } = await checkStores(open, {
    seed,
    steps: wanted,
    ...(path === undefined ? {} : { path }),
  });
  if (counterexample !== null) process.stdout.write(`${counterexample}\n`);
  return { adapter, ...report, seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)) };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`"${text}" is not a whole number`);
  return value;
}
