import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCells } from './cells.ts';
import { JOURNEYS } from './journeys.ts';
import { withStillTimers } from './still-timers.ts';

/**
 * Every request of a person's way through the service, with every call that it makes of a port failing in every way: the
 * answer is a documented problem within two deadlines, or breaks off where it had begun, and the request sent again ends
 * in exactly one effect. With an idempotency key it also ends in the same answer, however often it is sent.
 */
const requests = suite('requests while a port fails');
withStillTimers(requests);

let all = 0;

for (const journey of JOURNEYS.filter(({ kind }) => kind === 'request')) {
  requests(`${journey.name}: 503 or a success, and one effect in the end, whichever port fails and how`, async () => {
    const { cells, failures } = await runCells(journey);
    all += cells;
    assert.ok(cells > 0, 'it reaches a port');
    assert.equal(failures, []);
  });
}

requests.after(() => {
  console.log(`${all} cells: request x call of a port x fault x before or after its effect`);
});

requests.run();
