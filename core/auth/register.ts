import { err, errAsync, ok, okAsync, Result, type ResultAsync } from 'neverthrow';
import { inputRejected, portUnavailable, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { acceptablePassword } from './acceptable-password.ts';
import { parseDisplayName, parseEmail } from './model.ts';
import type { EmailTaken, WeakPassword } from './errors.ts';
import type { IdentityProvider, TokenSet } from './identity-ports.ts';
import type { KnownPasswords } from './password-ports.ts';

export interface RegisterDeps {
  readonly identities: IdentityProvider;
  readonly knownPasswords: KnownPasswords;
  /** False where accounts are made by an administrator only. */
  readonly signUpEnabled: boolean;
}

export interface RegisterCommand {
  readonly email: string;
  readonly password: string;
  readonly displayName: string | null;
}

/**
 * What follows a registration: the person is signed in, has to confirm their address first, or has to log in, which
 * takes more than the password here.
 */
export type Registered =
  | { readonly kind: 'signed-in'; readonly tokens: TokenSet }
  | { readonly kind: 'confirmation-required' }
  | { readonly kind: 'login-required' };

/** This installation does not let people create their own accounts. */
export interface SignUpDisabled {
  readonly kind: 'sign-up-disabled';
}

type Registration = Parameters<IdentityProvider['register']>[0];

/**
 * Creates an account and signs its owner in where the account is usable at once. Nothing is created when the input is
 * rejected, the password is weak or the address is taken. When the sign-in after a successful creation fails with
 * `port-unavailable`, the account exists and its owner can log in.
 */
export const register =
  ({ identities, knownPasswords, signUpEnabled }: RegisterDeps) =>
  (
    command: RegisterCommand,
  ): ResultAsync<Registered, SignUpDisabled | InputRejected | WeakPassword | EmailTaken | PortUnavailable> => {
    if (!signUpEnabled) return errAsync({ kind: 'sign-up-disabled' });
    return readRegistration(command)
      .asyncAndThrough(({ password }) => acceptablePassword(knownPasswords, password))
      .andThen((registration) =>
        identities
          .register(registration)
          .andThen(({ usable }) =>
            usable ? signIn(identities, registration) : okAsync<Registered>({ kind: 'confirmation-required' }),
          ),
      );
  };

function readRegistration(command: RegisterCommand): Result<Registration, InputRejected> {
  return Result.combineWithAllErrors([parseEmail(command.email), parseDisplayName(command.displayName ?? '')])
    .mapErr((issues) => inputRejected(...issues))
    .map(([email, name]) => ({ email, password: command.password, displayName: name === '' ? null : name }));
}

function signIn(identities: IdentityProvider, { email, password }: Registration) {
  return identities
    .login(email, password)
    .map((step): Registered =>
      'tokens' in step ? { kind: 'signed-in', tokens: step.tokens } : { kind: 'login-required' },
    )
    .orElse((error) => {
      switch (error.kind) {
        case 'email-not-verified':
          return ok<Registered>({ kind: 'confirmation-required' });
        case 'invalid-credentials':
        case 'user-disabled':
        case 'password-reset-required':
        case 'too-many-attempts':
          // The provider has just accepted these credentials: refusing them now is its failure, not the person's.
          // Registering again would only meet the account that exists, so the same call cannot succeed later.
          return err(portUnavailable('IdentityProvider', 'login', 'refused the credentials it just accepted', false));
        case 'port-unavailable':
          return err(error);
      }
    });
}
