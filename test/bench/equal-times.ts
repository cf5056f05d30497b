import { PasswordHashes } from '../../adapters/local-identity/password-hashes.ts';
import { localInstallation } from '../integration/local-identity/local-installation.ts';
import { errorOf, valueOf } from '../unit/result-values.ts';

/** How far the medians may be apart. */
const MOST_APART = 0.1;

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };

/** The medians of the times of a refused login, and how far they are apart, as a share of the longer one. */
export interface EqualTimes {
  readonly isEqual: boolean;
  readonly tries: number;
  readonly wrong_password_ms: number;
  readonly unknown_address_ms: number;
  readonly apart: number;
}

/**
 * Logs in with a wrong password and with an unknown address, in turn and at the cost that people's passwords have, and
 * compares the medians of the times: a stranger is not to learn from them whether there is an account.
 */
export async function equalTimes(tries: number): Promise<EqualTimes> {
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
  for (let i = 0; i < tries; i += 1) {
    // In turn, and each first as often as second: what else the machine does slows both.
    const [first, second] = i % 2 === 0 ? [wrong, unknown] : [unknown, wrong];
    first.push(await timeOf(first === wrong ? ADA.email : 'nobody@example.org'));
    second.push(await timeOf(second === wrong ? ADA.email : 'nobody@example.org'));
  }
  const [wrongMs, unknownMs] = [medianOf(wrong), medianOf(unknown)];
  const apart = Math.abs(wrongMs - unknownMs) / Math.max(wrongMs, unknownMs);
  return {
    isEqual: apart <= MOST_APART,
    tries: wrong.length,
    wrong_password_ms: Number(wrongMs.toFixed(2)),
    unknown_address_ms: Number(unknownMs.toFixed(2)),
    apart: Number(apart.toFixed(4)),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
