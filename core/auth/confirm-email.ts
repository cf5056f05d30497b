import type { ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { normalizeCode, parseEmail } from './model.ts';
import type { EmailTaken, ExpiredCode, InvalidCode, TooManyAttempts } from './errors.ts';
import type { EmailConfirmation } from './identity-ports.ts';

export interface ConfirmEmailDeps {
  readonly confirmation: EmailConfirmation;
}

export interface ConfirmEmailCommand {
  readonly email: string;
  readonly code: string;
}

/** Makes a new account usable with the code that was sent to its address. */
export const confirmEmail =
  ({ confirmation }: ConfirmEmailDeps) =>
  ({
    email,
    code,
  }: ConfirmEmailCommand): ResultAsync<
    void,
    InputRejected | InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | PortUnavailable
  > =>
    parseEmail(email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((address) => confirmation.confirm(address, normalizeCode(code)));
