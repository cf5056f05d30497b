import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { WeakPassword } from './errors.ts';
import { unmetPasswordRules } from './model.ts';
import type { KnownPasswords } from './password-ports.ts';

/** The reason that is given; it does not repeat the password. */
export const KNOWN_PASSWORD_RULE = 'must not be one of those that were stolen elsewhere most often';

/** Refuses a password that breaks a rule, or that is known. */
export const acceptablePassword = (
  known: KnownPasswords,
  password: string,
): ResultAsync<void, WeakPassword | PortUnavailable> => {
  const unmet = unmetPasswordRules(password);
  if (unmet.length > 0) return errAsync({ kind: 'weak-password', unmet });
  return known
    .includes(password)
    .andThen((isKnown): ResultAsync<void, WeakPassword> =>
      isKnown ? errAsync({ kind: 'weak-password', unmet: [KNOWN_PASSWORD_RULE] }) : okAsync(undefined),
    );
};

/** One form of all the ways in which a password can be written: NFKC and lower case. */
export const foldedPassword = (password: string): string => password.normalize('NFKC').toLowerCase().normalize('NFKC');
