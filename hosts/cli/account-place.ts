import { existsSync } from 'node:fs';
import path from 'node:path';
import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { Profile } from '../../core/auth/identity-ports.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { userId, type UserId } from '../../core/kernel/ids.ts';
import { readConfig } from '../wiring/config.ts';
import { operatorWords } from '../wiring/log/operator-words.ts';
import { openStorage } from '../wiring/open-storage.ts';
import type { People, Storage } from '../wiring/storage.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the storage of an installation as its service would, with the same variables; it has to be there already. Fails
 * with one plain text (a line a problem).
 */
export function openAccountPlace(dataDir: string | null, environment: Environment): ResultAsync<Storage, string> {
  const config = readConfig({ ...environment, ...(dataDir === null ? {} : { DATA_DIR: dataDir }) });
  if (config.isErr()) {
    return errAsync(config.error.map(({ variable, message }) => `${variable}: ${message}`).join('\n'));
  }
  if (config.value.storage === 'memory') return errAsync('STORAGE=memory keeps nothing between two programs');
  // As `openStorage` lays an installation out.
  const databaseFile = path.join(config.value.dataDir, 'clarity.db');
  if (config.value.aws === null && !existsSync(databaseFile)) {
    return errAsync(`there is no installation in ${config.value.dataDir}: ${databaseFile} does not exist`);
  }
  return openStorage(config.value, { writeOn: 'this-thread' }).mapErr((error) =>
    error.kind === 'schema-too-new' ? error.message : portFault(error),
  );
}

/** Whoever was named, by id or by the address of somebody here. An id needs no account. */
export function userNamed(people: People, name: string): ResultAsync<UserId, string> {
  if (!name.includes('@')) return okAsync(userId(name));
  if (people.kind === 'cognito') return errAsync('a user pool is asked by id (the sub of the account), not by address');
  return people.accounts
    .byEmailKey(emailKey(name))
    .mapErr(portFault)
    .andThen((account) =>
      account === null ? errAsync(`nobody here has the address ${name}`) : okAsync(account.userId),
    );
}

/** The account of that id; null where there is none. */
export function profileIn(people: People, user: UserId): ResultAsync<Profile | null, string> {
  if (people.kind === 'cognito') {
    return people.provider
      .profile(user)
      .map((profile): Profile | null => profile)
      .orElse((error) => (error.kind === 'unknown-user' ? okAsync(null) : errAsync(portFault(error))));
  }
  return people.accounts
    .byId(user)
    .map((account) => {
      if (account === null) return null;
      const { email, emailVerified, displayName } = account;
      return { userId: user, email, emailVerified, displayName, provider: 'local' };
    })
    .mapErr(portFault);
}

/** What did not do its part, in words that hold nothing of anybody's. */
export const portFault = ({ port, operation, cause }: PortUnavailable): string =>
  `${port}.${operation}: ${operatorWords(cause)}`;
