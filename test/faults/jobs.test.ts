import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCells } from './cells.ts';
import { JOURNEYS } from './journeys.ts';
import { withStillTimers } from './still-timers.ts';

/**
 * The work on an upload, with every call that it makes of a port failing in every way: the upload ends completed, or failed
 * with a reason and completed when it is tried again, and there is exactly one analysis. The same for the sending of
 * webhooks: the message arrives, under one id, and the log says so.
 */
const jobs = suite('jobs while a port fails');
withStillTimers(jobs);

let all = 0;

for (const journey of JOURNEYS.filter(({ kind }) => kind !== 'request')) {
  jobs(
    `${journey.name}: it ends well, at once or in the end, with one effect, whichever port fails and how`,
    async () => {
      const { cells, failures } = await runCells(journey);
      all += cells;
      assert.ok(cells > 0, 'it reaches a port');
      assert.equal(failures, []);
    },
  );
}

jobs.after(() => {
  console.log(`${all} cells: job x call of a port x fault x before or after its effect`);
});

jobs.run();
