import { err, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import { systemClock } from '../../../adapters/node/clock.ts';
import type { MasterKeys } from '../../../core/encryption/ports.ts';
import { countByMasterVersion, retireMasterKeys, rewrapDataKeys } from '../../../core/encryption/rotate-master-key.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { MasterKeyInUse, Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault } from '../account-place.ts';
import { rotateSigning, signingKeyLines } from '../signing-keys.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity keys status [--data-dir DIR]
       clarity keys rotate --master [--data-dir DIR]
       clarity keys rotate --signing [--data-dir DIR]
       clarity keys retire --master [--data-dir DIR]

  status            which keys sign and check tokens, and how many data keys there are, by the version of the master key
                    that wraps them
  rotate --master   makes another version of the master key and wraps every data key under it, while the service goes on;
                    with KMS, wraps them under the key that KMS_KEY_ID names now. Data stay as they are. Called again
                    after an interruption, it wraps what is left under yet another version.
  rotate --signing  adds a key that signs the tokens of local accounts from a minute later on, while the service goes on.
                    Older ones check what they signed until that has ended, and are removed then. Nobody is logged out.
  retire --master   removes the older versions of the master key from DATA_DIR/keys by which no data key is wrapped any more.
                    Call it a minute or more after rotate --master. What a backup of before holds encrypted can then be
                    opened by nobody who has not kept a copy of the version.
    --data-dir DIR  the installation (default: DATA_DIR)

Keep a copy of an older version elsewhere for as long as a backup is to be restored that holds data keys of before.`;

const OPTIONS = {
  master: { type: 'boolean' },
  signing: { type: 'boolean' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly action: 'status' | 'rotate-master' | 'rotate-signing' | 'retire-master';
  readonly dataDir: string | null;
}

const SYNTAX = { name: 'keys', usage: USAGE, options: OPTIONS, read: readRequest };

/** Tells of the keys of an installation, and changes its master key. */
export async function keysCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const { action, dataDir } = request.value;
  const storage = await openAccountPlace(dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const lines = await linesOf(action, storage.value);
    if (lines.isErr()) return refused(output, lines.error);
    for (const line of lines.value) output.out(line);
    return 0;
  } finally {
    await storage.value.close();
  }
}

async function linesOf(action: Request['action'], storage: Storage): Promise<Result<readonly string[], string>> {
  const { people, masterKey } = storage;
  if (action === 'rotate-signing') {
    if (people.kind !== 'local') return err('tokens are signed by the user pool here');
    return writtenDown(storage, ROTATED, async () =>
      rotateSigning(people, systemClock)
        .map((lines) => lines ?? [])
        .mapErr(portFault),
    );
  }
  if (masterKey === null) return err('nothing is encrypted here: KMS_KEY_ID is not set');
  if (action === 'status') return status(storage).mapErr(portFault);
  if (action === 'retire-master') {
    const { versions } = masterKey;
    if (versions === null) return err('versions of a KMS key are for KMS to keep');
    return writtenDown(storage, RETIRED, async () => retire(storage, versions).mapErr(portFault));
  }
  return writtenDown(storage, ROTATED, async () => rotate(storage, masterKey).mapErr(portFault));
}

const RETIRED = { action: 'erase', operation: 'clarity keys retire', subject: null, dataTypes: ['keys'] } as const;

/** What both rotations are written down as. */
const ROTATED = { action: 'update', operation: 'clarity keys rotate', subject: null, dataTypes: ['keys'] } as const;

function readRequest(
  values: { readonly master?: boolean; readonly signing?: boolean; readonly 'data-dir'?: string },
  [action, ...more]: readonly string[],
): Result<Request, UsageError> {
  const dataDir = values['data-dir'] ?? null;
  if (more.length > 0 || (action !== 'status' && action !== 'rotate' && action !== 'retire')) {
    return err(usageError('expected status, rotate or retire'));
  }
  const [isMaster, isSigning] = [values.master === true, values.signing === true];
  if (action === 'status') {
    return isMaster || isSigning
      ? err(usageError('status takes no --master and no --signing'))
      : ok({ action, dataDir });
  }
  if (action === 'retire') {
    return isMaster && !isSigning
      ? ok({ action: 'retire-master', dataDir })
      : err(usageError('retire which key? --master; signing keys are removed by themselves'));
  }
  if (isMaster === isSigning) return err(usageError('rotate which key? --master or --signing'));
  return ok({ action: isMaster ? 'rotate-master' : 'rotate-signing', dataDir });
}

const status = ({ dataKeys, people }: Storage): ResultAsync<readonly string[], PortUnavailable> =>
  signingKeyLines(people, systemClock).andThen((signing) =>
    countByMasterVersion(dataKeys).map((counts) => [
      ...signing,
      ...(counts.size === 0
        ? ['no data keys yet']
        : [...counts].map(([version, count]) => `${version}: ${String(count)} data keys`).sort()),
    ]),
  );

function rotate(
  { dataKeys }: Storage,
  { wrapper, versions }: MasterKeyInUse,
): ResultAsync<readonly string[], PortUnavailable> {
  const renewed: ResultAsync<number | null, PortUnavailable> =
    versions === null ? okAsync(null) : versions.addVersion().map(({ version }): number | null => version);
  return renewed.andThen((version) =>
    rewrapDataKeys({ dataKeys, wrapper }).map(({ rewrapped, unchanged }) => [
      version === null ? 'the master key is the one of KMS_KEY_ID' : `the master key has version ${String(version)}`,
      `${String(rewrapped)} data keys were wrapped anew, ${String(unchanged)} stayed as they were`,
    ]),
  );
}

const retire = ({ dataKeys }: Storage, versions: MasterKeys): ResultAsync<readonly string[], PortUnavailable> =>
  retireMasterKeys(dataKeys, versions).map(({ removed, stillInUse }) => [
    removed.length === 0 ? 'no version was removed' : `removed: version ${removed.join(', ')}`,
    ...(stillInUse.length === 0 ? [] : [`still in use: version ${stillInUse.join(', ')}; rotate --master first`]),
  ]);

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity keys: ${line}`);
  return 1;
}
