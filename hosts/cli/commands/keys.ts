import { err, ok, okAsync, type Result, type ResultAsync } from 'neverthrow';
import { systemClock } from '../../../adapters/node/clock.ts';
import { countByMasterVersion, rewrapDataKeys } from '../../../core/encryption/rotate-master-key.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { MasterKeyInUse, Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault } from '../account-place.ts';
import { rotateSigning, signingKeyLines } from '../signing-keys.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity keys status [--data-dir DIR]
       clarity keys rotate --master [--data-dir DIR]
       clarity keys rotate --signing [--data-dir DIR]

  status            which keys sign and check tokens, and how many data keys there are, by the version of the master key
                    that wraps them
  rotate --master   makes another version of the master key and wraps every data key under it, while the service goes on;
                    with KMS, wraps them under the key that KMS_KEY_ID names now. Data stay as they are. Called again
                    after an interruption, it wraps what is left under yet another version.
  rotate --signing  adds a key that signs the tokens of local accounts from a minute later on, while the service goes on.
                    Older ones check what they signed until that has ended, and are removed then. Nobody is logged out.
    --data-dir DIR  the installation (default: DATA_DIR)

An older version of the master key in DATA_DIR/keys may be removed once no data key is under it, and no backup is to be
restored that holds data keys of before.`;

const OPTIONS = {
  master: { type: 'boolean' },
  signing: { type: 'boolean' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly action: 'status' | 'rotate-master' | 'rotate-signing';
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
    if (action === 'rotate-signing') {
      const rotated = await rotateSigning(storage.value.people, systemClock);
      if (rotated.isErr()) return refused(output, portFault(rotated.error));
      if (rotated.value === null) return refused(output, 'tokens are signed by the user pool here');
      for (const line of rotated.value) output.out(line);
      return 0;
    }
    const { masterKey } = storage.value;
    if (masterKey === null) return refused(output, 'nothing is encrypted here: KMS_KEY_ID is not set');
    const lines = await (action === 'status' ? status(storage.value) : rotate(storage.value, masterKey));
    if (lines.isErr()) return refused(output, portFault(lines.error));
    for (const line of lines.value) output.out(line);
    return 0;
  } finally {
    await storage.value.close();
  }
}

function readRequest(
  values: { readonly master?: boolean; readonly signing?: boolean; readonly 'data-dir'?: string },
  [action, ...more]: readonly string[],
): Result<Request, UsageError> {
  const dataDir = values['data-dir'] ?? null;
  if (more.length > 0 || (action !== 'status' && action !== 'rotate')) {
    return err(usageError('expected status or rotate'));
  }
  const [isMaster, isSigning] = [values.master === true, values.signing === true];
  if (action === 'status') {
    return isMaster || isSigning
      ? err(usageError('status takes no --master and no --signing'))
      : ok({ action, dataDir });
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

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity keys: ${line}`);
  return 1;
}
