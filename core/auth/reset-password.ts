import type { Result, ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { acceptablePassword } from './acceptable-password.ts';
import { normalizeCode, parseEmail } from './model.ts';
import type { ExpiredCode, InvalidCode, TooManyAttempts, WeakPassword } from './errors.ts';
import type { PasswordRecovery } from './identity-ports.ts';
import type { KnownPasswords } from './password-ports.ts';

export interface ResetPasswordDeps {
  readonly recovery: PasswordRecovery;
  readonly knownPasswords: KnownPasswords;
}

export interface ResetPasswordCommand {
  readonly email: string;
  readonly code: string;
  readonly newPassword: string;
}

/** Sets a new password with the code that `forgotPassword` sent. A weak one is refused before the code is used up. */
export const resetPassword =
  ({ recovery, knownPasswords }: ResetPasswordDeps) =>
  (
    command: ResetPasswordCommand,
  ): ResultAsync<void, InputRejected | InvalidCode | ExpiredCode | WeakPassword | TooManyAttempts | PortUnavailable> =>
    read(command)
      .asyncAndThrough(({ newPassword }) => acceptablePassword(knownPasswords, newPassword))
      .andThen((given) => recovery.reset(given));

function read({ email, code, newPassword }: ResetPasswordCommand): Result<ResetPasswordCommand, InputRejected> {
  return parseEmail(email)
    .mapErr((issue) => inputRejected(issue))
    .map((address) => ({ email: address, code: normalizeCode(code), newPassword }));
}
