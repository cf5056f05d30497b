import { err, ok, okAsync, type ResultAsync } from 'neverthrow';
import type { Account, AccountStore } from '../../core/auth/account-store.ts';
import type { EmailTaken, TooManyAttempts, UnknownUser } from '../../core/auth/errors.ts';
import type { Profile } from '../../core/auth/identity-ports.ts';
import { addressChangeMail } from '../../core/auth/mail-texts.ts';
import { emailKey } from '../../core/auth/model.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { UserId } from '../../core/kernel/ids.ts';
import type { MailedCodes } from './mailed-codes.ts';

export interface LocalProfileDeps {
  readonly accounts: Pick<AccountStore, 'byEmailKey' | 'byId' | 'update'>;
  readonly codes: Pick<MailedCodes, 'send' | 'tellAfterAnswer'>;
  readonly clock: Clock;
}

/** What a person sees and changes of their local account. */
export class LocalProfile {
  readonly #deps: LocalProfileDeps;

  constructor(deps: LocalProfileDeps) {
    this.#deps = deps;
  }

  /** See `IdentityProvider.profile`. */
  profile(user: UserId): ResultAsync<Profile, UnknownUser | PortUnavailable> {
    return this.#account(user).map(profileOf);
  }

  /**
   * A new address is sent a code, and takes effect when that is confirmed: until then the old one stays. One that differs
   * only in case or spacing is the same address, takes effect at once and stays as verified as it was. The empty display
   * name removes the name. A change that is asked for again while its code is fresh is not mailed again.
   */
  changeProfile(
    user: UserId,
    change: { readonly displayName?: string; readonly email?: string },
  ): ResultAsync<Profile, UnknownUser | EmailTaken | TooManyAttempts | PortUnavailable> {
    return this.#account(user).andThen((account) => {
      const changed = withChange(account, change);
      return this.#sendCodeToNewAddress(account, change.email).andThen(() =>
        changed === account
          ? ok(profileOf(account))
          : this.#deps.accounts.update(changed).map(() => profileOf(changed)),
      );
    });
  }

  #account(user: UserId): ResultAsync<Account, UnknownUser | PortUnavailable> {
    return this.#deps.accounts.byId(user).andThen((account) => (account === null ? err(UNKNOWN_USER) : ok(account)));
  }

  #sendCodeToNewAddress(
    account: Account,
    email: string | undefined,
  ): ResultAsync<void, EmailTaken | TooManyAttempts | PortUnavailable> {
    const { accounts, codes, clock } = this.#deps;
    if (email === undefined || emailKey(email) === account.emailKey) return okAsync(undefined);
    return accounts
      .byEmailKey(emailKey(email))
      .andThen((holder) => (holder === null ? ok(undefined) : err(EMAIL_TAKEN)))
      .andThen(() => codes.send(account, 'change', email))
      .andThen((issued) => {
        if (issued.kind === 'issued') {
          // Whoever has taken the account's place for a moment is not to take it for good unseen.
          codes.tellAfterAnswer(account, account.email, addressChangeMail());
          return ok(undefined);
        }
        const { standing, untilMs } = issued;
        const nowMs = clock.now();
        const isSentThere = standing.address === email && !standing.used && nowMs < standing.expiresAtMs;
        const retryAfterSeconds = Math.ceil((untilMs - nowMs) / 1000);
        return isSentThere ? ok(undefined) : err({ kind: 'too-many-attempts' as const, retryAfterSeconds });
      });
  }
}

const EMAIL_TAKEN: EmailTaken = { kind: 'email-taken' };
const UNKNOWN_USER: UnknownUser = { kind: 'unknown-user' };

/** The account with what of the change takes effect at once. */
function withChange(
  account: Account,
  { displayName, email }: { readonly displayName?: string; readonly email?: string },
): Account {
  const named = displayName === undefined ? account : { ...account, displayName: displayName || null };
  return email === undefined || emailKey(email) !== account.emailKey ? named : { ...named, email };
}

function profileOf({ userId, email, emailVerified, displayName }: Account): Profile {
  return { userId, email, emailVerified, displayName, provider: 'local' };
}
