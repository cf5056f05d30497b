import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { Argon2Cost } from '../../../adapters/local-identity/argon2.ts';
import type { CodeSecrets } from '../../../adapters/local-identity/code-secrets.ts';
import {
  LocalIdentityProvider,
  type LocalIdentityDeps,
  type LocalIdentityOptions,
} from '../../../adapters/local-identity/local-identity-provider.ts';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import { MemoryEmailedCodes } from '../../../adapters/memory/emailed-codes.ts';
import { MemoryLoginAttempts } from '../../../adapters/memory/login-attempts.ts';
import { MemoryMailOutbox } from '../../../adapters/memory/mail-outbox.ts';
import { MemorySecondFactorStore } from '../../../adapters/memory/second-factor-store.ts';
import type {
  Account,
  AccountQuery,
  AccountStanding,
  AccountStore,
  Session,
  ShownRefreshToken,
} from '../../../core/auth/account-store.ts';
import type { SigningKeyStore, StoredSigningKey } from '../../../core/auth/signing-key-store.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import { rotationOf } from '../../../core/auth/session-rotation.ts';
import type { PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';

/** Too little work to protect anything, so that a test spends its time on what it is about. */
export const CHEAP_ARGON2: Argon2Cost = { memoryKiB: 8, passes: 1, lanes: 1 };
export const ISSUER = 'https://clarity.example.org';
export const AUDIENCE = 'clarity-app';
export const START_MS = Date.UTC(2025, 5, 15, 12);

/** An account store for one test, open to it. */
export class AccountTable implements AccountStore {
  readonly accounts = new Map<UserId, Account>();
  readonly sessions = new Map<string, Session>();

  insert(account: Account): ReturnType<AccountStore['insert']> {
    if (this.#owner(account.emailKey) !== null) return errAsync({ kind: 'email-taken' });
    this.accounts.set(account.userId, account);
    return okAsync(undefined);
  }

  byEmailKey(emailKey: string): ReturnType<AccountStore['byEmailKey']> {
    return okAsync(this.#owner(emailKey));
  }

  byId(user: UserId): ReturnType<AccountStore['byId']> {
    return okAsync(this.accounts.get(user) ?? null);
  }

  update(account: Account): ReturnType<AccountStore['update']> {
    const owner = this.#owner(account.emailKey);
    if (owner !== null && owner.userId !== account.userId) return errAsync({ kind: 'email-taken' });
    const before = this.accounts.get(account.userId);
    if (before === undefined) return errAsync({ kind: 'unknown-user' });
    this.accounts.set(account.userId, { ...account, passwordHash: before.passwordHash });
    return okAsync(undefined);
  }

  setPassword(user: UserId, passwordHash: string, before: string | null): ReturnType<AccountStore['setPassword']> {
    const account = this.accounts.get(user);
    if (account === undefined) return errAsync({ kind: 'unknown-user' });
    if (before !== null && account.passwordHash !== before) return okAsync(false);
    this.accounts.set(user, { ...account, passwordHash });
    return okAsync(true);
  }

  setRoles(user: UserId, roles: readonly Role[]): ReturnType<AccountStore['setRoles']> {
    const account = this.accounts.get(user);
    if (account === undefined) return errAsync({ kind: 'unknown-user' });
    this.accounts.set(user, { ...account, roles });
    return okAsync(undefined);
  }

  list({ limit }: AccountQuery): ReturnType<AccountStore['list']> {
    return okAsync([...this.accounts.values()].slice(0, limit));
  }

  changeStanding(user: UserId, standing: AccountStanding): ReturnType<AccountStore['changeStanding']> {
    const account = this.accounts.get(user);
    if (account === undefined) return errAsync({ kind: 'unknown-user' });
    const changed = { ...account, ...standing };
    this.accounts.set(user, changed);
    return okAsync(changed);
  }

  insertSession(session: Session): ReturnType<AccountStore['insertSession']> {
    this.sessions.set(session.sessionId, session);
    return okAsync(undefined);
  }

  session(sessionId: string): ReturnType<AccountStore['session']> {
    return okAsync(this.sessions.get(sessionId) ?? null);
  }

  rotateSession(shown: ShownRefreshToken): ReturnType<AccountStore['rotateSession']> {
    const rotation = rotationOf(this.sessions.get(shown.sessionId) ?? null, shown);
    if (rotation.kind !== 'over') this.sessions.set(shown.sessionId, rotation.session);
    return okAsync(rotation);
  }

  openSessions(user: UserId, nowMs: number, most: number): ReturnType<AccountStore['openSessions']> {
    const open = [...this.sessions.values()].filter(
      ({ userId, revoked, expiresAtMs }) => userId === user && !revoked && nowMs < expiresAtMs,
    );
    return okAsync(open.sort((a, b) => b.lastUsedAtMs - a.lastUsedAtMs).slice(0, most));
  }

  revokeSession(user: UserId, sessionId: string): ReturnType<AccountStore['revokeSession']> {
    const session = this.sessions.get(sessionId);
    if (session?.userId !== user || session.revoked) return okAsync(false);
    this.sessions.set(sessionId, { ...session, revoked: true });
    return okAsync(true);
  }

  revokeAllSessions(user: UserId): ReturnType<AccountStore['revokeAllSessions']> {
    for (const { userId, sessionId } of this.sessions.values())
      if (userId === user) this.revokeSession(user, sessionId);
    return okAsync(undefined);
  }

  erase(user: UserId): ReturnType<AccountStore['erase']> {
    this.accounts.delete(user);
    for (const [id, session] of this.sessions) if (session.userId === user) this.sessions.delete(id);
    return okAsync(undefined);
  }

  #owner(emailKey: string): Account | null {
    return [...this.accounts.values()].find((account) => account.emailKey === emailKey) ?? null;
  }
}

/** A signing key store for one test; `json` is the first key once there is one. */
export class KeySlot implements SigningKeyStore {
  json: string | null = null;
  creations = 0;
  readonly others = new Map<string, string>();

  loadOrCreate(create: () => Promise<string>): ReturnType<SigningKeyStore['loadOrCreate']> {
    return ResultAsync.fromSafePromise(this.#loadOrCreate(create)).map((jwk) => [
      { name: 'signing-key', jwk },
      ...[...this.others].map(([name, other]) => ({ name, jwk: other })),
    ]);
  }

  add({ name, jwk }: StoredSigningKey): ReturnType<SigningKeyStore['add']> {
    this.others.set(name, jwk);
    return okAsync(undefined);
  }

  remove(name: string): ReturnType<SigningKeyStore['remove']> {
    this.others.delete(name);
    return okAsync(undefined);
  }

  async #loadOrCreate(create: () => Promise<string>): Promise<string> {
    if (this.json !== null) return this.json;
    this.creations += 1;
    const created = await create();
    this.json ??= created;
    return this.json;
  }
}

/** The first code that an installation sends; each later one is one more. */
export const FIRST_CODE = '123456';
/** The code that is never sent. */
export const WRONG_CODE = '000000';

/** Codes and salts in counting order. */
export function countingSecrets(): CodeSecrets {
  let codes = 0;
  let salts = 0;
  let octets = 0;
  return {
    code: () => String(Number(FIRST_CODE) + codes++),
    salt: () => String((salts += 1)).padStart(32, '0'),
    octets: (count) => new Uint8Array(count).fill((octets += 1)),
  };
}

/** A local identity provider with everything around it that a test may turn. */
export function localInstallation(options: Partial<LocalIdentityOptions> = {}, deps: Partial<LocalIdentityDeps> = {}) {
  const time = { nowMs: START_MS };
  const accounts = new AccountTable();
  const keys = new KeySlot();
  const outbox = new MemoryMailOutbox();
  const attempts = new MemoryLoginAttempts();
  const unsent: PortUnavailable[] = [];
  const reused: UserId[] = [];
  const tokensEnded: UserId[] = [];
  let lastId = 0;
  const all: LocalIdentityDeps = {
    accounts,
    signingKeys: keys,
    codes: new MemoryEmailedCodes(),
    attempts,
    secondFactors: new MemorySecondFactorStore(),
    mail: outbox,
    secrets: countingSecrets(),
    passwords: new PasswordHashes({ cost: CHEAP_ARGON2 }),
    clock: { now: () => time.nowMs },
    ids: { uuid: () => `00000000-0000-4000-8000-${String((lastId += 1)).padStart(12, '0')}` },
    unsent: (error) => unsent.push(error),
    endTokens: (user) => {
      tokensEnded.push(user);
      return okAsync(undefined);
    },
    reused: (user) => {
      reused.push(user);
      return okAsync(undefined);
    },
    ...deps,
  };
  const provider = new LocalIdentityProvider(all, { issuer: ISSUER, audience: AUDIENCE, ...options });
  return { provider, accounts, keys, time, outbox, attempts, unsent, reused, tokensEnded, deps: all };
}
