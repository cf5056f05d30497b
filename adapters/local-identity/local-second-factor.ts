import { createHmac, timingSafeEqual } from 'node:crypto';
import { err, errAsync, ok, okAsync, type ResultAsync } from 'neverthrow';
import { fromBase32, toBase32 } from '../../core/auth/base32.ts';
import type { InvalidCode, SecondFactorEnabled, TooManyAttempts, UnknownUser } from '../../core/auth/errors.ts';
import type { AccountStore } from '../../core/auth/account-store.ts';
import type {
  BegunSecondFactor,
  SecondFactor,
  SecondFactorProof,
  SecondFactorSetup,
  SecondFactorStore,
} from '../../core/auth/second-factor-ports.ts';
import { codeAt, otpauthUri, stepsTakenAt, TOTP_SECRET_OCTETS, type HmacSha1 } from '../../core/auth/totp.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import type { Ids, UserId } from '../../core/kernel/ids.ts';
import type { CodeSecrets } from './code-secrets.ts';
import type { LoginLock } from './login-lock.ts';
import {
  hashOfRecoveryCode,
  isLikeRecoveryCode,
  RECOVERY_CODE_OCTETS,
  RECOVERY_CODES,
  recoveryCodeOf,
} from './recovery-codes.ts';

/** What an authenticator app shows above the code. */
const ISSUER = 'Clarity';

export interface LocalSecondFactorDeps {
  readonly accounts: Pick<AccountStore, 'byId'>;
  readonly factors: SecondFactorStore;
  readonly lock: LoginLock;
  readonly secrets: Pick<CodeSecrets, 'octets'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The time-based codes of local accounts (RFC 6238), and the recovery codes that stand in for them. */
export class LocalSecondFactor implements SecondFactorSetup {
  readonly #deps: LocalSecondFactorDeps;

  constructor(deps: LocalSecondFactorDeps) {
    this.#deps = deps;
  }

  begin(user: UserId): ResultAsync<BegunSecondFactor, SecondFactorEnabled | UnknownUser | PortUnavailable> {
    const { accounts, factors, secrets, ids } = this.#deps;
    return accounts.byId(user).andThen((account) => {
      if (account === null) return errAsync({ kind: 'unknown-user' as const });
      const secret = toBase32(secrets.octets(TOTP_SECRET_OCTETS));
      return factors
        .begin(user, { factorId: ids.uuid(), secret })
        .andThen((begun) =>
          begun ? ok({ secret, uri: otpauthUri({ issuer: ISSUER, name: account.email, secret }) }) : err(ENABLED),
        );
    });
  }

  confirm(
    user: UserId,
    code: string,
  ): ResultAsync<readonly string[], InvalidCode | SecondFactorEnabled | TooManyAttempts | PortUnavailable> {
    const { factors, secrets } = this.#deps;
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () =>
      recoveryCodeOf(secrets.octets(RECOVERY_CODE_OCTETS)),
    );
    const recoveryHashes = recoveryCodes.map((recoveryCode) => hashOfRecoveryCode(user, recoveryCode));
    return factors.find(user).andThen((factor) => {
      if (factor?.enabled === true) return errAsync(ENABLED);
      return this.#tried(user, () => {
        const step = factor === null ? null : this.#stepOf(factor, code);
        if (factor === null || step === null) return okAsync(false);
        return factors.enable(user, { factorId: factor.factorId, step, recoveryHashes });
      }).map(() => recoveryCodes);
    });
  }

  remove(user: UserId, code: string): ResultAsync<void, InvalidCode | TooManyAttempts | PortUnavailable> {
    const { factors } = this.#deps;
    return this.#shown(user, code, (proof) => factors.removeBy(user, proof));
  }

  /** Whether a login of the person needs more than the password. */
  isEnabled(user: UserId): ResultAsync<boolean, PortUnavailable> {
    return this.#deps.factors.find(user).map((factor) => factor?.enabled === true);
  }

  /** Uses up a code or a recovery code. */
  spend(user: UserId, code: string): ResultAsync<void, InvalidCode | TooManyAttempts | PortUnavailable> {
    const { factors } = this.#deps;
    return this.#shown(user, code, (proof) => factors.spend(user, proof));
  }

  /** Forgets failed tries, for whoever has shown otherwise who they are. */
  forgetTries(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#deps.lock.clear(triesOf(user));
  }

  eraseOwner(user: UserId): ResultAsync<void, PortUnavailable> {
    return this.#deps.factors.eraseOwner(user).andThen(() => this.forgetTries(user));
  }

  #shown(
    user: UserId,
    code: string,
    use: (proof: SecondFactorProof) => ResultAsync<boolean, PortUnavailable>,
  ): ResultAsync<void, InvalidCode | TooManyAttempts | PortUnavailable> {
    return this.#deps.factors.find(user).andThen((factor) =>
      this.#tried(user, () => {
        const proof = this.#proofOf(user, factor, code);
        return proof === null ? okAsync(false) : use(proof);
      }),
    );
  }

  /**
   * Lets none through after too many tries: six digits can be guessed. Each is counted before it is looked at, so that of many
   * at the same time no more are right or wrong than of as many one after the other.
   */
  #tried(
    user: UserId,
    work: () => ResultAsync<boolean, PortUnavailable>,
  ): ResultAsync<void, InvalidCode | TooManyAttempts | PortUnavailable> {
    const { lock } = this.#deps;
    const tries = triesOf(user);
    return lock
      .take(tries)
      .andThen(work)
      .andThen((isRight): ResultAsync<void, InvalidCode | PortUnavailable> =>
        isRight ? lock.clear(tries) : errAsync(INVALID_CODE),
      );
  }

  #proofOf(user: UserId, factor: SecondFactor | null, code: string): SecondFactorProof | null {
    if (isLikeRecoveryCode(code)) return { kind: 'recovery', hash: hashOfRecoveryCode(user, code) };
    const step = factor === null ? null : this.#stepOf(factor, code);
    return factor === null || step === null ? null : { kind: 'totp', factorId: factor.factorId, step };
  }

  /** The step around now whose code this is; every one is computed, whichever it is. */
  #stepOf({ secret }: SecondFactor, code: string): number | null {
    const key = fromBase32(secret);
    if (key === null) return null;
    const matching = stepsTakenAt(this.#deps.clock.now()).filter((step) => isSame(codeAt(hmacSha1, key, step), code));
    return matching[0] ?? null;
  }
}

const hmacSha1: HmacSha1 = (key, message) => createHmac('sha1', key).update(message).digest();

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Tries of the second factor are counted beside those of the password, under what is no address. */
const triesOf = (user: UserId): string => `second factor of ${user}`;

const INVALID_CODE: InvalidCode = { kind: 'invalid-code' };
const ENABLED: SecondFactorEnabled = { kind: 'second-factor-enabled' };
