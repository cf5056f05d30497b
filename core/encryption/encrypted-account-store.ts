import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { AdministratorNeeded } from '../admin/errors.ts';
import type { EmailTaken, UnknownUser } from '../auth/errors.ts';
import type { Account, AccountQuery, AccountStanding, AccountStore } from '../auth/account-store.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { SealedFields, type Encryption } from './sealed-fields.ts';

const EMAIL = 'account.email';
const NAME = 'account.display-name';

/**
 * An account store that is given addresses and names encrypted only. What an address is found by is a keyed hash of it (a
 * blind index), so that whoever sees the store alone can neither read addresses nor try them. Accounts that an older
 * version stored in plain form are found as well, and are encrypted when they next change.
 */
export class EncryptedAccountStore implements AccountStore {
  readonly #store: AccountStore;
  readonly #encryption: Encryption;
  readonly #fields: SealedFields;

  constructor(store: AccountStore, encryption: Encryption) {
    this.#store = store;
    this.#encryption = encryption;
    this.#fields = new SealedFields('AccountStore', encryption);
  }

  insert(account: Account): ResultAsync<void, EmailTaken | PortUnavailable> {
    return this.#holder(account.emailKey)
      .andThen((holder): ResultAsync<Account, EmailTaken | PortUnavailable> =>
        holder === null ? this.#sealed(account) : errAsync({ kind: 'email-taken' }),
      )
      .andThen((sealed) => this.#store.insert(sealed));
  }

  byEmailKey(emailKey: string): ResultAsync<Account | null, PortUnavailable> {
    return this.#holder(emailKey).andThen((found) => this.#openedIfAny(found, 'byEmailKey'));
  }

  byId(user: UserId): ResultAsync<Account | null, PortUnavailable> {
    return this.#store.byId(user).andThen((found) => this.#openedIfAny(found, 'byId'));
  }

  update(account: Account): ResultAsync<void, EmailTaken | UnknownUser | PortUnavailable> {
    // A stranger to the store gets no key.
    return this.#store
      .byId(account.userId)
      .andThen((before): ResultAsync<Account | null, UnknownUser | PortUnavailable> =>
        before === null ? errAsync({ kind: 'unknown-user' }) : this.#holder(account.emailKey),
      )
      .andThen((holder): ResultAsync<Account, EmailTaken | PortUnavailable> =>
        holder !== null && holder.userId !== account.userId ? errAsync({ kind: 'email-taken' }) : this.#sealed(account),
      )
      .andThen((sealed) => this.#store.update(sealed));
  }

  setPassword(...given: Parameters<AccountStore['setPassword']>): ReturnType<AccountStore['setPassword']> {
    return this.#store.setPassword(...given);
  }

  setRoles(...given: Parameters<AccountStore['setRoles']>): ReturnType<AccountStore['setRoles']> {
    return this.#store.setRoles(...given);
  }

  list(query: AccountQuery): ResultAsync<readonly Account[], PortUnavailable> {
    return this.#store
      .list(query)
      .andThen((accounts) => ResultAsync.combine(accounts.map((account) => this.#opened(account, 'list'))));
  }

  changeStanding(
    user: UserId,
    standing: AccountStanding,
  ): ResultAsync<Account, UnknownUser | AdministratorNeeded | PortUnavailable> {
    return this.#store.changeStanding(user, standing).andThen((account) => this.#opened(account, 'changeStanding'));
  }

  insertSession(...given: Parameters<AccountStore['insertSession']>): ReturnType<AccountStore['insertSession']> {
    return this.#store.insertSession(...given);
  }

  session(...given: Parameters<AccountStore['session']>): ReturnType<AccountStore['session']> {
    return this.#store.session(...given);
  }

  rotateSession(...given: Parameters<AccountStore['rotateSession']>): ReturnType<AccountStore['rotateSession']> {
    return this.#store.rotateSession(...given);
  }

  openSessions(...given: Parameters<AccountStore['openSessions']>): ReturnType<AccountStore['openSessions']> {
    return this.#store.openSessions(...given);
  }

  revokeSession(...given: Parameters<AccountStore['revokeSession']>): ReturnType<AccountStore['revokeSession']> {
    return this.#store.revokeSession(...given);
  }

  revokeAllSessions(
    ...given: Parameters<AccountStore['revokeAllSessions']>
  ): ReturnType<AccountStore['revokeAllSessions']> {
    return this.#store.revokeAllSessions(...given);
  }

  erase(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#store.erase(user);
  }

  /** The account as it is stored, of whoever has the address. */
  #holder(emailKey: string): ResultAsync<Account | null, PortUnavailable> {
    return this.#index(emailKey)
      .andThen((index) => this.#store.byEmailKey(index))
      .andThen((found) => (found === null ? this.#plainHolder(emailKey) : okAsync(found)));
  }

  /** Of an older version's accounts. What is an index of another's address finds nothing. */
  #plainHolder(emailKey: string): ResultAsync<Account | null, PortUnavailable> {
    return this.#store
      .byEmailKey(emailKey)
      .andThen((found) =>
        found === null
          ? okAsync(null)
          : this.#openedIfAny(found, 'byEmailKey').map((opened) => (opened?.emailKey === emailKey ? found : null)),
      );
  }

  #index(emailKey: string): ResultAsync<string, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys.ofInstallation().map((key) => cipher.blindIndex(key, EMAIL, emailKey));
  }

  #sealed(account: Account): ResultAsync<Account, PortUnavailable> {
    const { userId, email, emailKey, displayName } = account;
    return this.#index(emailKey).andThen((index) =>
      this.#fields.sealer(userId).map((seal) => ({
        ...account,
        email: seal(EMAIL, userId, JSON.stringify([email, emailKey])),
        emailKey: index,
        displayName: displayName === null ? null : seal(NAME, userId, displayName),
      })),
    );
  }

  #openedIfAny(stored: Account | null, operation: string): ResultAsync<Account | null, PortUnavailable> {
    return stored === null ? okAsync(null) : this.#opened(stored, operation);
  }

  #opened(stored: Account, operation: string): ResultAsync<Account, PortUnavailable> {
    const { userId: owner } = stored;
    return this.#fields
      .openIfSealed({ owner, purpose: EMAIL, record: owner }, stored.email, operation)
      .andThen((text) =>
        this.#fields.open({ owner, purpose: NAME, record: owner }, stored.displayName, operation).map((displayName) => {
          if (text === null) return { ...stored, displayName };
          const [email, emailKey] = JSON.parse(text) as [string, string];
          return { ...stored, email, emailKey, displayName };
        }),
      );
  }
}
