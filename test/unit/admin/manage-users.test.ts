import { errAsync } from 'neverthrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LocalUserDirectory } from '../../../adapters/local-identity/local-user-directory.ts';
import { MemoryAccountStore } from '../../../adapters/memory/account-store.ts';
import { MemoryErasedOwners } from '../../../adapters/memory/erased-owners.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { tokensEndedAt } from '../../../core/account/ended-tokens.ts';
import { LONGEST_TOKEN_MS } from '../../../core/account/erased-owners.ts';
import { changeRoles, disableUser, enableUser } from '../../../core/admin/manage-users.ts';
import { LookedUpOwners } from '../../../core/auth/looked-up-owners.ts';
import type { Role } from '../../../core/auth/token-ports.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { replacing, SettableClock } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const [ROOT, OPS, ADA] = [userId('root'), userId('ops'), userId('ada')];

async function installation(people: Readonly<Record<string, readonly Role[]>>) {
  const accounts = new MemoryAccountStore();
  const clock = new SettableClock();
  for (const [name, roles] of Object.entries(people)) {
    const email = `${name}@example.org`;
    valueOf(
      await accounts.insert({
        userId: userId(name),
        email,
        emailKey: email,
        emailVerified: false,
        displayName: null,
        passwordHash: 'a hash',
        createdAtMs: clock.now(),
        roles,
        disabled: false,
      }),
    );
  }
  const erasedOwners = new MemoryErasedOwners();
  const ports = {
    directory: new LocalUserDirectory(accounts),
    lookedUp: new LookedUpOwners(),
    erasedOwners,
    digest: nodeDigest,
    clock,
  };
  return { accounts, clock, ports, endedAt: tokensEndedAt(ports) };
}

const needed = (reason: string) => ({ kind: 'administrator-needed', reason });

test('roles are what was said, in order and each once, and always that of a patient', async () => {
  const { ports, accounts, clock, endedAt } = await installation({ root: ['admin'], ada: ['patient', 'researcher'] });
  const change = changeRoles(ports);
  const changed = valueOf(await change({ admin: ROOT, user: ADA, roles: ['admin', 'clinician', 'clinician'] }));
  assert.equal(changed.roles, ['patient', 'clinician', 'admin']);
  assert.equal(valueOf(await accounts.byId(ADA))?.roles, changed.roles);
  assert.is(valueOf(await endedAt(ADA)), clock.now());
  assert.is(valueOf(await endedAt(ROOT)), null);
});

test('nobody gives up their own role admin or turns off their own account', async () => {
  const { ports, accounts, endedAt } = await installation({ root: ['admin'], ops: ['admin'] });
  assert.equal(
    errorOf(await changeRoles(ports)({ admin: ROOT, user: ROOT, roles: ['patient'] })),
    needed('own-admin-role'),
  );
  assert.equal(errorOf(await disableUser(ports)({ admin: ROOT, user: ROOT })), needed('own-account'));
  valueOf(await changeRoles(ports)({ admin: ROOT, user: ROOT, roles: ['admin', 'clinician'] }));
  assert.equal(valueOf(await accounts.byId(ROOT))?.roles, ['patient', 'clinician', 'admin']);
  assert.ok(valueOf(await endedAt(ROOT)) !== null);
});

test('the last administrator stays, and keeps their tokens', async () => {
  const { ports, accounts, endedAt } = await installation({ root: ['admin'], ada: ['patient'] });
  // The token of somebody who has been an administrator is still good.
  for (const refused of [
    await changeRoles(ports)({ admin: OPS, user: ROOT, roles: ['patient'] }),
    await disableUser(ports)({ admin: OPS, user: ROOT }),
  ]) {
    assert.equal(errorOf(refused), needed('last-admin'));
  }
  assert.equal(valueOf(await accounts.byId(ROOT))?.roles, ['admin']);
  assert.is(valueOf(await endedAt(ROOT)), null);
});

test('an account that is turned off has no session and no token; turned on again it may have new ones', async () => {
  const { ports, accounts, clock, endedAt } = await installation({ root: ['admin'], ada: ['patient'] });
  const session = { userId: ADA, createdAtMs: 0, expiresAtMs: 1e15, lastUsedAtMs: 0, rotation: 0, revoked: false };
  valueOf(await accounts.insertSession({ ...session, sessionId: 's' }));
  ports.lookedUp.keep(ADA, { endedAtMs: null }, clock.now() + 1000);
  assert.is(valueOf(await disableUser(ports)({ admin: ROOT, user: ADA })).disabled, true);
  assert.equal(valueOf(await accounts.openSessions(ADA, clock.now(), 10)), []);
  assert.is(valueOf(await endedAt(ADA)), clock.now());
  assert.is(ports.lookedUp.find(ADA, clock.now()), null, 'this process looks at them again');
  const endedAtMs = clock.now();
  clock.nowMs += 1000;
  assert.is(valueOf(await enableUser(ports)({ user: ADA })).disabled, false);
  assert.is(valueOf(await endedAt(ADA)), endedAtMs);
  clock.nowMs = endedAtMs + LONGEST_TOKEN_MS;
  assert.is(valueOf(await endedAt(ADA)), null);
});

test('where the tokens cannot be ended the call fails, and the same call ends them', async () => {
  const { ports, endedAt } = await installation({ root: ['admin'], ada: ['patient'] });
  const down = portUnavailable('ErasedOwners', 'remember', 'planted');
  const failing = { ...ports, erasedOwners: replacing(ports.erasedOwners, { remember: () => errAsync(down) }) };
  assert.equal(errorOf(await disableUser(failing)({ admin: ROOT, user: ADA })), down);
  assert.equal(errorOf(await changeRoles(failing)({ admin: ROOT, user: ADA, roles: ['clinician'] })), down);
  assert.is(valueOf(await endedAt(ADA)), null);
  valueOf(await changeRoles(ports)({ admin: ROOT, user: ADA, roles: ['clinician'] }));
  assert.ok(valueOf(await endedAt(ADA)) !== null);
});

test('somebody who is not there is not found', async () => {
  const { ports } = await installation({ root: ['admin'] });
  const absent = { kind: 'not-found', resource: 'user', id: 'ada' };
  assert.equal(errorOf(await disableUser(ports)({ admin: ROOT, user: ADA })), absent);
  assert.equal(errorOf(await enableUser(ports)({ user: ADA })), absent);
  assert.equal(errorOf(await changeRoles(ports)({ admin: ROOT, user: ADA, roles: ['patient'] })), absent);
  assert.equal(errorOf(await ports.directory.find(ADA)), absent);
});

test('the directory finds by address whatever its case, and refuses places that it did not give', async () => {
  const { ports } = await installation({ root: ['admin'], ada: ['patient'], ben: ['patient'] });
  const any = { email: null, role: null, disabled: null };
  const page = valueOf(await ports.directory.list(any, null, 2));
  assert.is(page.users.length, 2);
  assert.is(valueOf(await ports.directory.list(any, page.next, 2)).users.length, 1);
  const ada = valueOf(await ports.directory.list({ ...any, email: ' ADA@example.org' }, null, 10));
  assert.equal([ada.users.map(({ userId: id }) => id), ada.next], [[ADA], null]);
  assert.equal(
    valueOf(await ports.directory.list({ ...any, email: 'ada@example.org', role: 'admin' }, null, 10)).users,
    [],
  );
  for (const cursor of ['', 'x', 'e30', `${page.next ?? ''}=`, Buffer.from('["1","ada"]').toString('base64url')]) {
    assert.equal(errorOf(await ports.directory.list(any, cursor, 2)), { kind: 'invalid-cursor' }, cursor);
  }
});

test.run();
