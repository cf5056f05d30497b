import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../contracts/route.ts';
import { ROUTES } from '../../contracts/routes.ts';
import { reachedBy, struckIn } from './cells.ts';
import { JOURNEYS } from './journeys.ts';
import { registered } from './people.ts';
import { AT_THE_DOOR, NOT_REACHED, PORTS } from './ports.ts';
import { startUnderFaults } from './service-under-faults.ts';
import { withStillTimers } from './still-timers.ts';

const coverage = suite('the fault matrix');
withStillTimers(coverage);

/** `Port.method` of everything that some journey strikes. */
async function struckAnywhere(): Promise<ReadonlySet<string>> {
  const struck = new Set<string>();
  for (const journey of JOURNEYS) {
    for (const { port, method } of struckIn(journey, await reachedBy(journey))) struck.add(`${port}.${method}`);
  }
  return struck;
}

coverage(
  'strikes every method of every port that the graph has: one that is added must be reached by a journey',
  async () => {
    const struck = await struckAnywhere();
    const service = await startUnderFaults();
    const methods = service.methods();
    await service.close();
    assert.ok(PORTS.length >= 25, 'the ports are found');
    const named = new Set(methods.flatMap(({ ports }) => ports));
    assert.equal(
      PORTS.filter((port) => !named.has(port)),
      [],
      'every port has methods',
    );
    const missed = methods.filter(({ ports, method }) => !ports.some((port) => struck.has(`${port}.${method}`)));
    assert.equal(
      // Of some ports there are two: one that remembers, before one that keeps.
      [...new Set(missed.map(({ ports, method }) => `${ports.join('|')}.${method}`))].sort(),
      Object.keys(NOT_REACHED).sort(),
    );
  },
);

coverage('has a journey for every route that asks more of a port than who the caller is', async () => {
  const service = await startUnderFaults();
  try {
    const { token } = await registered(service, 'ada@example.org');
    const travelled = new Set<string>(
      JOURNEYS.flatMap((journey) => (journey.kind === 'request' ? [journey.route] : [])),
    );
    const others = Object.entries<RouteDefinition>(ROUTES).filter(([id]) => !travelled.has(id));
    const asking: string[] = [];
    for (const [id, { method, path }] of others) {
      service.arm(null);
      await service.call(method, path.replaceAll(/\{\w+\}/g, 'any'), { token });
      const reached = service.reached().map(({ port, method: called }) => `${port}.${called}`);
      if (method !== 'GET' || reached.some((name) => !AT_THE_DOOR.includes(name)))
        asking.push(`${id}: ${reached.join()}`);
    }
    assert.equal(asking, []);
  } finally {
    await service.close();
  }
});

coverage.run();
