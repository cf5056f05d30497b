import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SCHEMA_VERSION } from '../../../adapters/sql/migrate.ts';
import { doctorCommand, type DoctorTools } from '../../../hosts/cli/commands/doctor.ts';
import { embeddedChecks, freeBytesOf } from '../../../hosts/cli/doctor/embedded-checks.ts';
import { runChecks } from '../../../hosts/cli/doctor/run-checks.ts';
import { fine, problem } from '../../../core/diagnosis/finding.ts';
import { openInstallation, printed, withFolder } from '../account/installations.ts';
import { valueOf } from '../../unit/result-values.ts';

const doctor = suite('clarity doctor');

const patient: DoctorTools['deadline'] = { begin: () => new AbortController().signal, waited: 'for ever' };

async function examined(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = ['--verbose'],
  tools: Partial<DoctorTools> = {},
) {
  const said = printed();
  const code = await doctorCommand(args, said.output, {
    environment: { PAT_MODEL_BASE_DIR: path.join(environment['DATA_DIR'] ?? '.', 'no-models'), ...environment },
    clock: { now: () => 0 },
    fetchUrl: () => Promise.reject(new Error('nothing is asked of the network')),
    freeBytes: () => Promise.resolve(1e12),
    deadline: patient,
    ...tools,
  });
  return { code, out: said.out(), notes: said.notes() };
}

/** All files but those that SQLite lays beside a database while it is open, and sometimes leaves there empty. */
const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => !/\.db-(?:shm|wal)$/.test(name));

doctor('an installation that works is fine, and nothing of it is changed', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    await storage.people.signingKeys.loadOrCreate(() => Promise.resolve('{"kty":"OKP"}'));
    await storage.close();
    const before = await namesIn(folder);
    const { code, out } = await examined({ DATA_DIR: folder });
    assert.is(code, 0);
    assert.equal(out.split('\n'), [
      'ok       settings: ENVIRONMENT is development, STORAGE is embedded.',
      `ok       data folder: ${folder} can be written to.`,
      `ok       database: schema ${String(SCHEMA_VERSION)}.`,
      'ok       free space: 953,674 MiB are left.',
      'ok       signing key: it can be read.',
      'ok       master key: version 1 can be read.',
      'ok       models: none is installed; analyses are made without.',
      'Problems: 0, warnings: 0, fine: 7.',
    ]);
    assert.equal(await namesIn(folder), before);
    assert.is((await examined({ DATA_DIR: folder }, [])).out, 'Problems: 0, warnings: 0, fine: 7.');
  });
});

doctor('a folder that does not exist yet is made at the start, not here', async () => {
  await withFolder(async (folder) => {
    const { code, out } = await examined({ DATA_DIR: path.join(folder, 'a', 'b') });
    assert.is(code, 0);
    assert.match(out, /data folder: .*b can be made/);
    assert.match(out, 'database: it is made at the first start');
    assert.match(out, 'signing key: it is made at the first start');
    assert.match(out, 'master key: it is made at the first start');
    assert.equal(await readdir(folder), []);
  });
});

doctor('every variable that is wrong is a line, and nothing else is looked at', async () => {
  const { code, out } = await examined({ PORT: 'high', STORAGE: 'aws', LOG_LEVEL: 'loud' }, []);
  assert.is(code, 1);
  assert.match(out, /^PROBLEM {2}PORT: expected a whole number from 0 to 65535\. Correct the variable\.$/m);
  assert.match(out, /^PROBLEM {2}LOG_LEVEL: expected one of/m);
  assert.match(out, /^PROBLEM {2}COGNITO_USER_POOL_ID: is needed/m);
  assert.match(out, /^PROBLEM {2}COGNITO_CLIENT_ID: is needed/m);
  assert.match(out, /^Problems: 4, warnings: 0, fine: 0\.$/m);
});

doctor('a program gets all findings as JSON', async () => {
  await withFolder(async (folder) => {
    await mkdir(path.join(folder, 'keys'));
    await writeFile(path.join(folder, 'keys', 'signing-key.json'), 'not a key');
    const { code, out } = await examined({ DATA_DIR: folder }, ['--json']);
    assert.is(code, 1);
    const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: readonly Record<string, unknown>[] };
    assert.is(ok, false);
    assert.equal(
      findings.filter(({ state }) => state === 'problem').map(({ subject, advice }) => [subject, typeof advice]),
      [['signing key', 'string']],
    );
    assert.ok(findings.some(({ state, advice }) => state === 'fine' && advice === null));
  });
});

doctor('a key that others can read is told', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'keys', 'signing-key.json');
    await mkdir(path.dirname(file));
    await writeFile(file, '{"kty":"OKP"}');
    await chmod(file, 0o644);
    const { code, out } = await examined({ DATA_DIR: folder }, []);
    assert.is(code, 0);
    assert.match(out, /^WARNING {2}signing key: others can read .*chmod 600/m);
    await writeFile(file, '{"neither":"this"}');
    assert.match((await examined({ DATA_DIR: folder }, [])).out, /^PROBLEM {2}signing key: .* is not a key/m);
  });
});

doctor('every key is looked at, whichever it is', async () => {
  await withFolder(async (folder) => {
    const keys = path.join(folder, 'keys');
    await mkdir(keys);
    await writeFile(path.join(keys, 'signing-key.json'), '{"kty":"EC"}', { mode: 0o600 });
    await writeFile(path.join(keys, 'signing-key.another.json'), 'not a key', { mode: 0o600 });
    const { code, out } = await examined({ DATA_DIR: folder }, []);
    assert.is(code, 1);
    assert.match(out, /^PROBLEM {2}signing key: .*signing-key\.another\.json is not a key/m);
  });
});

doctor('a master key that others can read, that is damaged or that is lost is told', async () => {
  await withFolder(async (folder) => {
    const storage = await openInstallation(folder);
    valueOf(await storage.people.attempts.recordFailure('a@example.org', 0, { mostFailures: 3, lockMs: 1 }));
    await storage.close();
    const file = path.join(folder, 'keys', 'master-key-1.json');
    await chmod(file, 0o640);
    assert.match(
      (await examined({ DATA_DIR: folder }, [])).out,
      /^WARNING {2}master key: others can read .*chmod 600/m,
    );
    await writeFile(file, '{}');
    const damaged = await examined({ DATA_DIR: folder }, []);
    assert.is(damaged.code, 1);
    assert.match(damaged.out, /^PROBLEM {2}master key: .*master-key-1.json is no master key/m);
    await rm(file);
    assert.match(
      (await examined({ DATA_DIR: folder }, [])).out,
      /^PROBLEM {2}master key: .* has none, and 1 data keys are wrapped under it/m,
    );
  });
});

doctor('a folder where a key should be cannot be read', async () => {
  await withFolder(async (folder) => {
    await mkdir(path.join(folder, 'keys', 'signing-key.json'), { recursive: true });
    const { out } = await examined({ DATA_DIR: folder }, []);
    assert.match(out, /^PROBLEM {2}signing key: .* cannot be read \(EISDIR\)/m);
  });
});

doctor('a data folder that is a file', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'data');
    await writeFile(file, '');
    const { code, out } = await examined({ DATA_DIR: file }, []);
    assert.is(code, 1);
    assert.match(out, /^PROBLEM {2}data folder: .*data cannot be written to \(ENOTDIR\)/m);
  });
});

doctor('a database of a newer program, one without a schema, and one that is none', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'clarity.db');
    const database = new Libsql(file);
    const schema = async (): Promise<string> =>
      (await examined({ DATA_DIR: folder })).out.split('\n').find((line) => line.includes('database:')) ?? '';
    database.exec('create table other (x)');
    assert.match(await schema(), 'it is made at the first start');
    database.exec('create table schema_version (version integer, name text)');
    assert.match(await schema(), 'it is made at the first start');
    database.exec("insert into schema_version values (0, 'none')");
    assert.match(await schema(), `schema 0 becomes ${String(SCHEMA_VERSION)} at the start`);
    database.exec("insert into schema_version values (999, 'from the future')");
    database.close();
    assert.match(await schema(), /^PROBLEM {2}database: it has schema 999, made by a newer Clarity/);
    await writeFile(file, 'this is no database, but long enough to be taken for one '.repeat(100));
    assert.match(await schema(), /^PROBLEM {2}database: .*clarity\.db cannot be read/);
  });
});

doctor('room that runs out is a warning, then a problem', async () => {
  await withFolder(async (folder) => {
    const left = async (bytes: number, limit = '1048576') => {
      const environment = { DATA_DIR: folder, MAX_EXPORT_BYTES: limit };
      const { code, out } = await examined(environment, [], { freeBytes: () => Promise.resolve(bytes) });
      return [code, out.split('\n')[0]] as const;
    };
    const mib = 1024 * 1024;
    assert.equal(await left(64 * mib), [0, 'Problems: 0, warnings: 0, fine: 7.']);
    const [code, line] = await left(64 * mib - 1);
    assert.is(code, 1);
    assert.match(line ?? '', /^PROBLEM {2}free space: only 63 MiB are left/);
    const limited = await left(100 * mib, String(200 * mib));
    assert.is(limited[0], 0);
    assert.match(limited[1] ?? '', /^WARNING {2}free space: 100 MiB are left, less than one export/);
    const broken = { freeBytes: () => Promise.reject(new Error('no such call')) };
    assert.match((await examined({ DATA_DIR: folder }, [], broken)).out, /^WARNING {2}free space: it cannot be told/m);
    assert.ok((await freeBytesOf(folder)) > 0);
  });
});

doctor('a model folder that is not sound is a problem', async () => {
  await withFolder(async (folder) => {
    const models = path.join(folder, 'models');
    await mkdir(models);
    await writeFile(path.join(models, 'manifest.json'), '{"schema":');
    const { code, out } = await examined({ DATA_DIR: folder, PAT_MODEL_BASE_DIR: models }, []);
    assert.is(code, 1);
    assert.match(out, /^PROBLEM {2}models: /m);
  });
});

doctor('a service that keeps nothing says so', async () => {
  const { code, out } = await examined({ STORAGE: 'memory' }, []);
  assert.is(code, 0);
  assert.match(out, /^WARNING {2}settings: STORAGE is memory/m);
});

doctor('what is not understood is answered with the usage', async () => {
  assert.is((await examined({}, ['now'])).code, 2);
  assert.match((await examined({}, ['--fast'])).notes, /Usage: clarity doctor/);
  assert.is((await examined({}, ['--help'])).code, 0);
});

doctor('a check that hangs ends with its deadline, one that breaks is a bug, and a trouble is told once', async () => {
  const signals = [AbortSignal.abort()];
  const hanging = { subject: 'hanging', run: () => new Promise<never>(() => undefined) };
  const twice = { subject: 'x', run: () => Promise.resolve([problem('shared', 'the same', 'do it')]) };
  const running = runChecks(
    [hanging, twice, twice, { subject: 'y', run: () => Promise.resolve([fine('y', 'well')]) }],
    {
      begin: () => signals.shift() ?? new AbortController().signal,
      waited: 'a while',
    },
  );
  assert.equal(
    (await running).map(({ subject, message }) => [subject, message]),
    [
      ['hanging', 'no answer within a while'],
      ['shared', 'the same'],
      ['y', 'well'],
    ],
  );
  const broken = { subject: 'z', run: () => Promise.reject(new TypeError('a bug')) };
  assert.is(
    await runChecks([broken], patient).then(
      () => 'answered',
      (cause: unknown) => (cause as Error).message,
    ),
    'a bug',
  );
  const late = { subject: 'late', run: (signal: AbortSignal) => Promise.reject(signal.reason as Error) };
  const [ended] = await runChecks([late], { begin: () => AbortSignal.abort(), waited: 'no time' });
  assert.is(ended?.message, 'no answer within no time');
  assert.is(embeddedChecks({ dataDir: '.', exportLimitBytes: 1 }, freeBytesOf).length, 5);
});

doctor.run();
