import type { ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { parseEmail } from './model.ts';
import type { PasswordRecovery } from './identity-ports.ts';

export interface ForgotPasswordDeps {
  readonly recovery: PasswordRecovery;
}

/** Sends a code for a new password, where an account can use it. Nobody can tell from the answer whether one can. */
export const forgotPassword =
  ({ recovery }: ForgotPasswordDeps) =>
  (email: string): ResultAsync<void, InputRejected | PortUnavailable> =>
    parseEmail(email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((address) => recovery.forgot(address));
