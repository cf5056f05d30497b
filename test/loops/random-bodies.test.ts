import { randomInt } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bodyCodecs, fuzzCodecs, textCodecs } from '../fuzz/codecs.ts';
import { heapBytes } from '../fuzz/heap.ts';
import { fuzzBodiesOverHttp, fuzzCalls, speakerAt } from '../fuzz/http.ts';
import type { Speaker } from '../fuzz/hostile-calls.ts';
import { startForLoops, type ServiceForLoops } from './service-for-loops.ts';

/** Hostile input on every route: it ends in an answer, and never in a bug. A failure names the seed and the case. */
const hostile = suite('hostile bodies, paths, queries and headers');

/** What a fuzz run may leave on the heap: stores on memory keep what was accepted. */
const MOST_GROWTH_BYTES = 50_000_000;
const BODIES_A_CODEC = 10_000;
const BODIES_A_ROUTE = 200;
const CALLS = 2000;

let service: ServiceForLoops;
let speaker: Speaker;
hostile.before(async () => {
  service = await startForLoops();
  speaker = await speakerAt(service);
});
hostile.after(() => service.close());

hostile('every codec of a body takes or refuses each of ten thousand values', () => {
  const { cases, taken, failures } = fuzzCodecs(bodyCodecs(), BODIES_A_CODEC, randomInt(2 ** 31));
  assert.equal(failures, []);
  assert.ok(taken > cases / 50, `only ${String(taken)} of ${String(cases)} were near enough to be taken`);
});

hostile('so does every codec of a path or a query', () => {
  const { taken, failures } = fuzzCodecs(textCodecs(), 2000, randomInt(2 ** 31));
  assert.equal(failures, []);
  assert.ok(taken > 0);
});

hostile('no body makes a route fail, and nothing is left of it', async () => {
  const seed = randomInt(2 ** 31);
  await fuzzBodiesOverHttp(service, speaker, 10, seed);
  const before = heapBytes();
  const { failures, statuses } = await fuzzBodiesOverHttp(service, speaker, BODIES_A_ROUTE, seed + 1);
  assert.equal(failures, []);
  assert.ok((statuses[422] ?? 0) > 1000 && (statuses[200] ?? 0) + (statuses[201] ?? 0) > 20, JSON.stringify(statuses));
  const growth = heapBytes() - before;
  assert.ok(growth < MOST_GROWTH_BYTES, `${String(growth)} bytes more on the heap after seed ${String(seed)}`);
});

hostile('no method, path, query or header does', async () => {
  const { failures, statuses } = await fuzzCalls(service, speaker, CALLS, randomInt(2 ** 31));
  assert.equal(failures, []);
  assert.ok((statuses[200] ?? 0) > CALLS / 20, JSON.stringify(statuses));
});

hostile.run();
