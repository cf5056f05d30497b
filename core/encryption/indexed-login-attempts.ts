import type { ResultAsync } from 'neverthrow';
import type { LoginAttempts } from '../auth/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { Encryption } from './sealed-fields.ts';

/** Failed logins, kept by a keyed hash of the address: also of people who mistyped theirs, and have no account here. */
export class IndexedLoginAttempts implements LoginAttempts {
  readonly #attempts: LoginAttempts;
  readonly #encryption: Encryption;

  constructor(attempts: LoginAttempts, encryption: Encryption) {
    this.#attempts = attempts;
    this.#encryption = encryption;
  }

  lockedUntil(
    ...[emailKey, ...rest]: Parameters<LoginAttempts['lockedUntil']>
  ): ReturnType<LoginAttempts['lockedUntil']> {
    return this.#index(emailKey).andThen((index) => this.#attempts.lockedUntil(index, ...rest));
  }

  recordFailure(
    ...[emailKey, ...rest]: Parameters<LoginAttempts['recordFailure']>
  ): ReturnType<LoginAttempts['recordFailure']> {
    return this.#index(emailKey).andThen((index) => this.#attempts.recordFailure(index, ...rest));
  }

  recordSuccess(
    ...[emailKey, ...rest]: Parameters<LoginAttempts['recordSuccess']>
  ): ReturnType<LoginAttempts['recordSuccess']> {
    return this.#index(emailKey).andThen((index) => this.#attempts.recordSuccess(index, ...rest));
  }

  clear(emailKey: string): ResultAsync<void, PortUnavailable> {
    return this.#index(emailKey).andThen((index) => this.#attempts.clear(index));
  }

  #index(emailKey: string): ResultAsync<string, PortUnavailable> {
    const { keys, cipher } = this.#encryption;
    return keys.ofInstallation().map((key) => cipher.blindIndex(key, 'login-attempts', emailKey));
  }
}
