import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { systemClock } from '../../../adapters/node/clock.ts';
import { eraseAccount } from '../../../core/account/erase-account.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { LocalStorage } from '../../../hosts/wiring/storage.ts';
import { contentOf } from '../../unit/account/account-content.ts';
import { fillAccount } from '../../unit/account/full-account.ts';
import { ADA, BOB } from '../../unit/memory-world.ts';
import { valueOf } from '../../unit/result-values.ts';
import { openInstallation, withFolder, worldOver } from './installations.ts';

const erasing = suite('erasing an account of an embedded installation');

/** Every row of every table, as text; bytes byte by byte. */
function allRows(file: string): readonly string[] {
  const database = new Libsql(file);
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all() as { name: string }[];
    return tables.flatMap(({ name }) =>
      (database.prepare(`select * from "${name}"`).all() as Record<string, unknown>[]).map(
        (row) =>
          `${name} ${Object.values(row)
            .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
            .join(' ')}`,
      ),
    );
  } finally {
    database.close();
  }
}

/** Every file below the folder: its name and its bytes. */
async function allFiles(folder: string): Promise<readonly (readonly [string, Buffer])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map(async (file, i) => [file, entries[i]!.isFile() ? await readFile(file) : Buffer.alloc(0)] as const),
  );
}

async function addAccount(
  { people: { accounts, secondFactors } }: LocalStorage,
  userId: UserId,
  email: string,
): Promise<void> {
  const account = { userId, email, emailKey: email, emailVerified: true, displayName: email, passwordHash: email };
  valueOf(await accounts.insert({ ...account, createdAtMs: 0, roles: ['patient'], disabled: false }));
  const session = { sessionId: `session of ${email}`, userId, createdAtMs: 0, expiresAtMs: 1e15, revoked: false };
  valueOf(await accounts.insertSession({ ...session, lastUsedAtMs: 0, rotation: 0 }));
  valueOf(await secondFactors.begin(userId, { factorId: `factor of ${email}`, secret: 'JBSWY3DP' }));
}

erasing('no row of any table, no file and no byte of a file tells of the person', async () => {
  await withFolder(async (folder) => {
    const database = path.join(folder, 'clarity.db');
    const storage = await openInstallation(folder);
    await addAccount(storage, ADA, 'ada@example.org');
    await addAccount(storage, BOB, 'bob@example.org');
    const world = worldOver(storage);
    const ada = await fillAccount(world, ADA, 'ada-only');
    await fillAccount(world, BOB, 'bob-only');
    const marks = [...ada.marks, 'ada@example.org'];
    const bob = await contentOf(storage, BOB, []);
    for (const mark of marks) assert.ok(allRows(database).some((row) => row.includes(mark)) || mark === 'ada-only');

    valueOf(
      await eraseAccount({
        ...storage,
        identities: {
          eraseAccount: (user) =>
            storage.people.secondFactors.eraseOwner(user).andThen(() => storage.people.accounts.erase(user)),
        },
        digest: nodeDigest,
        clock: systemClock,
      })(ADA),
    );

    const left = allRows(database).filter((row) => marks.some((mark) => row.includes(mark)));
    assert.equal(left, []);
    assert.equal(await contentOf(storage, BOB, []), bob);
    assert.is(valueOf(await storage.people.accounts.byId(BOB))?.email, 'bob@example.org');
    await storage.close();
    const files = await allFiles(folder);
    assert.ok(files.some(([, bytes]) => bytes.includes('bob-only')));
    const telling = files.filter(([file, bytes]) => marks.some((mark) => file.includes(mark) || bytes.includes(mark)));
    assert.equal(
      telling.map(([file]) => path.relative(folder, file)),
      [],
    );
  });
});

erasing.run();
