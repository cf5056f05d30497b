import path from 'node:path';
import { err, ok, type Result } from 'neverthrow';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { nodeStreamDigest } from '../../../adapters/node/stream-digest.ts';
import { allUploads, type AccountMove, type MoveProgress } from '../../../core/account/account-side.ts';
import { compareAccounts } from '../../../core/account/compare-accounts.ts';
import { copyAccount } from '../../../core/account/copy-account.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { comparisonTable, copiedLine, progressLine, sideFault } from '../migration-words.ts';
import {
  MIGRATION_PROFILES,
  openMigrationEnd,
  type MigrationEnd,
  type MigrationPlace,
  type MigrationProfile,
} from '../migration-end.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity migrate --from PROFILE --to PROFILE [options]

  --from PROFILE       where the data are: embedded or aws
  --to PROFILE         where they are to be as well: embedded or aws
  --user ID            whose data (default: everybody's; needed with --from aws)
  --as ID              the id that they have at the target, such as the subject of their Cognito account
  --data-dir DIR       the embedded installation (default: DATA_DIR); with two of them, the one to read from
  --to-data-dir DIR    with two embedded installations, the one to write to
  --compare            copies nothing, and says whether both sides hold the same

Copies uploads with their state, raw files, metrics, samples, analyses and insights, and then proves by count and
SHA-256 that both sides hold the same. Nothing is removed. After an interruption the same command goes on where it was. Exit code 0 only
when all is equal. A profile is set up by the service's own variables ("clarity doctor" checks them).

Processing ids stay as they are, also those that begin with a person's former id. Raw files under
raw_data/YYYY/MM/DD/ID/ and uploads/YYYY/MM/DD/ID/ are filed under the new id. Accounts, passwords and waiting jobs are
not moved. Let nobody send or delete data meanwhile.`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  user: { type: 'string' },
  as: { type: 'string' },
  'data-dir': { type: 'string' },
  'to-data-dir': { type: 'string' },
  compare: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly from: MigrationPlace;
  readonly to: MigrationPlace;
  /** Null for everybody. */
  readonly user: UserId | null;
  /** Null for the same id. */
  readonly as: UserId | null;
  readonly compareOnly: boolean;
}

const SYNTAX = { name: 'migrate', usage: USAGE, options: OPTIONS, read: readRequest };

/** Copies people's data from one storage profile to another, and proves that they arrived. */
export async function migrateCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { from, to } = request.value;
  const source = await openMigrationEnd(from, 'source', process.env);
  if (source.isErr()) return refused(output, source.error);
  const target = await openMigrationEnd(to, 'target', process.env);
  try {
    if (target.isErr()) return refused(output, target.error);
    return await migrateAll(request.value, source.value, target.value, output);
  } finally {
    await source.value.close();
    if (target.isOk()) await target.value.close();
  }
}

function readRequest(
  values: { readonly [name in Exclude<keyof typeof OPTIONS, 'compare' | 'help'>]?: string } & {
    readonly compare?: boolean;
  },
  positionals: readonly string[],
): Result<Request, UsageError> {
  const { user, as } = values;
  if (positionals.length > 0) return err(usageError(`${String(positionals[0])} is not an option`));
  const from = profileArgument('--from', values.from);
  if (from.isErr()) return err(from.error);
  const to = profileArgument('--to', values.to);
  if (to.isErr()) return err(to.error);
  const twoFolders = from.value === 'embedded' && to.value === 'embedded';
  const dataDir = values['data-dir'] ?? null;
  const toDataDir = values['to-data-dir'] ?? null;
  if (user === '' || as === '') return err(usageError('an id is empty'));
  if (as !== undefined && user === undefined) return err(usageError('--as needs --user: one person has one new id'));
  if (user === undefined && from.value === 'aws') return err(usageError('--from aws needs --user ID'));
  if (twoFolders !== (toDataDir !== null)) {
    return err(usageError('--to-data-dir DIR is for two embedded installations, and needed there'));
  }
  const samePlace = twoFolders
    ? path.resolve(dataDir ?? process.env['DATA_DIR'] ?? '.data') === path.resolve(toDataDir ?? '')
    : from.value === to.value;
  if (samePlace && (as === undefined || as === user)) return err(usageError('both ends are the same'));
  return ok({
    from: { profile: from.value, dataDir },
    to: { profile: to.value, dataDir: toDataDir ?? dataDir },
    user: user === undefined ? null : userId(user),
    as: as === undefined ? null : userId(as),
    compareOnly: values.compare === true,
  });
}

function profileArgument(option: string, text: string | undefined): Result<MigrationProfile, UsageError> {
  const profile = MIGRATION_PROFILES.find((name) => name === text);
  return profile === undefined
    ? err(usageError(`${option}: expected one of ${MIGRATION_PROFILES.join(', ')}`))
    : ok(profile);
}

async function migrateAll(
  request: Request,
  source: MigrationEnd,
  target: MigrationEnd,
  output: Output,
): Promise<number> {
  const owners = await ownersOf(request, source);
  if (owners.isErr()) return refused(output, owners.error);
  if (owners.value.length === 0) output.out('Nobody has data here.');
  let unequal = 0;
  for (const owner of owners.value) {
    const move: AccountMove = {
      source: { stores: source.stores, owner },
      target: { stores: target.stores, owner: request.as ?? owner },
    };
    const isEqual = await writtenDownAtBothEnds(request, source, target, move, () => migrateOne(request, move, output));
    if (isEqual.isErr()) return refused(output, isEqual.error);
    if (!isEqual.value) unequal++;
  }
  if (!request.compareOnly) {
    output.note('Accounts and passwords are not moved: everybody signs up at the target, or is invited there.');
  }
  if (unequal === 0) return 0;
  output.note(`clarity migrate: the data of ${String(unequal)} of ${String(owners.value.length)} differ.`);
  return 1;
}

const MOVED = ['uploads', 'raw-files', 'metrics', 'samples', 'analyses', 'insights'] as const;

/** At each end stands what was done with the person's data there: taken from it, brought to it, or compared with the other. */
function writtenDownAtBothEnds<T>(
  { compareOnly }: Request,
  from: MigrationEnd,
  to: MigrationEnd,
  { source, target }: AccountMove,
  work: () => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  const common = { operation: 'clarity migrate', dataTypes: MOVED };
  const taken = { ...common, action: compareOnly ? 'read' : 'export', subject: source.owner } as const;
  const brought = { ...common, action: compareOnly ? 'read' : 'import', subject: target.owner } as const;
  return writtenDown(from.audited, taken, () => writtenDown(to.audited, brought, work));
}

async function ownersOf({ user }: Request, { owners }: MigrationEnd): Promise<Result<readonly UserId[], string>> {
  if (user !== null) return ok([user]);
  return owners === null ? err('--user ID is needed') : await owners();
}

/** Copies one person's data, and says whether both sides are equal then. */
async function migrateOne(request: Request, move: AccountMove, output: Output): Promise<Result<boolean, string>> {
  const { source, target } = move;
  const progress = progressTo(output);
  output.out(source.owner === target.owner ? source.owner : `${source.owner} as ${target.owner}`);
  if (!request.compareOnly) {
    const copied = await copyAccount({ streamDigest: nodeStreamDigest, progress })(move);
    if (copied.isErr()) return err(sideFault(copied.error));
    output.progress?.('');
    output.note(copiedLine(copied.value));
  }
  const comparing = compareAccounts({ digest: nodeDigest, streamDigest: nodeStreamDigest, progress });
  const compared = await comparing(move);
  if (compared.isErr()) return err(sideFault(compared.error));
  output.progress?.('');
  const names =
    request.from.profile === request.to.profile
      ? { source: 'source', target: 'target' }
      : { source: request.from.profile, target: request.to.profile };
  for (const line of comparisonTable(compared.value, names)) output.out(line);
  const uploads = await allUploads('target', target);
  if (uploads.isErr()) return err(sideFault(uploads.error));
  const unfinished = uploads.value.filter(({ status }) => status === 'received' || status === 'processing').length;
  if (unfinished > 0) {
    output.note(
      `${String(unfinished)} uploads were not worked on to the end. Their jobs are not moved: their owner can have ` +
        'them tried again at the target (POST /api/v1/health-data/processing/{id}/retry).',
    );
  }
  return ok(compared.value.every(({ equal }) => equal));
}

/** One line that changes where a person is looking; elsewhere a line a kind. */
function progressTo(output: Output): (step: MoveProgress) => void {
  let told = '';
  return (step) => {
    const { stage, kind } = step;
    if (output.progress !== null) output.progress(progressLine(step));
    else if (told !== `${stage} ${kind}`) output.note(`${stage === 'copy' ? 'Copying' : 'Comparing'} ${kind} ...`);
    told = `${stage} ${kind}`;
  };
}

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity migrate: ${line}`);
  return 1;
}
