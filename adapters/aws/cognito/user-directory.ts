import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminUserGlobalSignOutCommand,
  ListUsersCommand,
  type AttributeType,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { errAsync, ok, okAsync, ResultAsync, safeTry } from 'neverthrow';
import { isRole, ROLES } from '../../../core/access/permissions.ts';
import { administratorNeeded, type AdministratorNeeded } from '../../../core/admin/errors.ts';
import type { InvalidCursor, ManagedUser, UserDirectory, UserFilter, UserPage } from '../../../core/admin/ports.ts';
import { emailKey } from '../../../core/auth/model.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import type { CognitoCalls } from './cognito-calls.ts';
import { ADMIN_USER, LIST_USERS } from './directory-meanings.ts';
import { MOST_AT_ONCE, RoleGroups, type FoundUsers } from './role-groups.ts';

type Changed = ResultAsync<ManagedUser, NotFound | AdministratorNeeded | PortUnavailable>;

/**
 * The users of a pool. Groups named like roles are the roles. A place in the list is Cognito's own. Which of the operator's
 * permissions it needs is in docs/aws.md.
 */
export class CognitoUserDirectory implements UserDirectory {
  readonly #calls: CognitoCalls;
  readonly #pool: { readonly UserPoolId: string };
  readonly #groups: RoleGroups;

  constructor(calls: CognitoCalls, userPoolId: string) {
    this.#calls = calls;
    this.#pool = { UserPoolId: userPoolId };
    this.#groups = new RoleGroups(calls, userPoolId);
  }

  /** The pool filters by one thing at a time; what is asked besides is looked for on the page that it answers. */
  list(
    { email, role, disabled }: UserFilter,
    after: string | null,
    limit: number,
  ): ResultAsync<UserPage, InvalidCursor | PortUnavailable> {
    const page =
      email !== null
        ? this.#withAddress(email)
        : role !== null && role !== 'patient'
          ? this.#groups.members(role, after, limit)
          : this.#all(after, limit);
    return page.andThen(({ found, next }) =>
      ResultAsync.combine(found.map((user) => this.#managed(user))).map((users) => ({
        users: users
          .filter((user) => user !== null)
          .filter((user) => role === null || user.roles.includes(role))
          .filter((user) => disabled === null || user.disabled === disabled),
        next,
      })),
    );
  }

  find(user: UserId): ResultAsync<ManagedUser, NotFound | PortUnavailable> {
    const command = new AdminGetUserCommand({ ...this.#pool, Username: user });
    return this.#calls
      .ask('find', ADMIN_USER, (client, options) => client.send(command, options))
      .mapErr((error) => (error.kind === 'unknown-user' ? notFound('user', user) : error))
      .andThen(({ UserAttributes: attributes, Enabled: enabled, UserCreateDate: created, Username: name }) =>
        this.#managed({ Attributes: attributes, Enabled: enabled, UserCreateDate: created, Username: name }),
      )
      .andThen((found) => (found === null ? errAsync(notFound('user', user)) : okAsync(found)));
  }

  /**
   * The groups change one by one. Whether an administrator is left is looked at once the role is taken, and it is given back
   * where none is: of two who take it from each other at the same time neither succeeds.
   */
  setRoles(user: UserId, roles: readonly Role[]): Changed {
    const { find, change, leavesAdmin } = this.#steps(user);
    return safeTry(async function* () {
      const before = yield* find();
      const taken = before.roles.filter((role) => !roles.includes(role));
      if (taken.includes('admin')) {
        yield* change('admin', 'remove');
        if (!before.disabled && !(yield* leavesAdmin())) {
          yield* change('admin', 'add');
          return errAsync(administratorNeeded('last-admin'));
        }
      }
      for (const role of taken) if (role !== 'admin') yield* change(role, 'remove');
      for (const role of roles) if (!before.roles.includes(role)) yield* change(role, 'add');
      return ok(yield* find());
    });
  }

  /** An account that is turned off cannot refresh; signed out, it cannot either once it is turned on again. */
  setDisabled(user: UserId, disabled: boolean): Changed {
    const { find, turn, signOut, leavesAdmin } = this.#steps(user);
    return safeTry(async function* () {
      const before = yield* find();
      yield* turn(disabled ? 'off' : 'on');
      if (disabled && before.roles.includes('admin') && !before.disabled && !(yield* leavesAdmin())) {
        yield* turn('on');
        return errAsync(administratorNeeded('last-admin'));
      }
      if (disabled) yield* signOut();
      return ok(yield* find());
    });
  }

  #steps(user: UserId) {
    const named = { ...this.#pool, Username: user };
    return {
      find: () => this.find(user),
      leavesAdmin: () => this.#groups.haveAdmin(),
      change: (role: Role, what: 'add' | 'remove') => this.#groups.change(user, role, what),
      turn: (to: 'on' | 'off') =>
        this.#onUser(user, 'setDisabled', (client, options) =>
          to === 'off'
            ? client.send(new AdminDisableUserCommand(named), options)
            : client.send(new AdminEnableUserCommand(named), options),
        ),
      signOut: () =>
        this.#onUser(user, 'setDisabled', (client, options) =>
          client.send(new AdminUserGlobalSignOutCommand(named), options),
        ),
    };
  }

  #onUser(
    user: UserId,
    operation: string,
    work: Parameters<CognitoCalls['ask']>[2],
  ): ResultAsync<void, NotFound | PortUnavailable> {
    return this.#calls
      .ask(operation, ADMIN_USER, work)
      .map(() => undefined)
      .mapErr((error) => (error.kind === 'unknown-user' ? notFound('user', user) : error));
  }

  #all(after: string | null, limit: number): ResultAsync<FoundUsers, InvalidCursor | PortUnavailable> {
    const command = new ListUsersCommand({
      ...this.#pool,
      Limit: limit,
      ...(after === null ? {} : { PaginationToken: after }),
    });
    return this.#calls
      .ask('list', LIST_USERS, (client, options) => client.send(command, options))
      .map(({ Users: found = [], PaginationToken: next }) => ({ found, next: next ?? null }));
  }

  #withAddress(email: string): ResultAsync<FoundUsers, InvalidCursor | PortUnavailable> {
    const quoted = emailKey(email).replaceAll(/["\\]/g, '\\$&');
    const command = new ListUsersCommand({ ...this.#pool, Limit: 1, Filter: `email = "${quoted}"` });
    return this.#calls
      .ask('list', LIST_USERS, (client, options) => client.send(command, options))
      .map(({ Users: found = [] }) => ({ found, next: null }));
  }

  /** Null for a user who has gone meanwhile. */
  #managed(user: UserType): ResultAsync<ManagedUser | null, PortUnavailable> {
    const attributes = attributesOf(user.Attributes);
    const id = userId(attributes.get('sub') ?? user.Username ?? '');
    const command = new AdminListGroupsForUserCommand({ ...this.#pool, Username: user.Username, Limit: MOST_AT_ONCE });
    return this.#calls
      .ask('find', ADMIN_USER, (client, options) => client.send(command, options))
      .map(({ Groups: groups = [] }): ManagedUser | null => {
        const named = new Set(groups.map(({ GroupName: name }) => name).filter(isRole));
        return {
          userId: id,
          email: attributes.get('email') ?? null,
          emailVerified: attributes.get('email_verified') === 'true',
          displayName: attributes.get('name') || null,
          roles: ROLES.filter((role) => role === 'patient' || named.has(role)),
          disabled: user.Enabled === false,
          createdAtMs: user.UserCreateDate?.getTime() ?? 0,
        };
      })
      .orElse((error) => (error.kind === 'unknown-user' ? okAsync(null) : errAsync(error)));
  }
}

const attributesOf = (attributes: readonly AttributeType[] = []): ReadonlyMap<string, string> =>
  new Map(attributes.map(({ Name, Value }) => [Name ?? '', Value ?? '']));
