import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list, oneOf, queryInteger, text } from '../scalars.ts';

/** What somebody can be; everybody is a patient. */
const ROLE_NAMES = ['patient', 'clinician', 'researcher', 'admin'] as const;
const role = oneOf(...ROLE_NAMES);

/** An account as administrators see it: nothing of what its owner has measured. */
export const ManagedUser = object(
  'ManagedUser',
  {
    user_id: t.string,
    email_verified: t.boolean,
    roles: list(role, { min: 1, max: ROLE_NAMES.length }),
    disabled: t.boolean,
    created_at: t.string,
  },
  { email: t.string, display_name: t.string },
);

const USER = '11111111-1111-4111-8111-111111111111';
const EXAMPLE = {
  user_id: USER,
  email: 'ada@example.org',
  email_verified: true,
  display_name: 'Ada',
  roles: ['patient', 'clinician'],
  disabled: false,
  created_at: '2025-03-10T12:00:00.000+00:00',
};

const params = object('ManagedUserParams', { user_id: text(1, 200) });
const manages = { auth: 'manage-users', tag: 'Administration' } as const;
const changes = {
  ...manages,
  audit: { action: 'update', dataTypes: ['account'], subject: 'user_id' },
  params,
} as const;

const user = (description: string, example: typeof EXAMPLE) =>
  ({ kind: 'json', codec: ManagedUser, description, example }) as const;

export const adminUserRoutes = routes({
  listUsers: {
    ...manages,
    method: 'GET',
    path: '/api/v1/admin/users',
    audit: { action: 'read', dataTypes: ['account'], subject: null },
    summary:
      'The accounts, page by page, the newest first where this installation keeps them itself. email finds the one with ' +
      'exactly this address; role and disabled leave out all others, so that a page may be shorter than limit',
    query: object(
      'ManagedUserQuery',
      {},
      {
        email: text(3, 254),
        role,
        disabled: oneOf('true', 'false'),
        limit: queryInteger(1, 60),
        cursor: text(1, 8000),
      },
    ),
    responses: {
      200: {
        kind: 'json',
        codec: object('ManagedUserPage', {
          data: list(ManagedUser, { min: 0, max: 60 }),
          pagination: object(
            'ManagedUserPagination',
            { page_size: t.number, has_next: t.boolean },
            { next_cursor: t.string },
          ),
        }),
        description: 'One page.',
        example: { data: [EXAMPLE], pagination: { page_size: 50, has_next: false, next_cursor: null } },
      },
    },
    problems: ['invalid-cursor', 'validation-error'],
  },
  readUser: {
    ...manages,
    method: 'GET',
    path: '/api/v1/admin/users/{user_id}',
    audit: { action: 'read', dataTypes: ['account'], subject: 'user_id' },
    summary: 'One account',
    params,
    responses: { 200: user('The account.', EXAMPLE) },
    problems: ['resource-not-found', 'validation-error'],
  },
  changeUserRoles: {
    ...changes,
    method: 'PUT',
    path: '/api/v1/admin/users/{user_id}/roles',
    summary:
      'Say what somebody is from now on. Their access tokens are refused from the answer on; a refresh tells the new roles. ' +
      'Nobody takes the role admin from themselves, and the last administrator stays one',
    body: {
      kind: 'json',
      codec: object('NewRoles', { roles: list(role, { min: 1, max: ROLE_NAMES.length }) }),
      example: { roles: ['patient', 'clinician'] },
    },
    responses: { 200: user('As it is now; patient is always among the roles.', EXAMPLE) },
    problems: ['resource-not-found', 'administrator-needed', 'validation-error', 'malformed-json'],
  },
  disableUser: {
    ...changes,
    method: 'POST',
    path: '/api/v1/admin/users/{user_id}/disable',
    summary:
      'Turn an account off: it cannot log in, its sessions are ended, and its access tokens are refused from the answer on. Its ' +
      'data stay. Nobody turns off their own, nor that of the last administrator',
    responses: { 200: user('As it is now.', { ...EXAMPLE, disabled: true }) },
    problems: ['resource-not-found', 'administrator-needed', 'validation-error'],
  },
  enableUser: {
    ...changes,
    method: 'POST',
    path: '/api/v1/admin/users/{user_id}/enable',
    summary: 'Turn an account on again; its owner can log in',
    responses: { 200: user('As it is now.', EXAMPLE) },
    problems: ['resource-not-found', 'validation-error'],
  },
});
