import { err, ok, type Result } from 'neverthrow';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { randomIds } from '../../../adapters/node/ids.ts';
import { resealLog } from '../../../core/audit/reseal-log.ts';
import { hasNotedHead, verifyAudit, type AuditVerdict, type NotedHead } from '../../../core/audit/verify-audit.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault } from '../account-place.ts';
import { dateArgument, requestOf, usageError, type UsageError } from '../arguments.ts';
import { dayLine, faultLine, notedHeadOf, notedHeadText } from '../audit-words.ts';
import type { Output } from '../output.ts';
import { verifyExportFile } from '../verify-export-file.ts';

const USAGE = `Usage: clarity audit verify [options]
       clarity audit reseal [--data-dir DIR]

  --from DATE     the first day that is looked at, YYYY-MM-DD in UTC (default: the first there is)
  --to DATE       the last one (default: the newest)
  --expect HEAD   a head that an earlier verification printed, as DAY/COUNT/HASH: it must still be in the log
  --file FILE     looks at an export of the log (GET /api/v1/admin/audit/export) instead; of "verify" with nothing but
                  --data-dir and --json
  --data-dir DIR  the installation (default: DATA_DIR)
  --json          the verdict, for a program

"verify" walks over the audit log, prints the entries and the head of each day, and names every entry that was altered,
removed, reordered or inserted. Exit code 1 where there is one. The service may go on meanwhile. Keep the last line that
it prints where nobody can change it: with --expect it shows whether the whole log was put back to an earlier time.
An export of whole days shows by its signed heads that nothing in it was changed or left out; of any other each entry is
compared with the log. Both need the installation whose log it is, for its key.

"reseal" lets the log go on after its signing key was lost, or its end was changed: until then every audited call fails.
Stop the service first. Nothing that is there is signed anew, and "verify" names the place from then on.`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  expect: { type: 'string' },
  file: { type: 'string' },
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Values {
  readonly from?: string;
  readonly to?: string;
  readonly expect?: string;
  readonly file?: string;
  readonly 'data-dir'?: string;
  readonly json?: boolean;
}

interface Request {
  readonly task: 'verify' | 'reseal';
  readonly from: string | null;
  readonly to: string | null;
  readonly expected: NotedHead | null;
  /** Null for the log itself. */
  readonly file: string | null;
  readonly dataDir: string | null;
  readonly json: boolean;
}

const SYNTAX = { name: 'audit', usage: USAGE, options: OPTIONS, read: readRequest };

/** Looks whether the audit log is as it was written. */
export async function auditCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const storage = await openAccountPlace(request.value.dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const { task, file, json } = request.value;
    if (task === 'reseal') return await reseal(storage.value, output);
    return file === null
      ? await verify(request.value, storage.value, output)
      : await verifyFile(file, json, storage.value, output);
  } finally {
    await storage.value.close();
  }
}

function readRequest(values: Values, positionals: readonly string[]): Result<Request, UsageError> {
  const [task, ...others] = positionals;
  if ((task !== 'verify' && task !== 'reseal') || others.length > 0) return err(usageError('say verify or reseal'));
  const from = dateArgument('--from', values.from);
  if (from.isErr()) return err(from.error);
  const to = dateArgument('--to', values.to);
  if (to.isErr()) return err(to.error);
  const expected = values.expect === undefined ? null : notedHeadOf(values.expect);
  if (values.expect !== undefined && expected === null) {
    return err(usageError(`--expect ${values.expect} is not a head as verify prints it: DAY/COUNT/HASH`));
  }
  const { file = null } = values;
  if (file !== null && (task === 'reseal' || (values.from ?? values.to ?? values.expect) !== undefined)) {
    return err(usageError('--file is for verify, without --from, --to and --expect'));
  }
  return ok({
    task,
    from: values.from ?? null,
    to: values.to ?? null,
    expected,
    file,
    dataDir: values['data-dir'] ?? null,
    json: values.json === true,
  });
}

async function verify(
  { from, to, expected, json }: Request,
  { auditStore, headSigner }: Storage,
  output: Output,
): Promise<number> {
  const verdict = await verifyAudit({ auditStore, signer: headSigner, digest: nodeDigest })({ from, to });
  if (verdict.isErr()) return refused(output, portFault(verdict.error));
  const noted = expected === null ? ok(true) : await hasNotedHead({ auditStore }, expected);
  if (noted.isErr()) return refused(output, portFault(noted.error));
  const { days, entries, faults } = verdict.value;
  const isSound = faults.length === 0 && noted.value;
  if (json) {
    output.out(JSON.stringify({ ok: isSound, entries, has_expected_head: noted.value, days, faults }, null, 2));
    return isSound ? 0 : 1;
  }
  tellVerdict(verdict.value, output);
  if (!noted.value && expected !== null) {
    output.out(
      `FAULT  ${expected.day} entry ${String(expected.count)}: not the one that was noted; the log was put back`,
    );
  }
  output.out(
    `Entries: ${String(entries)}, days: ${String(days.length)}, faults: ${String(faults.length + (noted.value ? 0 : 1))}.`,
  );
  const newest = days.at(-1)?.head;
  if (isSound && newest != null) output.out(`Newest head: ${notedHeadText(newest)}`);
  return isSound ? 0 : 1;
}

function tellVerdict({ days, faults }: AuditVerdict, output: Output): void {
  for (const day of days) output.out(dayLine(day));
  for (const fault of faults) output.out(`FAULT  ${faultLine(fault)}`);
}

async function verifyFile(
  file: string,
  json: boolean,
  { auditStore, headSigner }: Storage,
  output: Output,
): Promise<number> {
  const verdict = await verifyExportFile({ auditStore, signer: headSigner, digest: nodeDigest })(file);
  if (verdict.isErr()) return refused(output, verdict.error);
  const { days, entries, faults } = verdict.value;
  if (json) output.out(JSON.stringify({ ok: faults.length === 0, entries, days, faults }, null, 2));
  else {
    tellVerdict(verdict.value, output);
    output.out(`Entries: ${String(entries)}, days: ${String(days.length)}, faults: ${String(faults.length)}.`);
  }
  return faults.length === 0 ? 0 : 1;
}

async function reseal({ auditStore, headSigner }: Storage, output: Output): Promise<number> {
  const outcome = await resealLog({
    auditStore,
    signer: headSigner,
    digest: nodeDigest,
    ids: randomIds,
    clock: systemClock,
  });
  if (outcome.isErr()) return refused(output, portFault(outcome.error));
  output.out(
    outcome.value.kind === 'sound'
      ? 'The end of the log is signed by this installation; nothing was done.'
      : `The log goes on with ${outcome.value.day}. What lies before is as it was; "clarity audit verify" tells what is wrong with it.`,
  );
  return 0;
}

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity audit: ${line}`);
  return 1;
}
