import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { endTokens } from '../../../core/account/ended-tokens.ts';
import { isRole, ROLES } from '../../../core/access/permissions.ts';
import type { Account, AccountStore } from '../../../core/auth/account-store.ts';
import { emailKey } from '../../../core/auth/model.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import type { Storage } from '../../wiring/storage.ts';
import { openAccountPlace, portFault } from '../account-place.ts';
import { requestOf, usageError, type UsageError } from '../arguments.ts';
import { writtenDown } from '../operator-log.ts';
import type { Output } from '../output.ts';

const USAGE = `Usage: clarity users role EMAIL [options]
       clarity users remove-second-factor EMAIL [options]

  --add ROLE      gives a role: ${ROLES.join(', ')}
  --remove ROLE   takes one; everybody stays at least a patient
  --data-dir DIR  the installation (default: DATA_DIR)

Tells the roles of an account, after giving and taking what was asked for. Access tokens that were given out before are
good no longer: a refresh or a login gives new ones. In a Cognito pool, groups named like roles are the roles: change them
there. remove-second-factor is for somebody who has lost both their authenticator and their recovery codes, once you are sure
who asks: the password alone lets them in again.`;

const OPTIONS = {
  add: { type: 'string', multiple: true },
  remove: { type: 'string', multiple: true },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Request {
  readonly action: 'role' | 'remove-second-factor';
  readonly email: string;
  readonly add: readonly Role[];
  readonly remove: readonly Role[];
  readonly dataDir: string | null;
}

const SYNTAX = { name: 'users', usage: USAGE, options: OPTIONS, read: readRequest };

/** Shows and changes what somebody is in an installation, without its service. */
export async function usersCommand(args: readonly string[], output: Output): Promise<number> {
  const request = requestOf(SYNTAX, args, output);
  if (request.isErr()) return request.error;
  const storage = await openAccountPlace(request.value.dataDir, process.env);
  if (storage.isErr()) return refused(output, storage.error);
  try {
    const told =
      request.value.action === 'role'
        ? await changedRoles(request.value, storage.value)
        : await withoutSecondFactor(request.value, storage.value);
    if (told.isErr()) return refused(output, told.error);
    output.out(`${request.value.email}: ${told.value.join(', ')}`);
    return 0;
  } finally {
    await storage.value.close();
  }
}

function readRequest(
  values: { readonly add?: readonly string[]; readonly remove?: readonly string[]; readonly 'data-dir'?: string },
  [action, email, ...rest]: readonly string[],
): Result<Request, UsageError> {
  const isKnown = action === 'role' || action === 'remove-second-factor';
  if (!isKnown || email === undefined || rest.length > 0) {
    return err(usageError('"role EMAIL" or "remove-second-factor EMAIL" is needed'));
  }
  const { add = [], remove = [] } = values;
  if (action !== 'role' && add.length + remove.length > 0) return err(usageError('roles go with "role EMAIL"'));
  const unknown = [...add, ...remove].find((name) => !isRole(name));
  if (unknown !== undefined) return err(usageError(`${unknown} is no role; there are ${ROLES.join(', ')}`));
  return ok({
    action,
    email,
    add: add.filter(isRole),
    remove: remove.filter(isRole),
    dataDir: values['data-dir'] ?? null,
  });
}

const accountWith = (accounts: AccountStore, email: string): ResultAsync<Account, string> =>
  accounts
    .byEmailKey(emailKey(email))
    .mapErr(portFault)
    .andThen((account) => (account === null ? err(`nobody here has the address ${email}`) : ok(account)));

async function changedRoles(
  { email, add, remove }: Request,
  storage: Storage,
): Promise<Result<readonly Role[], string>> {
  const { people } = storage;
  if (people.kind === 'cognito') return err('roles are groups of the user pool here: change them there');
  const account = await accountWith(people.accounts, email);
  if (account.isErr()) return err(account.error);
  const { userId, roles: before } = account.value;
  const isOnlyTold = add.length + remove.length === 0;
  const kept = [...before, ...add].filter((role) => role === 'patient' || !remove.includes(role));
  const roles = [...new Set<Role>(['patient', ...kept])];
  const deed = { operation: 'clarity users role', subject: userId, dataTypes: ['account'] } as const;
  return writtenDown(storage, { ...deed, action: isOnlyTold ? 'read' : 'update' }, async () => {
    if (isOnlyTold) return ok(before);
    // As an administrator's change over HTTP: after it, so that no token tells what was true before.
    const tokens = { erasedOwners: storage.erasedOwners, digest: nodeDigest, clock: systemClock };
    const given = await people.accounts.setRoles(userId, roles).andThen(() => endTokens(tokens)(userId));
    if (given.isOk()) return ok(roles);
    return err(given.error.kind === 'unknown-user' ? `${email} has just been deleted` : portFault(given.error));
  });
}

async function withoutSecondFactor({ email }: Request, storage: Storage): Promise<Result<readonly string[], string>> {
  const { people } = storage;
  if (people.kind === 'cognito') return err('second factors are those of the user pool here: take them away there');
  const account = await accountWith(people.accounts, email);
  if (account.isErr()) return err(account.error);
  const { userId } = account.value;
  const deed = { operation: 'clarity users remove-second-factor', subject: userId, dataTypes: ['account'] } as const;
  return writtenDown(storage, { ...deed, action: 'update' }, async () => {
    const removed = await people.secondFactors.eraseOwner(userId);
    return removed.isOk() ? ok(['no second factor']) : err(portFault(removed.error));
  });
}

function refused(output: Output, message: string): number {
  for (const line of message.split('\n')) output.note(`clarity users: ${line}`);
  return 1;
}
