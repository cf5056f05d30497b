import { ok, Result, type ResultAsync } from 'neverthrow';
import { inputRejected, type InputIssue, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { parseDisplayName, parseEmail } from './model.ts';
import type { EmailTaken, TooManyAttempts, UnknownUser } from './errors.ts';
import type { IdentityProvider, Profile } from './identity-ports.ts';
import type { Principal } from './token-ports.ts';

export interface UpdateMeDeps {
  readonly identities: IdentityProvider;
}

/** What to change of the caller's account; what is absent stays. */
export interface UpdateMeCommand {
  readonly caller: Principal;
  /** The empty text removes the name. */
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
}

/**
 * Changes the caller's own account, all or nothing, and answers with the account after it. A new e-mail address is
 * unverified until it is confirmed; some providers keep the old one until then.
 */
export const updateMe =
  ({ identities }: UpdateMeDeps) =>
  (
    command: UpdateMeCommand,
  ): ResultAsync<Profile, InputRejected | UnknownUser | EmailTaken | TooManyAttempts | PortUnavailable> =>
    Result.combineWithAllErrors([
      whenPresent(command.displayName, parseDisplayName),
      whenPresent(command.email, parseEmail),
    ])
      .mapErr((issues) => inputRejected(...issues))
      .asyncAndThen(([displayName, email]) =>
        identities.changeProfile(command.caller.userId, {
          ...(displayName !== undefined && { displayName }),
          ...(email !== undefined && { email }),
        }),
      );

function whenPresent<T>(
  text: string | undefined,
  parse: (text: string) => Result<T, InputIssue>,
): Result<T | undefined, InputIssue> {
  return text === undefined ? ok(undefined) : parse(text);
}
