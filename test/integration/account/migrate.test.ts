import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { userId } from '../../../core/kernel/ids.ts';
import { migrateCommand } from '../../../hosts/cli/commands/migrate.ts';
import { contentOf } from '../../unit/account/account-content.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { ADA, BOB, bytes } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { openInstallation, printed, withEnvironment, withFolder, worldOver, type Printed } from './installations.ts';

const migrating = suite('clarity migrate');

interface Ended extends Printed {
  readonly code: number;
}

async function migrate(args: readonly string[], terminal = false): Promise<Ended> {
  const said = printed(terminal);
  // Nothing of a developer's own settings.
  const variables = { DATA_DIR: undefined, STORAGE: undefined, COGNITO_USER_POOL_ID: undefined };
  const code = await withEnvironment(variables, () => migrateCommand(args, said.output));
  return { ...said, code };
}

/** Two installations, the first with data of two persons. */
async function withInstallations(work: (from: string, to: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
    const storage = await openInstallation(from);
    await fillAccount(worldOver(storage), ADA, 'ada-only');
    await fillAccount(worldOver(storage), BOB, 'bob-only');
    await storage.close();
    await work(from, to);
  });
}

const between = (from: string, to: string, ...more: readonly string[]): readonly string[] => [
  '--from',
  'embedded',
  '--to',
  'embedded',
  '--data-dir',
  from,
  '--to-data-dir',
  to,
  ...more,
];

migrating('everybody is moved to another installation, proved by count and hash; again writes nothing', async () => {
  await withInstallations(async (from, to) => {
    const first = await migrate(between(from, to));
    assert.is(first.code, 0, first.notes());
    assert.is(first.out().match(/ equal$/gm)?.length, 12);
    assert.match(first.out(), new RegExp(`^${ADA}$`, 'm'));
    assert.match(first.out(), /^ {2}samples {4}source {9}480 {2}[0-9a-f]{64}$/m);
    assert.match(
      first.notes(),
      /Written: 3 objects, 3 uploads, 12 metrics, 17 days of samples, analyses of 2 uploads, 2 insights/,
    );
    assert.match(first.notes(), /^Copying samples \.\.\.$/m);
    assert.match(first.notes(), /passwords are not moved/);
    const [source, target] = [await openInstallation(from), await openInstallation(to)];
    for (const owner of [ADA, BOB]) {
      assert.equal(await contentOf(target, owner, []), await contentOf(source, owner, []));
    }
    await source.close();
    await target.close();
    const second = await migrate(between(from, to, '--user', ADA), true);
    assert.is(second.code, 0);
    assert.match(
      second.notes(),
      /Written: 0 objects, 0 uploads, 0 metrics, 0 days of samples, analyses of 0 uploads, 0 insights/,
    );
    assert.ok(second.progress().includes('Comparing samples: 17'));
  });
});

migrating('one person gets another id, also inside one installation', async () => {
  await withInstallations(async (from, to) => {
    const cloud = userId('99999999-9999-4999-8999-999999999999');
    const { code, out } = await migrate(between(from, to, '--user', ADA, '--as', cloud));
    assert.is(code, 0);
    assert.match(out(), `${ADA} as ${cloud}`);
    const target = await openInstallation(to);
    assert.is(valueOf(await target.uploads.list(cloud, 9)).length, 3);
    assert.equal(valueOf(await target.uploads.list(ADA, 9)), []);
    assert.equal(valueOf(await target.uploads.list(BOB, 9)), []);
    await target.close();
    assert.is((await migrate(between(from, from, '--user', ADA, '--as', cloud))).code, 0);
  });
});

migrating('a difference is found without copying, and is the exit code', async () => {
  await withInstallations(async (from, to) => {
    const before = await migrate(between(from, to, '--compare'));
    assert.is(before.code, 1);
    assert.match(before.out(), 'DIFFERENT');
    assert.match(before.notes(), /the data of 2 of 2 differ/);
    assert.not.match(before.notes(), /Written|passwords/);
    assert.is((await migrate(between(from, to))).code, 0);
    const target = await openInstallation(to);
    const [key] = valueOf(await target.objects.list(BOB));
    valueOf(await target.objects.put(BOB, key!, bytes('tampered'), 100));
    await target.close();
    const after = await migrate(between(from, to, '--compare'));
    assert.is(after.code, 1);
    assert.is(after.out().match(/DIFFERENT/g)?.length, 1);
    assert.match(after.notes(), /the data of 1 of 2 differ/);
  });
});

migrating('work that is not done is told, since its jobs stay behind', async () => {
  await withFolder(async (folder) => {
    const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
    const storage = await openInstallation(from);
    const { uploads } = await fillAccount(worldOver(storage), ADA, 'ada-only');
    valueOf(await storage.uploads.change(ADA, uploads[0]!.processingId, { status: 'processing' }, 1));
    await storage.close();
    const { code, notes } = await migrate(between(from, to));
    assert.is(code, 0);
    assert.match(notes(), /^1 uploads were not worked on to the end/m);
  });
});

migrating('a source without an installation is refused, and nothing is made of it', async () => {
  await withFolder(async (folder) => {
    const { code, notes } = await migrate(between(path.join(folder, 'none'), path.join(folder, 'to')));
    assert.is(code, 1);
    assert.match(notes(), /there is no installation in .*none/);
    assert.equal(await readdir(folder), []);
  });
});

migrating('an empty installation has nobody to move', async () => {
  await withFolder(async (folder) => {
    await (await openInstallation(path.join(folder, 'from'))).close();
    const { code, out } = await migrate(between(path.join(folder, 'from'), path.join(folder, 'to')));
    assert.equal([code, out()], [0, 'Nobody has data here.']);
  });
});

migrating('a target that cannot be opened, or written to, is told in one line', async () => {
  await withInstallations(async (from, to) => {
    await writeFile(to, 'a file');
    const closed = await migrate(between(from, to));
    assert.is(closed.code, 1);
    assert.match(closed.notes(), /^clarity migrate: .*SqlDatabase\.open/m);
    const other = `${to}-2`;
    await mkdir(other);
    await writeFile(path.join(other, 'objects'), 'not a folder');
    const broken = await migrate(between(from, other));
    assert.is(broken.code, 1);
    assert.match(broken.notes(), /ObjectStore/);
  });
});

migrating('a profile without its settings lists all that is missing', async () => {
  await withInstallations(async (from) => {
    const args = ['--from', 'embedded', '--to', 'aws', '--data-dir', from];
    const { code, notes } = await migrate(args);
    assert.is(code, 1);
    assert.match(notes(), /^clarity migrate: COGNITO_USER_POOL_ID: is needed/m);
    assert.match(notes(), /^clarity migrate: COGNITO_CLIENT_ID: is needed/m);
  });
});

migrating('what is not understood is answered with the usage', async () => {
  for (const [args, why] of [
    [[], /--from: expected one of/],
    [['--from', 'embedded'], /--to: expected/],
    [['--from', 'mars', '--to', 'aws'], /--from: expected/],
    [['--from', 'embedded', '--to', 'embedded'], /--to-data-dir DIR/],
    [['--from', 'embedded', '--to', 'aws', '--to-data-dir', 'x'], /--to-data-dir DIR/],
    [between('a', './a'), /both ends are the same/],
    [['--from', 'aws', '--to', 'aws', '--user', 'x'], /both ends are the same/],
    [['--from', 'aws', '--to', 'embedded'], /needs --user/],
    [['--from', 'embedded', '--to', 'aws', '--as', 'x'], /--as needs --user/],
    [['--from', 'embedded', '--to', 'aws', '--user', ''], /empty/],
    [['now'], /now is not an option/],
    [['--fast'], /fast/],
  ] as const) {
    const { code, notes, out } = await migrate(args);
    assert.equal([code, out()], [2, ''], args.join(' '));
    assert.match(notes(), why);
    assert.match(notes(), /Usage: clarity migrate/);
  }
  assert.is((await migrate(['--help'])).code, 0);
});

migrating.run();
