import { okAsync, type ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected, type PortUnavailable } from '../kernel/errors.ts';
import { acceptablePassword } from './acceptable-password.ts';
import { normalizeCode, parseEmail } from './model.ts';
import type { WeakPassword } from './errors.ts';
import type { ChallengeName, LoginChallenges, LoginStep } from './identity-ports.ts';
import type { KnownPasswords } from './password-ports.ts';

export interface AnswerChallengeDeps {
  readonly challenges: LoginChallenges;
  readonly knownPasswords: KnownPasswords;
}

export interface AnswerChallengeCommand {
  readonly email: string;
  readonly challenge: ChallengeName;
  readonly session: string;
  /** The code, the new password, or the name of the chosen factor. */
  readonly answer: string;
}

type AnswerError = ReturnType<LoginChallenges['answer']> extends ResultAsync<LoginStep, infer E> ? E : never;

/**
 * Takes a login one step further. A new password that is too weak is refused before the provider sees it, and the same
 * session can be answered again.
 */
export const answerChallenge =
  ({ challenges, knownPasswords }: AnswerChallengeDeps) =>
  (command: AnswerChallengeCommand): ResultAsync<LoginStep, InputRejected | AnswerError> =>
    parseEmail(command.email)
      .mapErr((issue) => inputRejected(issue))
      .asyncAndThen((email) => read(knownPasswords, command).map((answer) => ({ ...command, email, answer })))
      .andThen((given) => challenges.answer(given));

const read = (
  knownPasswords: KnownPasswords,
  { challenge, answer }: AnswerChallengeCommand,
): ResultAsync<string, WeakPassword | PortUnavailable> =>
  challenge === 'new_password'
    ? acceptablePassword(knownPasswords, answer).map(() => answer)
    : okAsync(normalizeCode(answer));
