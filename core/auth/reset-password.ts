import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { normalizeCode, parseEmail, unmetPasswordRules } from './model.ts';
import type { ExpiredCode, InvalidCode, TooManyAttempts, WeakPassword } from './errors.ts';
import type { PasswordRecovery } from './ports.ts';

export interface ResetPasswordDeps {
  readonly recovery: PasswordRecovery;
}

export interface ResetPasswordCommand {
  readonly email: string;
  readonly code: string;
  readonly newPassword: string;
}

/** Sets a new password with the code that `forgotPassword` sent. A weak one is refused before the code is used up. */
export const resetPassword =
  ({ recovery }: ResetPasswordDeps) =>
  (
    command: ResetPasswordCommand,
  ): ResultAsync<void, InputRejected | InvalidCode | ExpiredCode | WeakPassword | TooManyAttempts | PortUnavailable> =>
    read(command).asyncAndThen((given) => recovery.reset(given));

function read(command: ResetPasswordCommand): Result<ResetPasswordCommand, InputRejected | WeakPassword> {
  return parseEmail(command.email)
    .mapErr((issue): InputRejected | WeakPassword => inputRejected(issue))
    .andThen((email) => {
      const unmet = unmetPasswordRules(command.newPassword);
      if (unmet.length > 0) return err({ kind: 'weak-password' as const, unmet });
      return ok({ email, code: normalizeCode(command.code), newPassword: command.newPassword });
    });
}
