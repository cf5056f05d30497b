import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../adapters/node/clock.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { tokensEndedAt } from '../../../core/account/ended-tokens.ts';
import { usersCommand } from '../../../hosts/cli/commands/users.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import { openInstallation, printed, withFolder } from './installations.ts';

const command = suite('clarity users');

const ADA = userId('0b6e5f3a-5a0e-4d6a-9f43-0d8a3d1c7a01');

async function withAda(work: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    const account = { userId: ADA, email: 'Ada@example.org', emailKey: 'ada@example.org', emailVerified: true };
    valueOf(
      await storage.people.accounts.insert({
        ...account,
        displayName: null,
        passwordHash: 'x',
        createdAtMs: 0,
        roles: ['patient'],
        disabled: false,
      }),
    );
    await storage.close();
    await work(folder);
  });
}

async function rolesIn(folder: string): Promise<readonly string[] | undefined> {
  const storage = await openInstallation(folder);
  const account = valueOf(await storage.people.accounts.byId(ADA));
  await storage.close();
  return account?.roles;
}

command('gives roles, takes them, and tells them; everybody stays a patient', async () => {
  await withAda(async (folder) => {
    for (const [options, expected] of [
      [[], 'patient'],
      [['--add', 'clinician', '--add', 'researcher'], 'patient, clinician, researcher'],
      [['--add', 'clinician'], 'patient, clinician, researcher'],
      [['--remove', 'clinician', '--remove', 'patient'], 'patient, researcher'],
    ] as const) {
      const told = printed();
      assert.is(await usersCommand(['role', 'ADA@example.org', ...options, '--data-dir', folder], told.output), 0);
      assert.match(told.out(), `ADA@example.org: ${expected}`);
      assert.is((await rolesIn(folder))?.join(', '), expected);
    }
  });
});

command('tokens from before a change are ended, and those from before a look are not', async () => {
  await withAda(async (folder) => {
    for (const [options, areEnded] of [
      [[], false],
      [['--add', 'clinician'], true],
    ] as const) {
      assert.is(await usersCommand(['role', 'ada@example.org', ...options, '--data-dir', folder], printed().output), 0);
      const storage = await openInstallation(folder);
      const ports = { erasedOwners: storage.erasedOwners, digest: nodeDigest, clock: systemClock };
      assert.is(valueOf(await tokensEndedAt(ports)(ADA)) !== null, areEnded);
      await storage.close();
    }
  });
});

command('the second factor of somebody who has lost it is taken away', async () => {
  await withAda(async (folder) => {
    const factor = async () => {
      const storage = await openInstallation(folder);
      const found = valueOf(await storage.people.secondFactors.find(ADA));
      await storage.close();
      return found?.enabled ?? null;
    };
    const storage = await openInstallation(folder);
    valueOf(await storage.people.secondFactors.begin(ADA, { factorId: 'f', secret: 'JBSWY3DPEHPK3PXP' }));
    valueOf(await storage.people.secondFactors.enable(ADA, { factorId: 'f', step: 1, recoveryHashes: [] }));
    await storage.close();
    assert.is(await factor(), true);
    const told = printed();
    const args = ['remove-second-factor', 'ada@example.org', '--data-dir', folder];
    assert.is(await usersCommand(args, told.output), 0, told.notes());
    assert.match(told.out(), 'ada@example.org: no second factor');
    assert.is(await factor(), null);
  });
});

command('refuses what it does not know, and changes nothing', async () => {
  await withAda(async (folder) => {
    for (const [args, code] of [
      [['role', 'ada@example.org', '--add', 'king'], 2],
      [['role'], 2],
      [['roles', 'ada@example.org'], 2],
      [['remove-second-factor', 'ada@example.org', '--add', 'admin'], 2],
      [['remove-second-factor', 'nobody@example.org'], 1],
      [['role', 'nobody@example.org', '--add', 'admin'], 1],
    ] as const) {
      assert.is(await usersCommand([...args, '--data-dir', folder], printed().output), code, args.join(' '));
    }
    assert.equal(await rolesIn(folder), ['patient']);
  });
});

command.run();
