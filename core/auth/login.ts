import type { ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { parseEmail } from './model.ts';
import type { EmailNotVerified, IdentityProvider, InvalidCredentials, TokenSet } from './ports.ts';

export interface LoginDeps {
  readonly identities: IdentityProvider;
}

export interface LoginCommand {
  readonly email: string;
  readonly password: string;
}

/**
 * Starts a session. Text that is not an e-mail address is `input-rejected`, since no account could have it; an unknown
 * address and a wrong password are one error.
 */
export const login =
  ({ identities }: LoginDeps) =>
  ({
    email,
    password,
  }: LoginCommand): ResultAsync<TokenSet, InputRejected | InvalidCredentials | EmailNotVerified | PortUnavailable> =>
    parseEmail(email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((address) => identities.login(address, password));
