import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { localInstallation } from '../integration/local-identity/local-installation.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

const TRIES = 200;
/** How far the medians may be apart. */
const MOST_APART = 0.1;

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };

/** What was found out, and how much of it is not as it should be. */
export interface SecurityBench {
  readonly cases: number;
  readonly failures: number;
  readonly seconds: number;
  readonly results: readonly unknown[];
}

/**
 * Logs in with a wrong password and with an unknown address, in turn and at the cost that people's passwords have, and
 * compares the medians of the times: a stranger is not to learn from them whether there is an account.
 */
export async function benchSecurity([tries]: readonly string[]): Promise<SecurityBench> {
  const startedMs = performance.now();
  const wrong: number[] = [];
  const unknown: number[] = [];
  const { provider } = localInstallation(
    { lock: { mostFailures: 1_000_000, lockMs: 1000 } },
    { passwords: new PasswordHashes() },
  );
  valueOf(await provider.register(ADA));
  const timeOf = async (email: string): Promise<number> => {
    const beganMs = performance.now();
    errorOf(await provider.login(email, 'Wrong1password'));
    return performance.now() - beganMs;
  };
  await timeOf(ADA.email);
  await timeOf('nobody@example.org');
  for (let i = 0; i < Number(tries ?? TRIES); i += 1) {
    // In turn, and each first as often as second: what else the machine does slows both.
    const [first, second] = i % 2 === 0 ? [wrong, unknown] : [unknown, wrong];
    first.push(await timeOf(first === wrong ? ADA.email : 'nobody@example.org'));
    second.push(await timeOf(second === wrong ? ADA.email : 'nobody@example.org'));
  }
  const [wrongMs, unknownMs] = [medianOf(wrong), medianOf(unknown)];
  const apart = Math.abs(wrongMs - unknownMs) / Math.max(wrongMs, unknownMs);
  const failures = apart <= MOST_APART ? 0 : 1;
  if (failures > 0) process.exitCode = 1;
  return {
    cases: 1,
    failures,
    seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
    results: [
      {
        case: 'unknown address like wrong password',
        tries: wrong.length,
        wrong_password_ms: Number(wrongMs.toFixed(2)),
        unknown_address_ms: Number(unknownMs.toFixed(2)),
        apart: Number(apart.toFixed(4)),
      },
    ],
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
