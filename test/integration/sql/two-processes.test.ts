import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '../../../adapters/sql/database.ts';
import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import { SqlSampleStore } from '../../../adapters/sql/sample-store.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import { columnsOf, WATCH } from '../../unit/sample-columns.ts';

const PROGRAM = path.join(import.meta.dirname, 'other-process.ts');

interface OtherProcess {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly lines: Interface;
  /** Answers the exit code and the signal. */
  readonly ended: Promise<unknown[]>;
}

function start(task: 'claim' | 'append', file: string): OtherProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, task, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'close') };
}

const test = suite<{ file: string; folder: string }>('sql database of two processes');

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'clarity-sql-'));
  context.file = path.join(context.folder, 'clarity.db');
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test('two processes that claim from one queue share the jobs, and no job is had twice', async ({ file }) => {
  const database = valueOf(await openDatabase(file));
  const queue = new SqlJobQueue(database);
  const ids = Array.from({ length: 200 }, (_, i) => `job ${i}`);
  for (const id of ids) valueOf(await queue.enqueue({ id, owner: userId('ada'), upload: processingId(id) }, 0));
  const others = [start('claim', file), start('claim', file)];
  const claimed = await Promise.all(
    others.map(async ({ lines, ended }) => {
      const had: string[] = [];
      for await (const line of lines) had.push(line);
      assert.equal(await ended, [0, null]);
      return had;
    }),
  );
  assert.equal(claimed.flat().toSorted(), ids.toSorted());
  assert.is(valueOf(await queue.claim(0, 1)), null);
  await database.close();
});

test('what a process was told is stored survives its being killed, beside what another one stores', async ({
  file,
}) => {
  const database = valueOf(await openDatabase(file));
  const store = new SqlSampleStore(database);
  const { child, lines, ended } = start('append', file);
  let told = -1;
  for await (const line of lines) {
    told = Number(line);
    const own = columnsOf('heart_rate', [{ startMs: told, value: told, source: WATCH }]);
    valueOf(await store.append(userId('ada'), processingId('own'), [own]));
    if (told >= 50) break;
  }
  child.kill('SIGKILL');
  assert.equal(await ended, [null, 'SIGKILL']);
  const read = valueOf(await store.read(userId('ada'), ['step_count', 'heart_rate'], { fromMs: 0, toMs: 1e9 }));
  const [steps, heartRates] = read;
  // At most the call that was under way came besides.
  assert.ok(steps!.value.length > told, `${steps!.value.length} stored, ${told + 1} told`);
  assert.ok(steps!.value.every((value, i) => value === i));
  assert.is(heartRates!.value.length, told + 1);
  await database.close();
});

test.run();
