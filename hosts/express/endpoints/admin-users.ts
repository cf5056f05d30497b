import { changeRoles, disableUser, enableUser, type ManageUsersPorts } from '../../../core/admin/manage-users.ts';
import type { ManagedUser } from '../../../core/admin/ports.ts';
import { userId } from '../../../core/kernel/ids.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

const DEFAULT_PAGE_SIZE = 50;

type AdminUserEndpoints = Pick<Endpoints, 'listUsers' | 'readUser' | 'changeUserRoles' | 'disableUser' | 'enableUser'>;

/** Accounts, for administrators. */
export function adminUserEndpoints(ports: ManageUsersPorts): AdminUserEndpoints {
  const { directory } = ports;
  return {
    listUsers: ({ query, concerns }) => {
      const limit = query.limit ?? DEFAULT_PAGE_SIZE;
      const disabled = query.disabled == null ? null : query.disabled === 'true';
      const filter = { email: query.email ?? null, role: query.role ?? null, disabled };
      return directory.list(filter, query.cursor ?? null, limit).map(({ users, next }) => {
        const [only] = users;
        if (filter.email !== null && only !== undefined) concerns(only.userId);
        return {
          status: 200,
          body: {
            data: users.map(wireUser),
            pagination: { page_size: limit, has_next: next !== null, next_cursor: next },
          },
        };
      });
    },
    readUser: ({ params }) => directory.find(userId(params.user_id)).map(answered),
    changeUserRoles: ({ params, body, principal, clock }) =>
      changeRoles({ ...ports, clock })({
        admin: principal.userId,
        user: userId(params.user_id),
        roles: body.roles,
      }).map(answered),
    disableUser: ({ params, principal, clock }) =>
      disableUser({ ...ports, clock })({ admin: principal.userId, user: userId(params.user_id) }).map(answered),
    enableUser: ({ params }) => enableUser(ports)({ user: userId(params.user_id) }).map(answered),
  };
}

const answered = (user: ManagedUser) => ({ status: 200 as const, body: wireUser(user) });

const wireUser = ({ userId: id, email, emailVerified, displayName, roles, disabled, createdAtMs }: ManagedUser) => ({
  user_id: id,
  email,
  email_verified: emailVerified,
  display_name: displayName,
  roles,
  disabled,
  created_at: isoUtc(createdAtMs),
});
