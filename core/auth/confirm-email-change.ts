import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import { normalizeCode } from './model.ts';
import type { EmailTaken, ExpiredCode, InvalidCode, InvalidToken, TooManyAttempts } from './errors.ts';
import type { EmailConfirmation } from './identity-ports.ts';

export interface ConfirmEmailChangeDeps {
  readonly confirmation: EmailConfirmation;
}

export interface ConfirmEmailChangeCommand {
  /** Of the caller, whose address it is. */
  readonly accessToken: string;
  readonly code: string;
}

/** Confirms the e-mail address that the caller has changed to, with the code that was sent there. */
export const confirmEmailChange =
  ({ confirmation }: ConfirmEmailChangeDeps) =>
  ({
    accessToken,
    code,
  }: ConfirmEmailChangeCommand): ResultAsync<
    void,
    InvalidCode | ExpiredCode | TooManyAttempts | EmailTaken | InvalidToken | PortUnavailable
  > =>
    confirmation.confirmChange(accessToken, normalizeCode(code));
