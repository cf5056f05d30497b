import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { SecondFactorDeps } from './begin-second-factor.ts';
import type { SecondFactorCommand } from './confirm-second-factor.ts';
import type { InvalidCode, NotManagedHere, TooManyAttempts } from './errors.ts';
import { normalizeCode } from './model.ts';

/** From now on the password alone is enough again. Whoever has only a token cannot do that: it needs a code. */
export const removeSecondFactor =
  ({ secondFactor }: SecondFactorDeps) =>
  ({
    caller,
    code,
  }: SecondFactorCommand): ResultAsync<void, InvalidCode | TooManyAttempts | NotManagedHere | PortUnavailable> =>
    secondFactor.remove(caller.userId, normalizeCode(code));
