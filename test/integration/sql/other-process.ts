import { openDatabase } from '../../../adapters/sql/database.ts';
import { SqlJobQueue } from '../../../adapters/sql/job-queue.ts';
import { SqlSampleStore } from '../../../adapters/sql/sample-store.ts';
import { processingId, userId } from '../../../core/kernel/ids.ts';
import { valueOf } from '../../unit/result-values.ts';
import { columnsOf, PHONE } from '../../unit/sample-columns.ts';

/**
 * A process beside the test's own, started with a task and the database's path. `claim` claims and completes jobs until
 * there is none and writes their ids; `append` stores samples in small calls and writes a line after each.
 */
const [task = '', file = ''] = process.argv.slice(2);
const database = valueOf(await openDatabase(file));

if (task === 'claim') {
  const queue = new SqlJobQueue(database);
  for (let job = valueOf(await queue.claim(0, 60_000)); job !== null; job = valueOf(await queue.claim(0, 60_000))) {
    valueOf(await queue.complete(job));
    process.stdout.write(`${job.id}\n`);
  }
  await database.close();
} else {
  const store = new SqlSampleStore(database);
  for (let i = 0; ; i++) {
    const batch = columnsOf('step_count', [{ startMs: i * 1000, value: i, source: PHONE }]);
    valueOf(await store.append(userId('ada'), processingId('of the other process'), [batch]));
    process.stdout.write(`${i}\n`);
  }
}
