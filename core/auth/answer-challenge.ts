import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import { inputRejected, type InputRejected } from '../kernel/errors.ts';
import { normalizeCode, parseEmail, unmetPasswordRules } from './model.ts';
import type { WeakPassword } from './errors.ts';
import type { ChallengeName, LoginChallenges, LoginStep } from './ports.ts';

export interface AnswerChallengeDeps {
  readonly challenges: LoginChallenges;
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
  ({ challenges }: AnswerChallengeDeps) =>
  (command: AnswerChallengeCommand): ResultAsync<LoginStep, InputRejected | AnswerError> =>
    read(command).asyncAndThen((given) => challenges.answer(given));

function read(command: AnswerChallengeCommand): Result<AnswerChallengeCommand, InputRejected | WeakPassword> {
  return parseEmail(command.email)
    .mapErr((issue): InputRejected | WeakPassword => inputRejected(issue))
    .andThen((email) => {
      if (command.challenge !== 'new_password') {
        return ok({ ...command, email, answer: normalizeCode(command.answer) });
      }
      const unmet = unmetPasswordRules(command.answer);
      return unmet.length > 0 ? err({ kind: 'weak-password' as const, unmet }) : ok({ ...command, email });
    });
}
