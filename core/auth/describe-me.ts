import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UnknownUser } from './errors.ts';
import type { IdentityProvider, Profile } from './identity-ports.ts';
import type { Principal } from './token-ports.ts';

export interface DescribeMeDeps {
  readonly identities: IdentityProvider;
}

/** The caller's account as it is now, not as it was when their token was made. `unknown-user` once it was deleted. */
export const describeMe =
  ({ identities }: DescribeMeDeps) =>
  (caller: Principal): ResultAsync<Profile, UnknownUser | PortUnavailable> =>
    identities.profile(caller.userId);
