import * as assert from 'uvu/assert';
import { DynamoFailedJobs } from '../../../adapters/aws/dynamodb/failed-jobs.ts';
import type { FailedJob, FailedJobs } from '../../../core/health-data/failed-jobs.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import {
  durableFailedJobsContract,
  failedJobsContract,
  sharedFailedJobsContract,
} from '../../contracts/failed-jobs.contract.ts';
import { suiteOver } from '../../contracts/under-test.ts';
import { makeTable } from '../../emulators/tables.ts';
import { valueOf } from '../../unit/result-values.ts';
import { endingBefore, InterruptedTable } from './interrupted-table.ts';

const make = async () => {
  const under = await makeTable();
  const open = (): FailedJobs => new DynamoFailedJobs(under.another());
  return { under, store: open(), other: open(), reopen: async () => open(), close: () => under.close() };
};

failedJobsContract('dynamodb', make);
durableFailedJobsContract('dynamodb', make);
sharedFailedJobsContract('dynamodb', make);

const { test, run } = suiteOver('dynamodb failed jobs', make);

const JOB: FailedJob = {
  owner: userId('ada'),
  upload: processingId('u'),
  jobId: 'u/1',
  attempts: 5,
  failedAtMs: Date.UTC(2025, 2, 10, 12),
  reason: 'gave-up',
};
const LATER: FailedJob = { ...JOB, jobId: 'u/2', failedAtMs: JOB.failedAtMs + 60_000 };

test('items have the keys that they are documented with', async ({ store, under }) => {
  valueOf(await store.keep(JOB));
  assert.equal((await under.scan()).map(({ pk, sk }) => `${pk} ${sk}`).sort(), [
    'FAILEDJOBS 2025-03-10T12:00:00.000000+00:00#ada#u',
    'USER#ada FAILEDJOB#u',
  ]);
});

test('keeping, removing and erasing, each ended before any write and done again, leave what one success leaves', async ({
  store,
  under,
}) => {
  const deeds: readonly (readonly [string, (of: FailedJobs) => Promise<boolean>, number])[] = [
    ['keep', async (of) => (await of.keep(LATER)).isOk(), 2],
    ['erase', async (of) => (await of.eraseOwner(JOB.owner)).isOk(), 0],
  ];
  for (const [what, deed, items] of deeds) {
    for (let writes = 0; ; writes++) {
      valueOf(await store.keep(JOB));
      const table = new InterruptedTable(under, endingBefore(writes));
      const isDone = await deed(new DynamoFailedJobs(table));
      table.close();
      // Whatever was left, nothing in the list names somebody of whom nothing is there.
      const left = await under.scan();
      assert.ok(left.some(({ pk }) => pk === 'USER#ada') || left.length === 0, `${what} ${String(writes)}`);
      if (!isDone) assert.ok(await deed(store));
      assert.is((await under.scan()).length, items, `${what} ${String(writes)}`);
      valueOf(await store.eraseOwner(JOB.owner));
      if (isDone) {
        assert.ok(writes >= 2, 'every write was a place to end at');
        break;
      }
    }
  }
});

run();
