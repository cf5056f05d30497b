import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { okAsync, errAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { profileIn } from '../../../hosts/cli/account-place.ts';
import { exportCommand } from '../../../hosts/cli/commands/export.ts';
import { importCommand } from '../../../hosts/cli/commands/import.ts';
import type { People } from '../../../hosts/wiring/storage.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { dumpOf, handMade, ndjson, profileOf, unzipped } from '../../unit/archive/archive-world.ts';
import { ADA, BOB, memoryWorld } from '../../unit/memory-world.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { openInstallation, printed, withEnvironment, withFolder, type Printed } from './installations.ts';

const commands = suite('clarity export and clarity import');

interface Ended extends Printed {
  readonly code: number;
}

type Command = typeof exportCommand;

async function run(command: Command, args: readonly string[], variables: object = {}): Promise<Ended> {
  const said = printed();
  // Nothing of a developer's own settings.
  const settings = { DATA_DIR: undefined, STORAGE: undefined, COGNITO_USER_POOL_ID: undefined, ...variables };
  const code = await withEnvironment(settings, () => command(args, said.output));
  return { ...said, code };
}

async function addAccount(folder: string, user: UserId, email: string): Promise<void> {
  const storage = await openInstallation(folder);
  const account = {
    userId: user,
    email,
    emailKey: email,
    emailVerified: true,
    displayName: 'Somebody',
    createdAtMs: 0,
  };
  valueOf(
    await storage.people.accounts.insert({
      ...account,
      passwordHash: 'a hash that nobody sees',
      roles: ['patient'],
      disabled: false,
    }),
  );
  await storage.close();
}

/** An installation in which Ada has an account and data. */
async function withInstallation(work: (folder: string, dataDir: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const dataDir = path.join(folder, 'data');
    await addAccount(dataDir, ADA, 'ada@example.org');
    const storage = await openInstallation(dataDir);
    await fillAccount(memoryWorld(storage), ADA, 'ada-only');
    await storage.close();
    await work(folder, dataDir);
  });
}

async function dumpIn(dataDir: string, user: UserId) {
  const storage = await openInstallation(dataDir);
  try {
    return await dumpOf(memoryWorld(storage), user);
  } finally {
    await storage.close();
  }
}

commands('an archive goes from one installation to another, where it becomes the same data', async () => {
  await withInstallation(async (folder, dataDir) => {
    const file = path.join(folder, 'ada.zip');
    const made = await run(exportCommand, ['--user', ADA, '--out', file, '--data-dir', dataDir]);
    assert.is(made.code, 0, made.notes());
    const { size, mode } = await stat(file);
    assert.is(made.out(), `${file}: ${size} bytes`);
    assert.is(mode & 0o077, 0, 'only its owner may read it');
    assert.equal((await readdir(folder)).sort(), ['ada.zip', 'data']);
    const files = await unzipped(await readFile(file));
    assert.match(files.get('profile.json')!.toString(), '"display_name": "Somebody"');
    for (const content of files.values()) assert.not(content.includes(Buffer.from('a hash that nobody sees')));

    const other = path.join(folder, 'other');
    await addAccount(other, BOB, 'bob@example.org');
    const read = await run(importCommand, [file, '--user', BOB], { DATA_DIR: other });
    assert.is(read.code, 0, read.notes());
    assert.match(read.out(), /^samples +480 +0 +0$/m);
    assert.is(read.notes(), '');
    assert.equal(await dumpIn(other, BOB), await dumpIn(dataDir, ADA));
    const again = await run(importCommand, [file, '--user', BOB, '--data-dir', other]);
    assert.match(again.out(), /^samples +0 +480 +0$/m);
  });
});

commands('a file that is there is left alone, and an export that fails leaves none', async () => {
  await withInstallation(async (folder, dataDir) => {
    const file = path.join(folder, 'mine.zip');
    await writeFile(file, 'mine');
    const refused = await run(exportCommand, ['--user', ADA, '--out', file, '--data-dir', dataDir]);
    assert.is(refused.code, 1);
    assert.match(refused.notes(), /there is one already/);
    assert.is(await readFile(file, 'utf8'), 'mine');
    const nowhere = path.join(folder, 'no', 'folder.zip');
    assert.is((await run(exportCommand, ['--user', ADA, '--out', nowhere, '--data-dir', dataDir])).code, 1);
    const begun = path.join(folder, 'begun.zip');
    await writeFile(`${begun}.unfinished`, 'of somebody else');
    const failed = await run(exportCommand, ['--user', ADA, '--out', begun, '--data-dir', dataDir]);
    assert.is(failed.code, 1);
    assert.match(failed.notes(), /begun\.zip cannot be written/);
    assert.equal((await readdir(folder)).sort(), ['begun.zip.unfinished', 'data', 'mine.zip']);
  });
});

commands('an export that a store fails in leaves no file', async () => {
  await withInstallation(async (folder, dataDir) => {
    const database = new Libsql(path.join(dataDir, 'clarity.db'));
    database.exec("UPDATE sample_chunk SET content = x'0102030405'");
    database.close();
    const ended = await run(exportCommand, ['--user', ADA, '--out', path.join(folder, 'a.zip'), '--data-dir', dataDir]);
    assert.is(ended.code, 1);
    assert.match(ended.notes(), /SampleStore\.chunks/);
    assert.equal(await readdir(folder), ['data']);
  });
});

commands('what is typed wrong is said, with how to use the command', async () => {
  for (const [command, args, words] of [
    [exportCommand, [], /--user ID is needed/],
    [exportCommand, ['--user', 'x'], /--out FILE\.zip is needed/],
    [exportCommand, ['x', '--user', 'x'], /x is not an option/],
    [exportCommand, ['--format', 'x'], /Unknown option/],
    [importCommand, [], /FILE\.zip is needed/],
    [importCommand, ['a.zip'], /--user ID is needed/],
    [importCommand, ['a.zip', 'b.zip', '--user', 'x'], /one archive at a time/],
  ] as const) {
    const ended = await run(command, args);
    assert.is(ended.code, 2);
    assert.match(ended.notes(), words);
    assert.match(ended.notes(), /^Usage: clarity (export|import)/m);
  }
  assert.is((await run(exportCommand, ['--help'])).code, 0);
  assert.match((await run(importCommand, ['-h'])).out(), /^Usage: clarity import/);
});

commands('an installation, an account and a file that are not there are said', async () => {
  await withInstallation(async (folder, dataDir) => {
    const archive = path.join(folder, 'some.zip');
    await writeFile(archive, 'PK no zip');
    const dir = ['--data-dir', dataDir];
    for (const [command, args, variables, words] of [
      [exportCommand, ['--user', ADA, '--out', 'x', '--data-dir', `${folder}/none`], {}, /there is no installation in/],
      [exportCommand, ['--user', ADA, '--out', 'x'], { STORAGE: 'memory' }, /keeps nothing/],
      [exportCommand, ['--user', ADA, '--out', 'x'], { STORAGE: 'floppy' }, /STORAGE:/],
      [exportCommand, ['--user', BOB, '--out', 'x', ...dir], {}, /nobody here has the id/],
      [importCommand, [archive, '--user', ADA, '--data-dir', `${folder}/none`], {}, /there is no installation in/],
      [importCommand, [archive, '--user', BOB, ...dir], {}, /there is no account with the id/],
      [importCommand, [`${folder}/no.zip`, '--user', ADA, ...dir], {}, /cannot be read/],
      [importCommand, [archive, '--user', ADA, ...dir], {}, /no zip, or one that is damaged or cut off/],
    ] as const) {
      const ended = await run(command, args, variables);
      assert.is(ended.code, 1, ended.notes());
      assert.match(ended.notes(), words);
    }
  });
});

commands('what an archive holds and cannot be used is told with its place', async () => {
  await withInstallation(async (folder, dataDir) => {
    const file = path.join(folder, 'odd.zip');
    await writeFile(file, await handMade(ADA, [ndjson('metrics', ['not json', '{}'])]));
    const ended = await run(importCommand, [file, '--user', ADA, '--data-dir', dataDir]);
    assert.is(ended.code, 0);
    assert.match(ended.out(), /^metrics +0 +0 +2$/m);
    assert.match(ended.notes(), 'Set aside, metrics: a line is not JSON (1, first at metrics.ndjson, line 1)');
  });
});

commands('accounts are looked up wherever the profile keeps them', async () => {
  const fault = portUnavailable('IdentityProvider', 'profile', 'timed out for ada@example.org');
  const pool = (answer: unknown) => ({ kind: 'cognito', provider: { profile: () => answer } }) as unknown as People;
  assert.equal(valueOf(await profileIn(pool(okAsync(profileOf(ADA))), ADA)), profileOf(ADA));
  assert.is(valueOf(await profileIn(pool(errAsync({ kind: 'unknown-user' })), ADA)), null);
  assert.match(errorOf(await profileIn(pool(errAsync(fault)), ADA)), 'IdentityProvider.profile: timed out for …');
});

commands.run();
