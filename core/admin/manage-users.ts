import { errAsync, type ResultAsync } from 'neverthrow';
import { endTokens } from '../account/ended-tokens.ts';
import type { ErasedOwnersPorts } from '../account/erased-owners.ts';
import { ROLES } from '../access/permissions.ts';
import type { LookedUpOwners } from '../auth/looked-up-owners.ts';
import type { Role } from '../auth/token-ports.ts';
import type { NotFound, PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { administratorNeeded, type AdministratorNeeded } from './errors.ts';
import type { ManagedUser, UserDirectory } from './ports.ts';

export interface ManageUsersPorts extends ErasedOwnersPorts {
  readonly directory: UserDirectory;
  readonly lookedUp: LookedUpOwners;
}

type Managed = ResultAsync<ManagedUser, NotFound | AdministratorNeeded | PortUnavailable>;

/** Who changes whose account. */
interface ByAdmin {
  readonly admin: UserId;
  readonly user: UserId;
}

/**
 * Gives somebody these roles, and that of a patient, and takes all others. Their tokens are ended whatever was changed:
 * after an error the same call ends them too, and a client that refreshes learns of a new role at once.
 */
export function changeRoles(ports: ManageUsersPorts) {
  return ({ admin, user, roles }: ByAdmin & { readonly roles: readonly Role[] }): Managed => {
    if (user === admin && !roles.includes('admin')) return errAsync(administratorNeeded('own-admin-role'));
    const given = ROLES.filter((role) => role === 'patient' || roles.includes(role));
    return ports.directory.setRoles(user, given).andThen((changed) => withTokensEnded(ports, changed));
  };
}

/** Turns an account off. Its sessions and tokens are good no longer; its data stay. */
export function disableUser(ports: ManageUsersPorts) {
  return ({ admin, user }: ByAdmin): Managed =>
    user === admin
      ? errAsync(administratorNeeded('own-account'))
      : ports.directory.setDisabled(user, true).andThen((changed) => withTokensEnded(ports, changed));
}

/** Turns an account on again. What was ended stays so: its owner logs in. */
export function enableUser({ directory }: Pick<ManageUsersPorts, 'directory'>) {
  return ({ user }: Pick<ByAdmin, 'user'>): Managed => directory.setDisabled(user, false);
}

/** Only after the change: a token that was made with what was there before it is older than this moment. */
const withTokensEnded = (ports: ManageUsersPorts, changed: ManagedUser): ResultAsync<ManagedUser, PortUnavailable> =>
  endTokens(ports)(changed.userId).map(() => {
    ports.lookedUp.forget(changed.userId);
    return changed;
  });
