import type { Checked } from './checked.ts';
import { SECURITY_CASES } from './security-cases.ts';

/** The longest that is told of one failure. */
const LONGEST_FAILURE = 2000;

/** What was found out, and how much of it is not as it should be. */
export interface SecurityBench {
  readonly cases: number;
  readonly failures: number;
  readonly seconds: number;
  readonly results: readonly object[];
}

/** A check that cannot be made has failed, and the others are made all the same. */
const survived = async (run: () => Promise<Checked>): Promise<Checked> => {
  try {
    return await run();
  } catch (error) {
    return { cases: 1, failed: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
};

/** Runs what is named, or everything; a failure makes the process end with exit code 1. */
export async function benchSecurity(names: readonly string[]): Promise<SecurityBench> {
  const unknown = names.filter((name) => !Object.hasOwn(SECURITY_CASES, name));
  if (unknown.length > 0) {
    throw new RangeError(`no case ${unknown.join(', ')}; there are ${Object.keys(SECURITY_CASES).join(', ')}`);
  }
  const sum = { cases: 0, failures: 0, seconds: 0 };
  const results: object[] = [];
  for (const [name, run] of Object.entries(SECURITY_CASES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const startedMs = performance.now();
    const { cases, failed, facts } = await survived(run);
    const seconds = (performance.now() - startedMs) / 1000;
    for (const failure of failed) process.stderr.write(`${name}: ${failure.slice(0, LONGEST_FAILURE)}\n`);
    process.stdout.write(
      `${name}: ${String(cases)} cases, ${String(failed.length)} failures, ${seconds.toFixed(1)} s\n`,
    );
    sum.cases += cases;
    sum.failures += failed.length;
    sum.seconds += seconds;
    results.push({ case: name, cases, failures: failed.length, seconds: Number(seconds.toFixed(1)), ...facts });
  }
  if (sum.failures > 0) process.exitCode = 1;
  return { ...sum, seconds: Number(sum.seconds.toFixed(1)), results };
}
