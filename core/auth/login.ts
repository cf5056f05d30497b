import type { ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected } from '../kernel/errors.ts';
import { parseEmail } from './model.ts';
import type { IdentityProvider, LoginStep } from './identity-ports.ts';

export interface LoginDeps {
  readonly identities: IdentityProvider;
}

export interface LoginCommand {
  readonly email: string;
  readonly password: string;
  /** Where it comes from; all addresses of one customer's network in one form. */
  readonly client: string;
}

type LoginError = ReturnType<IdentityProvider['login']> extends ResultAsync<LoginStep, infer E> ? E : never;

/**
 * Starts a session, or answers with what is still asked for before there is one. Text that is not an e-mail address is `input-rejected`, since no account could have it; an unknown
 * address and a wrong password are one error.
 */
export const login =
  ({ identities }: LoginDeps) =>
  ({ email, password, client }: LoginCommand): ResultAsync<LoginStep, InputRejected | LoginError> =>
    parseEmail(email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((address) => identities.login(address, password, client));
