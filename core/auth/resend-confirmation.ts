import type { ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { parseEmail } from './model.ts';
import type { EmailConfirmation } from './identity-ports.ts';

export interface ResendConfirmationDeps {
  readonly confirmation: EmailConfirmation;
}

/** Sends a new confirmation code, where an account waits for one. Nobody can tell from the answer whether one does. */
export const resendConfirmation =
  ({ confirmation }: ResendConfirmationDeps) =>
  (email: string): ResultAsync<void, InputRejected | PortUnavailable> =>
    parseEmail(email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((address) => confirmation.resend(address));
