import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { droppedOf, rollingDeployment } from '../rehearsal/rolling.ts';
import { builtIn } from '../rehearsal/tasks.ts';

/** `npm run rehearse:deploy`, small. */
const rehearsal = suite('a deployment under load');

rehearsal('drops no call, loses and doubles nothing, and every process ends well', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-rehearsal-'));
  try {
    const build = builtIn(folder, null);
    const rolled = await rollingDeployment({
      oldBuild: build,
      newBuild: build,
      dataDir: folder,
      calls: 400,
      people: 4,
      // Much longer than the balancer needs: other tests run beside this one.
      shutdownDelayMs: 3000,
      mostWaitForWorkMs: 60_000,
      say: () => undefined,
    });
    const { load, exits, aftermath, balancer } = rolled;
    const told = JSON.stringify({ load, non2xx: [...load.non2xx], balancer, exits, aftermath });
    assert.ok(load.requests >= 400, told);
    assert.is(droppedOf(rolled), 0, told);
    assert.equal([...load.non2xx], [], told);
    assert.equal(
      exits.map(({ task, code }) => [task, code]),
      [
        ['old-1', 0],
        ['old-2', 0],
        ['new-1', 0],
      ],
    );
    const { acknowledged, ...faults } = aftermath;
    assert.ok(acknowledged > 0, told);
    assert.equal(faults, { lost: 0, doubled: 0, strange: 0, unacknowledgedUploads: 0, unfinished: 0 });
    for (const name of ['old-1', 'old-2', 'new-1', 'new-2']) assert.ok((balancer.answered[name] ?? 0) > 0, told);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

rehearsal.run();
