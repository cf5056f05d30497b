import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportCommand } from '../../../hosts/cli/commands/export.ts';
import { importCommand } from '../../../hosts/cli/commands/import.ts';
import { keysCommand } from '../../../hosts/cli/commands/keys.ts';
import { migrateCommand } from '../../../hosts/cli/commands/migrate.ts';
import { usersCommand } from '../../../hosts/cli/commands/users.ts';
import { AUDIT_DATA_TYPES } from '../../../contracts/audit.ts';
import { entryContent } from '../../../core/audit/entry-text.ts';
import type { AuditEvent } from '../../../core/audit/model.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { ADA } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { openInstallation, printed, withEnvironment, withFolder, worldOver } from './installations.ts';

const commands = suite('what operators do is written down');

type Command = (args: readonly string[], output: ReturnType<typeof printed>['output']) => Promise<number>;

async function run(command: Command, ...args: readonly string[]) {
  const said = printed();
  // Nothing of a developer's own settings.
  const settings = { DATA_DIR: undefined, STORAGE: undefined, COGNITO_USER_POOL_ID: undefined };
  const code = await withEnvironment(settings, () => command(args, said.output));
  return { code, notes: said.notes() };
}

/** An installation in which Ada has an account and data. */
async function withAda(work: (folder: string, dataDir: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const dataDir = path.join(folder, 'data');
    const storage = await openInstallation(dataDir);
    const account = { userId: ADA, email: 'ada@example.org', emailKey: 'ada@example.org', emailVerified: true };
    const rest = { displayName: null, passwordHash: 'x', createdAtMs: 0, roles: ['patient'], disabled: false } as const;
    valueOf(await storage.people.accounts.insert({ ...account, ...rest }));
    await fillAccount(worldOver(storage), ADA, 'ada-only');
    await storage.close();
    await work(folder, dataDir);
  });
}

/** What the log of an installation holds, and whom it says that was about. */
async function written(dataDir: string) {
  const storage = await openInstallation(dataDir);
  try {
    const { auditStore, auditPseudonyms } = storage;
    const newest = valueOf(await auditStore.newest(null, 100));
    const events = [...newest].reverse().map(({ text }) => entryContent(text)?.event) as readonly AuditEvent[];
    const owners = valueOf(await auditPseudonyms.owners(events.flatMap(({ subject }) => subject ?? [])));
    return events.map((event) => ({ ...event, about: ownerOf(owners, event) }));
  } finally {
    await storage.close();
  }
}

const ownerOf = (owners: ReadonlyMap<string, UserId>, { subject }: AuditEvent): UserId | null =>
  subject === null ? null : (owners.get(subject) ?? null);

const shortly = (events: Awaited<ReturnType<typeof written>>) =>
  events.map(({ actor, action, operation, about, outcome, problem }) =>
    [actor, action, operation, about === ADA ? 'ada' : about, outcome, problem].map(String).join(' '),
  );

commands('in the log of the installation that they work on, as the operator', async () => {
  await withAda(async (folder, dataDir) => {
    const [file, at, user] = [path.join(folder, 'ada.zip'), ['--data-dir', dataDir], ['--user', ADA]] as const;
    const to = path.join(folder, 'other');
    const ends = ['--from', 'embedded', '--to', 'embedded', ...at, '--to-data-dir', to];
    for (const [command, args, code] of [
      [exportCommand, [...user, '--out', file, ...at], 0],
      [exportCommand, [...user, '--out', file, ...at], 1],
      [importCommand, [file, ...user, ...at], 0],
      [usersCommand, ['role', 'ada@example.org', ...at], 0],
      [usersCommand, ['role', 'ada@example.org', '--add', 'clinician', ...at], 0],
      [keysCommand, ['rotate', '--signing', ...at], 0],
      [keysCommand, ['rotate', '--master', ...at], 0],
      [migrateCommand, ends, 0],
      [migrateCommand, [...ends, '--compare'], 0],
    ] as const) {
      const ended = await run(command, ...args);
      assert.is(ended.code, code, ended.notes);
    }
    const [here, there] = [await written(dataDir), await written(to)];
    assert.equal(shortly(here), [
      'operator export clarity export ada done null',
      'operator export clarity export ada failed command-failed',
      'operator import clarity import ada done null',
      'operator read clarity users role ada done null',
      'operator update clarity users role ada done null',
      'operator update clarity keys rotate null done null',
      'operator update clarity keys rotate null done null',
      'operator export clarity migrate ada done null',
      'operator read clarity migrate ada done null',
    ]);
    assert.equal(shortly(there), [
      'operator import clarity migrate ada done null',
      'operator read clarity migrate ada done null',
    ]);
    for (const { dataTypes, onBehalfOf, actorRoles } of [...here, ...there]) {
      assert.equal([onBehalfOf, actorRoles], [null, []]);
      assert.ok(dataTypes.length > 0 && dataTypes.every((type) => AUDIT_DATA_TYPES.some((known) => known === type)));
    }
  });
});

commands('where it cannot be, the command fails and hands nothing out', async () => {
  await withAda(async (folder, dataDir) => {
    const [at, user, file] = [['--data-dir', dataDir], ['--user', ADA], path.join(folder, 'ada.zip')] as const;
    assert.is((await run(exportCommand, ...user, '--out', file, ...at)).code, 0);
    // From here on its end is not signed by this installation.
    await rm(path.join(dataDir, 'keys', 'audit-key.json'));
    const to = path.join(folder, 'other');
    for (const [command, args] of [
      [exportCommand, [...user, '--out', path.join(folder, 'again.zip'), ...at]],
      [importCommand, [file, ...user, ...at]],
      [usersCommand, ['role', 'ada@example.org', ...at]],
      [keysCommand, ['rotate', '--signing', ...at]],
      [migrateCommand, ['--from', 'embedded', '--to', 'embedded', ...at, '--to-data-dir', to]],
    ] as const) {
      const { code, notes } = await run(command, ...args);
      assert.is(code, 1, notes);
      assert.match(notes, 'it could not be written down in the audit log');
    }
    assert.equal((await readdir(folder)).sort(), ['ada.zip', 'data', 'other']);
  });
});

commands.run();
