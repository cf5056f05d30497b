import type { ResultAsync } from 'neverthrow';
import type { LoginAttempts } from '../auth/password-ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { Encryption } from './sealed-fields.ts';

/**
 * Failed logins, kept by keyed hashes of the e-mail address and of the network address they came from: also of people who mistyped
 * theirs, and have no account here.
 */
export class IndexedLoginAttempts implements LoginAttempts {
  readonly #attempts: LoginAttempts;
  readonly #encryption: Encryption;

  constructor(attempts: LoginAttempts, encryption: Encryption) {
    this.#attempts = attempts;
    this.#encryption = encryption;
  }

  lockedUntil(
    ...[emailKey, nowMs, policy, client]: Parameters<LoginAttempts['lockedUntil']>
  ): ReturnType<LoginAttempts['lockedUntil']> {
    return this.#indexes(emailKey, client).andThen((kept) =>
      this.#attempts.lockedUntil(kept.emailKey, nowMs, policy, kept.client),
    );
  }

  recordFailure(
    ...[emailKey, nowMs, policy, client]: Parameters<LoginAttempts['recordFailure']>
  ): ReturnType<LoginAttempts['recordFailure']> {
    return this.#indexes(emailKey, client).andThen((kept) =>
      this.#attempts.recordFailure(kept.emailKey, nowMs, policy, kept.client),
    );
  }

  recordSuccess(
    ...[emailKey, nowMs, policy, client]: Parameters<LoginAttempts['recordSuccess']>
  ): ReturnType<LoginAttempts['recordSuccess']> {
    return this.#indexes(emailKey, client).andThen((kept) =>
      this.#attempts.recordSuccess(kept.emailKey, nowMs, policy, kept.client),
    );
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    return this.#indexes(emailKey, undefined).andThen((kept) => this.#attempts.clear(kept.emailKey));
  }

  /** The e-mail address and the client's network address as they are kept. */
  #indexes(
    emailKey: string,
    client: string | undefined,
  ): ResultAsync<{ readonly emailKey: string; readonly client: string | undefined }, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys.ofInstallation().map((key) => ({
      emailKey: cipher.blindIndex(key, 'login-attempts', emailKey),
      // No client stays none: adapters count those apart.
      client: client === undefined ? undefined : cipher.blindIndex(key, 'login-client', client),
    }));
  }
}
