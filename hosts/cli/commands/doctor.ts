import { err, ok, type Result } from 'neverthrow';
import { awsChecks } from '../../../adapters/aws/doctor/aws-checks.ts';
import type { Fetch } from '../../../adapters/aws/doctor/pool-checks.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { fine, problem, warning, type Finding } from '../../../core/diagnosis/finding.ts';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { AwsResources } from '../../../adapters/aws/settings.ts';
import { readConfig, type Config } from '../../wiring/config.ts';
import { openModelRepository } from '../../wiring/model-places.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { embeddedChecks, freeBytesOf, type FreeBytes } from '../doctor/embedded-checks.ts';
import { modelCheck } from '../doctor/model-check.ts';
import { runChecks, type Check, type Deadline } from '../doctor/run-checks.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity doctor [--verbose] [--json]

  --verbose       tells what is fine, too
  --json          all findings, for a program

Checks an environment before a start, by the service's own variables: the settings themselves, the data folder or the
resources in AWS (each by calls that change nothing that was there), the clock, and the installed models. One line a
problem, with what to do. Exit code 1 where there is a problem; warnings are none.`;

const OPTIONS = {
  verbose: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly verbose: boolean;
  readonly json: boolean;
}

const SYNTAX = {
  name: 'doctor',
  usage: USAGE,
  options: OPTIONS,
  read: (
    values: { readonly verbose?: boolean; readonly json?: boolean },
    positionals: readonly string[],
  ): Result<Request, UsageError> =>
    positionals.length > 0
      ? err(usageError('it takes no arguments'))
      : ok({ verbose: values.verbose === true, json: values.json === true }),
};

/** What the doctor looks with; the defaults are the machine's own. */
export interface DoctorTools {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly fetchUrl: Fetch;
  readonly freeBytes: FreeBytes;
  /** Of each check. */
  readonly deadline: Deadline;
}

const DEADLINE_MS = 5000;

const OWN_TOOLS: DoctorTools = {
  environment: process.env,
  clock: systemClock,
  fetchUrl: (url, init) => fetch(url, init),
  freeBytes: freeBytesOf,
  deadline: { begin: () => AbortSignal.timeout(DEADLINE_MS), waited: `${String(DEADLINE_MS / 1000)} seconds` },
};

/** Checks an environment before a start. */
export async function doctorCommand(
  args: readonly string[],
  output: Output,
  tools: DoctorTools = OWN_TOOLS,
): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const findings = await readConfig(tools.environment).match(
    (config) => examine(config, tools),
    (problems) =>
      Promise.resolve(problems.map(({ variable, message }) => problem(variable, message, 'Correct the variable.'))),
  );
  const isSound = findings.every(({ state }) => state !== 'problem');
  if (request.value.json) output.out(JSON.stringify({ ok: isSound, findings }, null, 2));
  else report(findings, request.value.verbose, output);
  return isSound ? 0 : 1;
}

async function examine(config: Config, tools: DoctorTools): Promise<readonly Finding[]> {
  const models = openModelRepository(config.modelDir, config.awsSettings, nodeDigest);
  const settings = fine('settings', `ENVIRONMENT is ${config.environment}, STORAGE is ${config.storage}`);
  const [stores, installed] = await Promise.all([
    storageFindings(config, tools),
    runChecks([modelCheck(models)], tools.deadline),
  ]);
  return [settings, ...stores, ...installed];
}

function storageFindings(config: Config, { freeBytes, deadline, ...tools }: DoctorTools): Promise<readonly Finding[]> {
  if (config.aws !== null) {
    return awsFindings(config.aws, { ...tools, deadline, flagsParameter: config.featureFlagsParameter });
  }
  if (config.storage === 'embedded') return runChecks(embeddedChecks(config, freeBytes), deadline);
  return Promise.resolve([
    warning('settings', 'STORAGE is memory: nothing is kept', 'Use embedded or aws for anything but a try.'),
  ]);
}

async function awsFindings(
  aws: AwsResources,
  {
    deadline,
    ...tools
  }: Pick<DoctorTools, 'clock' | 'fetchUrl' | 'deadline'> & { readonly flagsParameter: string | null },
): Promise<readonly Finding[]> {
  const { credentials, withCredentials, withoutCredentials } = awsChecks(aws, tools);
  const [signedIn, open] = await Promise.all([
    runChecks([credentials], deadline).then(async (found) => {
      const further: readonly Check[] = found.some(({ state }) => state === 'problem') ? [] : withCredentials;
      return [...found, ...(await runChecks(further, deadline))];
    }),
    runChecks(withoutCredentials, deadline),
  ]);
  return [...signedIn, ...open];
}

const MARKS: Readonly<Record<Finding['state'], string>> = {
  fine: 'ok      ',
  warning: 'WARNING ',
  problem: 'PROBLEM ',
};

function report(findings: readonly Finding[], verbose: boolean, output: Output): void {
  for (const { subject, state, message, advice } of findings) {
    if (state === 'fine' && !verbose) continue;
    output.out(`${MARKS[state]} ${subject}: ${message}.${advice === null ? '' : ` ${advice}`}`);
  }
  const count = (state: Finding['state']): string =>
    String(findings.filter((finding) => finding.state === state).length);
  output.out(`Problems: ${count('problem')}, warnings: ${count('warning')}, fine: ${count('fine')}.`);
}
