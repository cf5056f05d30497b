import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KEY_LEAD_MS } from '../../../adapters/local-identity/key-succession.ts';
import { keysCommand } from '../../../hosts/cli/commands/keys.ts';
import { signingKeyLines, rotateSigning } from '../../../hosts/cli/signing-keys.ts';
import type { People } from '../../../hosts/wiring/storage.ts';
import { tokensOf } from '../../contracts/identity-provider.contract.ts';
import { valueOf } from '../../unit/result-values.ts';
import { localInstallation } from '../local-identity/local-installation.ts';
import { openInstallation, printed, withEnvironment, withFolder } from './installations.ts';

const commands = suite('clarity keys, of the keys that sign');

const ADA = { email: 'ada@example.org', password: 'Correct1horse', displayName: null };

async function run(...args: readonly string[]) {
  const said = printed();
  const settings = { DATA_DIR: undefined, STORAGE: undefined };
  const code = await withEnvironment(settings, () => keysCommand(args, said.output));
  return { code, out: said.out(), notes: said.notes() };
}

commands('a key is added while the service goes on, and nobody is logged out', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    const serving = localInstallation({}, { ...storage.people });
    serving.time.nowMs = Date.now();
    const { provider } = serving;
    valueOf(await provider.register(ADA));
    const before = tokensOf(valueOf(await provider.login(ADA.email, ADA.password)));

    const status = await run('status', '--data-dir', folder);
    const old = decodeProtectedHeader(before.accessToken).kid ?? '';
    assert.match(status.out, `signing key ${old}: signs`);
    const rotated = await run('rotate', '--signing', '--data-dir', folder);
    assert.is(rotated.code, 0, rotated.notes);
    const [, added = ''] = /^signing key (\S+): signs from \d{4}-/.exec(rotated.out) ?? [];
    assert.match((await run('status', '--data-dir', folder)).out, `signing key ${added}: signs from`);
    const files = (await readdir(path.join(folder, 'keys'))).filter((file) => file.startsWith('signing-key'));
    assert.equal(files.sort(), ['signing-key.json', `signing-key.${added}.json`].sort());
    for (const file of files) assert.is((await stat(path.join(folder, 'keys', file))).mode & 0o777, 0o600);

    // The minute until then, and whatever the commands took.
    serving.time.nowMs = Date.now() + KEY_LEAD_MS + 1;
    const after = tokensOf(valueOf(await provider.login(ADA.email, ADA.password)));
    assert.is(decodeProtectedHeader(after.accessToken).kid, added);
    valueOf(await provider.verify(before.accessToken));
    valueOf(await provider.refresh(before.refreshToken));
    await storage.close();
  });
});

commands('it is said which key is meant, and that there is an installation', async () => {
  await withFolder(async (folder) => {
    for (const args of [['rotate'], ['rotate', '--signing', '--master'], ['status', '--signing'], ['turn']]) {
      assert.is((await run(...args, '--data-dir', folder)).code, 2, args.join(' '));
    }
    assert.is((await run('rotate', '--signing', '--data-dir', folder)).code, 1);
  });
});

commands('a user pool has keys of its own', async () => {
  const people = { kind: 'cognito' } as People;
  const clock = { now: () => 0 };
  assert.equal(valueOf(await signingKeyLines(people, clock)), []);
  assert.is(valueOf(await rotateSigning(people, clock)), null);
});

commands.run();
