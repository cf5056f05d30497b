import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reachedBy } from './cells.ts';
import { JOURNEYS } from './journeys.ts';
import { PORTS } from './service-under-faults.ts';
import { withStillTimers } from './still-timers.ts';

const coverage = suite('the fault matrix');
withStillTimers(coverage);

coverage('strikes every port that the graph has: one that is added must be reached by a journey', async () => {
  const reached = new Set<string>();
  for (const journey of JOURNEYS) for (const { port } of await reachedBy(journey)) reached.add(port);
  assert.ok(PORTS.length >= 15, 'the ports are found');
  assert.equal(
    PORTS.filter((port) => !reached.has(port)),
    [],
  );
});

coverage.run();
