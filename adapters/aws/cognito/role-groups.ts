import {
  AdminAddUserToGroupCommand,
  AdminRemoveUserFromGroupCommand,
  CreateGroupCommand,
  ListUsersInGroupCommand,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { errAsync, ok, okAsync, safeTry, type ResultAsync } from 'neverthrow';
import type { InvalidCursor } from '../../../core/admin/ports.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import { notFound, portUnavailable, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { CognitoCalls } from './cognito-calls.ts';
import { CREATE_GROUP, GROUP_MEMBERS, IN_GROUP } from './directory-meanings.ts';

/** Cognito answers no more users or groups at once. */
export const MOST_AT_ONCE = 60;

/** A page as Cognito answers it. */
export interface FoundUsers {
  readonly found: readonly UserType[];
  readonly next: string | null;
}

/** The groups of a pool that are named like roles. One that is missing is made when it is first needed. */
export class RoleGroups {
  readonly #calls: CognitoCalls;
  readonly #pool: { readonly UserPoolId: string };

  constructor(calls: CognitoCalls, userPoolId: string) {
    this.#calls = calls;
    this.#pool = { UserPoolId: userPoolId };
  }

  /** Puts the user into the group, or takes them out. Everybody is a patient, in a group of this name or not. */
  change(user: UserId, role: Role, what: 'add' | 'remove'): ResultAsync<void, NotFound | PortUnavailable> {
    if (role === 'patient') return okAsync(undefined);
    const group = { ...this.#pool, GroupName: role };
    const place = { ...group, Username: user };
    const change = () =>
      this.#calls.ask('setRoles', IN_GROUP, (client, options) =>
        what === 'add'
          ? client.send(new AdminAddUserToGroupCommand(place), options)
          : client.send(new AdminRemoveUserFromGroupCommand(place), options),
      );
    return change()
      .orElse((error) => {
        if (error.kind !== 'no-group') return errAsync(error);
        if (what === 'remove') return okAsync(undefined);
        return this.#calls
          .ask('setRoles', CREATE_GROUP, (client, options) => client.send(new CreateGroupCommand(group), options))
          .orElse((refusal) => (refusal.kind === 'done' ? okAsync(undefined) : errAsync(refusal)))
          .andThen(change);
      })
      .map(() => undefined)
      .mapErr((error) => {
        if (error.kind === 'unknown-user') return notFound('user', user);
        return error.kind === 'no-group' ? unexpected('the group that was just made is not there') : error;
      });
  }

  /** Of a role that nobody has been given yet there are none. */
  members(role: Role, after: string | null, limit: number): ResultAsync<FoundUsers, InvalidCursor | PortUnavailable> {
    const place = { ...this.#pool, GroupName: role, Limit: limit };
    const command = new ListUsersInGroupCommand({ ...place, ...(after === null ? {} : { NextToken: after }) });
    return this.#calls
      .ask('list', GROUP_MEMBERS, (client, options) => client.send(command, options))
      .map(({ Users: found = [], NextToken: next }): FoundUsers => ({ found, next: next ?? null }))
      .orElse((error) => (error.kind === 'done' ? okAsync<FoundUsers>({ found: [], next: null }) : errAsync(error)));
  }

  /** Whether there is an administrator who is not turned off. */
  haveAdmin(): ResultAsync<boolean, PortUnavailable> {
    const pageAfter = (token: string | null): ResultAsync<FoundUsers, PortUnavailable> =>
      this.members('admin', token, MOST_AT_ONCE).mapErr((error) =>
        error.kind === 'invalid-cursor' ? unexpected('a place of the list is not known any more') : error,
      );
    return safeTry(async function* () {
      let token: string | null = null;
      do {
        const page: FoundUsers = yield* pageAfter(token);
        if (page.found.some(({ Enabled: enabled }) => enabled !== false)) return ok(true);
        token = page.next;
      } while (token !== null);
      return ok(false);
    });
  }
}

const unexpected = (cause: string): PortUnavailable => portUnavailable('UserDirectory', 'setRoles', cause);
