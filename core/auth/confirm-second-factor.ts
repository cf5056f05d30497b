import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { SecondFactorDeps } from './begin-second-factor.ts';
import type { InvalidCode, NotManagedHere, SecondFactorEnabled, TooManyAttempts } from './errors.ts';
import { normalizeCode } from './model.ts';
import type { Principal } from './token-ports.ts';

export interface SecondFactorCommand {
  readonly caller: Principal;
  readonly code: string;
}

/** From now on the caller's logins ask for a code. Answers with the recovery codes, which are shown this once. */
export const confirmSecondFactor =
  ({ secondFactor }: SecondFactorDeps) =>
  ({
    caller,
    code,
  }: SecondFactorCommand): ResultAsync<
    readonly string[],
    InvalidCode | SecondFactorEnabled | TooManyAttempts | NotManagedHere | PortUnavailable
  > =>
    secondFactor.confirm(caller.userId, normalizeCode(code));
