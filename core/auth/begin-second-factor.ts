import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { NotManagedHere, SecondFactorEnabled, UnknownUser } from './errors.ts';
import type { Principal } from './token-ports.ts';
import type { BegunSecondFactor, SecondFactorSetup } from './second-factor-ports.ts';

export interface SecondFactorDeps {
  readonly secondFactor: SecondFactorSetup;
}

/** Makes a secret for the caller's authenticator app. Logins are as before until a code of it was confirmed. */
export const beginSecondFactor =
  ({ secondFactor }: SecondFactorDeps) =>
  (
    caller: Principal,
  ): ResultAsync<BegunSecondFactor, SecondFactorEnabled | NotManagedHere | UnknownUser | PortUnavailable> =>
    secondFactor.begin(caller.userId);
