import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../adapters/node/clock.ts';
import { exportedLineText } from '../../../core/audit/exported-line.ts';
import { exportLog } from '../../../core/audit/export-log.ts';
import { ANY_ENTRY, type SoughtEntries } from '../../../core/audit/sought-entries.ts';
import { auditCommand } from '../../../hosts/cli/commands/audit.ts';
import { auditEvent, BOB_P, DAY_MS, NOON_MS, trailOver } from '../../unit/audit-events.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { openInstallation, printed, withEnvironment, withFolder } from '../account/installations.ts';

const command = suite('clarity audit');

async function audit(
  folder: string,
  ...args: readonly string[]
): Promise<{ code: number; out: string; notes: string }> {
  const said = printed();
  // Nothing of a developer's own settings.
  const settings = { DATA_DIR: folder, STORAGE: undefined, COGNITO_USER_POOL_ID: undefined };
  const code = await withEnvironment(settings, () => auditCommand(args, said.output));
  return { code, out: said.out(), notes: said.notes() };
}

/** Entries of three days, written as the service writes them. */
async function write(folder: string, from = 0): Promise<void> {
  const storage = await openInstallation(folder);
  const trail = trailOver(storage.auditStore, storage.headSigner);
  for (let i = 0; i < 12; i++) {
    const atMs = NOON_MS + Math.floor(i / 4) * DAY_MS;
    valueOf(await trail.record(auditEvent(String(from + i), { atMs, ...(i % 3 === 0 ? { subject: BOB_P } : {}) })));
  }
  await storage.close();
}

/** Copies a closed installation, without what SQLite may take away from beside its database meanwhile. */
async function copy(from: string, to: string): Promise<void> {
  const database = new Libsql(path.join(from, 'clarity.db'));
  database.pragma('wal_checkpoint(truncate)');
  database.close();
  await cp(from, to, { recursive: true, filter: (file) => !/-(?:wal|shm)$/.test(file) });
}

function change(folder: string, ...statements: readonly string[]): void {
  const database = new Libsql(path.join(folder, 'clarity.db'));
  for (const statement of statements) {
    const { changes } = database.prepare(statement).run();
    assert.ok(changes > 0, statement);
  }
  database.close();
}

const faultsIn = (out: string): readonly string[] => out.split('\n').filter((line) => line.startsWith('FAULT'));

command('a log that nobody has touched is sound; each day and its head are told', async () => {
  await withFolder(async (folder) => {
    await write(folder);
    const { code, out } = await audit(folder, 'verify');
    assert.is(code, 0, out);
    assert.match(out, /^2025-03-10 +4 entries {2}head [0-9a-f]{64}$/m);
    assert.match(out, 'Entries: 12, days: 3, faults: 0.');
    const noted = /^Newest head: (2025-03-12\/4\/[0-9a-f]{64})$/m.exec(out)?.[1] ?? '';
    await write(folder, 12);
    const later = await audit(folder, 'verify', '--expect', noted);
    assert.is(later.code, 0, later.out);
    const span = await audit(folder, 'verify', '--from', '2025-03-11', '--to', '2025-03-11');
    assert.is(span.code, 0, span.out);
    assert.match(span.out, 'Entries: 4, days: 1, faults: 0.');
    const json = JSON.parse((await audit(folder, 'verify', '--json')).out) as { ok: boolean; entries: number };
    assert.equal([json.ok, json.entries], [true, 24]);
  });
});

const DAMAGE: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'a byte of a text',
    [`update audit_entry set text = replace(text, '"done"', '"gone"') where day = '2025-03-11' and number = 2`],
    /2025-03-11 entry 2: altered/,
  ],
  [
    'the end that was cut off',
    [`delete from audit_entry where day = '2025-03-12' and number > 2`],
    /2025-03-12 entries 3 to 4: removed/,
  ],
  [
    'two entries that changed places',
    [
      `update audit_entry set number = 99 where day = '2025-03-10' and number = 2`,
      `update audit_entry set number = 2 where day = '2025-03-10' and number = 3`,
      `update audit_entry set number = 3 where day = '2025-03-10' and number = 99`,
    ],
    /2025-03-10 entry 2: altered/,
  ],
  [
    'an entry that was inserted',
    [
      `insert into audit_entry select day, 5, subject, text, hash from audit_entry where day = '2025-03-12' and number = 1`,
    ],
    /2025-03-12 entry 5: inserted/,
  ],
  [
    'a day that was removed whole',
    [`delete from audit_entry where day = '2025-03-11'`, `delete from audit_head where day = '2025-03-11'`],
    /2025-03-12: does not follow/,
  ],
  ['a head', [`update audit_head set count = 3 where day = '2025-03-10'`], /2025-03-10: the head is not signed/],
  ['an end that was removed', ['delete from audit_end'], /the end of the log: removed/],
];

command('what was changed in the database is named, with its day and number', async () => {
  await withFolder(async (folder) => {
    const written = path.join(folder, 'written');
    await write(written);
    for (const [i, [what, statements, fault]] of DAMAGE.entries()) {
      const damaged = path.join(folder, String(i));
      await copy(written, damaged);
      change(damaged, ...statements);
      const { code, out } = await audit(damaged, 'verify');
      assert.is(code, 1, what);
      assert.match(faultsIn(out).join('\n'), fault, what);
      assert.not.match(out, 'Newest head');
    }
  });
});

/** The export of the log, as the service sends it. */
async function exportTo(folder: string, file: string, sought: Partial<SoughtEntries> = {}): Promise<void> {
  const { auditStore, auditPseudonyms, close } = await openInstallation(folder);
  const exporting = exportLog({ auditStore, auditPseudonyms, clock: systemClock });
  const { lines } = valueOf(await exporting({ ...ANY_ENTRY, ...sought }, () => false));
  let text = '';
  for await (const line of lines) text += `${exportedLineText(line)}\n`;
  await close();
  await writeFile(file, text);
}

command('an export is verified by itself, or entry by entry, and what was changed in it is named', async () => {
  await withFolder(async (folder) => {
    const [whole, some, cut] = ['whole', 'some', 'cut'].map((name) => path.join(folder, `${name}.ndjson`)) as [
      string,
      string,
      string,
    ];
    await write(folder);
    await exportTo(folder, whole, { from: '2025-03-11' });
    await exportTo(folder, some, { subject: BOB_P });
    for (const [file, entries, days] of [
      [whole, 8, 2],
      [some, 4, 3],
    ] as const) {
      const { code, out, notes } = await audit(folder, 'verify', '--file', file);
      assert.is(code, 0, out + notes);
      assert.match(out, `Entries: ${String(entries)}, days: ${String(days)}, faults: 0.`);
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('done', 'gone'));
      const damaged = await audit(folder, 'verify', '--file', file, '--json');
      assert.is(damaged.code, 1);
      const { faults } = JSON.parse(damaged.out) as { readonly faults: readonly { readonly kind: string }[] };
      assert.equal(
        faults.map(({ kind }) => kind),
        ['altered'],
      );
      await writeFile(cut, text.split('\n').slice(0, -3).join('\n'));
      const ended = await audit(folder, 'verify', '--file', cut);
      assert.is(ended.code, 1);
      assert.match(ended.notes, 'cut off');
    }
    await writeFile(cut, '{"kind":"nothing"}');
    assert.match((await audit(folder, 'verify', '--file', cut)).notes, 'line 1: kind is not one that is known');
    assert.match((await audit(folder, 'verify', '--file', path.join(folder, 'none'))).notes, 'cannot be read');
    assert.is((await audit(folder, 'verify', '--file', whole, '--from', '2025-03-11')).code, 2);
  });
});

command('a log that was put back as a whole lacks the head that was noted', async () => {
  await withFolder(async (folder) => {
    const [early, late] = [path.join(folder, 'early'), path.join(folder, 'late')];
    await write(early);
    await copy(early, late);
    await write(late, 12);
    const noted = /Newest head: (\S+)/.exec((await audit(late, 'verify')).out)?.[1] ?? '';
    assert.match(noted, /^2025-03-12\/16\//);
    const { code, out } = await audit(early, 'verify', '--expect', noted);
    assert.is(code, 1);
    assert.equal(faultsIn(out).length, 1);
    assert.match(out, 'the log was put back');
  });
});

command('nothing is written after an end that is not signed, until an operator has the log go on', async () => {
  await withFolder(async (folder) => {
    await write(folder);
    await rm(path.join(folder, 'keys', 'audit-key.json'));
    const record = async () => {
      const storage = await openInstallation(folder);
      const recorded = await trailOver(storage.auditStore, storage.headSigner).record(auditEvent('later'));
      await storage.close();
      return recorded;
    };
    assert.match(errorOf(await record()).cause, 'not signed by this installation');
    const resealed = await audit(folder, 'reseal');
    assert.is(resealed.code, 0, resealed.notes);
    const day = /goes on with (\d{4}-\d{2}-\d{2})/.exec(resealed.out)?.[1] ?? '';
    valueOf(await record());
    assert.match((await audit(folder, 'reseal')).out, 'nothing was done');
    const { code, out } = await audit(folder, 'verify');
    assert.is(code, 1);
    assert.match(faultsIn(out).join('\n'), `${day} entry 1: an operator had the log go on`);
    assert.match(out, /2025-03-12: no head/);
  });
});

command('what is not understood is said', async () => {
  await withFolder(async (folder) => {
    assert.equal([(await audit(folder, 'verify', '--expect', 'x')).code, (await audit(folder)).code], [2, 2]);
    assert.equal(
      [(await audit(folder, 'verify', '--from', 'yesterday')).code, (await audit(folder, 'verify')).code],
      [2, 1],
    );
    assert.is((await audit(folder, '--help')).code, 0);
  });
});

command.run();
