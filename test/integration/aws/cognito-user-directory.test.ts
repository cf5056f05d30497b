import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { userId } from '../../../core/kernel/ids.ts';
import { isCognitoLocal, makePool } from '../../emulators/cognito.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { POOL_ID, recordedCognito } from './recorded-cognito.ts';

const directories = suite('users of a pool');

const ADA = userId('11111111-1111-4111-8111-111111111111');
const CREATED = Date.UTC(2025, 2, 10, 12);
const POOL = { UserPoolId: POOL_ID };
const ANY = { email: null, role: null, disabled: null };

const user = (changes: Readonly<Record<string, unknown>> = {}) => ({
  Username: ADA,
  Enabled: true,
  UserCreateDate: CREATED / 1000,
  Attributes: [
    { Name: 'sub', Value: ADA },
    { Name: 'email', Value: 'ada@example.org' },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'name', Value: 'Ada' },
  ],
  ...changes,
});

const got = (changes: Readonly<Record<string, unknown>> = {}) => {
  const { Attributes, ...rest } = user(changes);
  return { ok: { ...rest, UserAttributes: Attributes } };
};

const groups = (...names: readonly string[]) => ({ ok: { Groups: names.map((GroupName) => ({ GroupName })) } });

type Cognito = Awaited<ReturnType<typeof recordedCognito>>;

/** A test with a pool that answers what was recorded. */
function recorded(title: string, body: (cognito: Cognito) => Promise<void>): void {
  directories(title, async () => {
    const cognito = await recordedCognito();
    try {
      await body(cognito);
    } finally {
      await cognito.close();
    }
  });
}

recorded('a user is shown with the roles that the groups name', async ({ provider, record, asked }) => {
  record({ AdminGetUser: got(), AdminListGroupsForUser: groups('admin', 'staff', 'clinician') });
  assert.equal(valueOf(await provider.directory.find(ADA)), {
    userId: ADA,
    email: 'ada@example.org',
    emailVerified: true,
    displayName: 'Ada',
    roles: ['patient', 'clinician', 'admin'],
    disabled: false,
    createdAtMs: CREATED,
  });
  assert.equal(asked[0], { operation: 'AdminGetUser', body: { ...POOL, Username: ADA } });
  record({ AdminGetUser: { error: 'UserNotFoundException' } });
  assert.equal(errorOf(await provider.directory.find(ADA)), { kind: 'not-found', resource: 'user', id: ADA });
});

recorded('pages are those of the pool, with its own places', async ({ provider, record, asked }) => {
  record({
    ListUsers: [{ ok: { Users: [user()], PaginationToken: 'next' } }, { ok: { Users: [] } }],
    AdminListGroupsForUser: groups(),
  });
  const first = valueOf(await provider.directory.list(ANY, null, 20));
  assert.equal([first.users.map(({ roles }) => roles), first.next], [[['patient']], 'next']);
  assert.is(valueOf(await provider.directory.list(ANY, 'next', 20)).next, null);
  assert.equal(
    asked.filter(({ operation }) => operation === 'ListUsers').map(({ body }) => body),
    [
      { ...POOL, Limit: 20 },
      { ...POOL, Limit: 20, PaginationToken: 'next' },
    ],
  );
  record({ ListUsers: { error: 'InvalidParameterException', message: 'Invalid pagination token given.' } });
  assert.equal(errorOf(await provider.directory.list(ANY, 'mine', 20)), { kind: 'invalid-cursor' });
  record({ ListUsers: { error: 'InvalidParameterException', message: 'Invalid search filter.' } });
  assert.is(errorOf(await provider.directory.list(ANY, null, 20)).kind, 'port-unavailable');
});

recorded('an address is asked for as it is, whatever is in it', async ({ provider, record, asked }) => {
  record({ ListUsers: { ok: { Users: [user({ Enabled: false })] } }, AdminListGroupsForUser: groups('researcher') });
  const email = 'A"d\\a@Example.org';
  const found = valueOf(await provider.directory.list({ ...ANY, email }, null, 20));
  assert.equal(
    found.users.map(({ disabled }) => disabled),
    [true],
  );
  assert.equal(asked[0]?.body, { ...POOL, Limit: 1, Filter: 'email = "a\\"d\\\\a@example.org"' });
  assert.equal(valueOf(await provider.directory.list({ ...ANY, email, disabled: false }, null, 20)).users, []);
  assert.equal(valueOf(await provider.directory.list({ ...ANY, email, role: 'admin' }, null, 20)).users, []);
});

recorded('those of a role are those of its group, which need not be there', async ({ provider, record, asked }) => {
  record({
    ListUsersInGroup: [
      { ok: { Users: [user()], NextToken: 'next' } },
      { error: 'ResourceNotFoundException', message: 'Group not found.' },
      { error: 'ResourceNotFoundException', message: 'User pool does not exist.' },
    ],
    AdminListGroupsForUser: groups('admin'),
  });
  const filter = { ...ANY, role: 'admin' } as const;
  assert.equal(valueOf(await provider.directory.list(filter, null, 5)).next, 'next');
  assert.equal(asked[0]?.body, { ...POOL, GroupName: 'admin', Limit: 5 });
  assert.equal(valueOf(await provider.directory.list(filter, 'next', 5)), { users: [], next: null });
  assert.is(errorOf(await provider.directory.list(filter, null, 5)).kind, 'port-unavailable');
});

recorded('roles change one by one; a group that is missing is made', async ({ provider, record, asked }) => {
  record({
    AdminGetUser: got(),
    AdminListGroupsForUser: [groups('researcher'), groups('clinician')],
    AdminRemoveUserFromGroup: { ok: {} },
    AdminAddUserToGroup: [{ error: 'ResourceNotFoundException', message: 'Group not found.' }, { ok: {} }],
    CreateGroup: { error: 'GroupExistsException', message: 'A group with the name already exists.' },
  });
  assert.equal(valueOf(await provider.directory.setRoles(ADA, ['patient', 'clinician'])).roles, [
    'patient',
    'clinician',
  ]);
  assert.equal(
    asked.map(({ operation, body }) => [operation, (body as { GroupName?: string }).GroupName]),
    [
      ['AdminGetUser', undefined],
      ['AdminListGroupsForUser', undefined],
      ['AdminRemoveUserFromGroup', 'researcher'],
      ['AdminAddUserToGroup', 'clinician'],
      ['CreateGroup', 'clinician'],
      ['AdminAddUserToGroup', 'clinician'],
      ['AdminGetUser', undefined],
      ['AdminListGroupsForUser', undefined],
    ],
  );
});

recorded('the last administrator is given the role back', async ({ provider, record, asked }) => {
  const other = user({ Username: 'other', Enabled: false });
  record({
    AdminGetUser: got(),
    AdminListGroupsForUser: groups('admin', 'clinician'),
    AdminRemoveUserFromGroup: { ok: {} },
    AdminAddUserToGroup: { ok: {} },
    ListUsersInGroup: { ok: { Users: [other] } },
  });
  assert.equal(errorOf(await provider.directory.setRoles(ADA, ['patient'])), {
    kind: 'administrator-needed',
    reason: 'last-admin',
  });
  assert.equal(
    asked.slice(2).map(({ operation, body }) => [operation, (body as { GroupName?: string }).GroupName]),
    [
      ['AdminRemoveUserFromGroup', 'admin'],
      ['ListUsersInGroup', 'admin'],
      ['AdminAddUserToGroup', 'admin'],
    ],
  );
});

recorded('who is turned off is signed out; the last administrator is turned on again', async (cognito) => {
  const { provider, record, operations } = cognito;
  record({
    AdminGetUser: [got(), got({ Enabled: false })],
    AdminListGroupsForUser: groups('clinician'),
    AdminDisableUser: { ok: {} },
    AdminEnableUser: { ok: {} },
    AdminUserGlobalSignOut: { ok: {} },
  });
  assert.is(valueOf(await provider.directory.setDisabled(ADA, true)).disabled, true);
  assert.equal(operations().slice(2, 4), ['AdminDisableUser', 'AdminUserGlobalSignOut']);
  record({ AdminGetUser: got(), AdminListGroupsForUser: groups('admin'), ListUsersInGroup: { ok: { Users: [] } } });
  assert.is(errorOf(await provider.directory.setDisabled(ADA, true)).kind, 'administrator-needed');
  assert.equal(operations().slice(-3), ['AdminDisableUser', 'ListUsersInGroup', 'AdminEnableUser']);
  valueOf(await provider.directory.setDisabled(ADA, false));
  assert.not.ok(operations().slice(-3).includes('AdminUserGlobalSignOut'));
  record({ AdminUserGlobalSignOut: { error: 'TooManyRequestsException' }, AdminListGroupsForUser: groups() });
  assert.is(errorOf(await provider.directory.setDisabled(ADA, true)).kind, 'port-unavailable');
});

directories('a pool lists, finds and changes its users', async () => {
  const { identities, activate, addToGroup, close } = await makePool();
  try {
    const registered = await identities.register({
      email: 'Ada@example.org',
      password: 'Correct-horse-7',
      displayName: 'Ada',
    });
    const { userId: ada } = valueOf(registered);
    await activate('ada@example.org');
    valueOf(await identities.register({ email: 'ben@example.org', password: 'Correct-horse-7', displayName: null }));
    // The emulator fails on groups before there is any.
    await addToGroup('ada@example.org', 'staff');
    const { directory } = identities;
    assert.is(valueOf(await directory.list(ANY, null, 10)).users.length, 2);
    const [found, ...others] = valueOf(await directory.list({ ...ANY, email: 'ADA@example.org' }, null, 10)).users;
    assert.equal([found?.userId, found?.displayName, others], [ada, 'Ada', []]);
    assert.equal(valueOf(await directory.list({ ...ANY, role: 'admin' }, null, 10)).users, []);
    for (const roles of [['patient', 'clinician', 'researcher'], ['patient', 'researcher'], ['patient']] as const) {
      assert.equal(valueOf(await directory.setRoles(ada, roles)).roles, roles);
    }
    valueOf(await directory.setRoles(ada, ['patient', 'admin']));
    assert.is(errorOf(await directory.setRoles(ada, ['patient'])).kind, 'administrator-needed');
    assert.equal(valueOf(await directory.find(ada)).roles, ['patient', 'admin']);
    assert.is(errorOf(await directory.setDisabled(ada, true)).kind, 'administrator-needed');
    const ben = valueOf(await directory.list({ ...ANY, email: 'ben@example.org' }, null, 10)).users[0]!.userId;
    const off = await directory.setDisabled(ben, true);
    // The emulator has no AdminUserGlobalSignOut, and says so.
    if (isCognitoLocal) assert.is(errorOf(off).kind, 'port-unavailable');
    assert.is(valueOf(await directory.find(ben)).disabled, true);
    assert.is(valueOf(await directory.setDisabled(ben, false)).disabled, false);
    const nobody = userId('00000000-0000-4000-8000-000000000000');
    for (const outcome of [await directory.find(nobody), await directory.setDisabled(nobody, true)]) {
      assert.is(errorOf(outcome).kind, 'not-found');
    }
  } finally {
    await close();
  }
});

directories.run();
