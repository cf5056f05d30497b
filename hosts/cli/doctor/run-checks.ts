import { setMaxListeners } from 'node:events';
import { problem, type Finding } from '../../../core/diagnosis/finding.ts';

/** Something to look at before a start. */
export interface Check {
  readonly subject: string;
  /** May reject with the signal's reason when the wait is over; any other rejection is a bug. */
  readonly run: (abortSignal: AbortSignal) => Promise<readonly Finding[]>;
}

const CALLS_A_CHECK = 100;

/** Gives each check its own deadline; `waited` says how long that was, in words. */
export interface Deadline {
  readonly begin: () => AbortSignal;
  readonly waited: string;
}

/** Looks at everything at once. A check that does not answer in its time is a problem of its own, and keeps no other. */
export async function runChecks(checks: readonly Check[], deadline: Deadline): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => runCheck(check, deadline)));
  return withoutRepetition(found.flat());
}

async function runCheck({ subject, run }: Check, { begin, waited }: Deadline): Promise<readonly Finding[]> {
  const abortSignal = begin();
  // Each of a check's calls listens to it; so many at once are no leak.
  setMaxListeners(CALLS_A_CHECK, abortSignal);
  const over = new Promise<'over'>((resolve) => {
    abortSignal.addEventListener('abort', () => {
      resolve('over');
    });
    if (abortSignal.aborted) resolve('over');
  });
  const found = run(abortSignal).catch((cause: unknown) => {
    if (abortSignal.aborted) return 'over' as const;
    throw cause;
  });
  const first = await Promise.race([found, over]);
  return first === 'over'
    ? [
        problem(
          subject,
          `no answer within ${waited}`,
          'See that it runs and that the network lets this machine reach it.',
        ),
      ]
    : first;
}

/** A trouble that several checks met is told once. */
function withoutRepetition(findings: readonly Finding[]): readonly Finding[] {
  const told = new Set<string>();
  return findings.filter(({ subject, message }) => {
    const text = `${subject}\n${message}`;
    const isNew = !told.has(text);
    told.add(text);
    return isNew;
  });
}
