import { randomInt } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzzFrames } from '../../fuzz/frames.ts';

const FRAMES = 5000;
const MOST_GROWTH_BYTES = 50_000_000;

test('whatever is sent is answered, or ends its own connection with the right code', async () => {
  const { failures, connections, grownBytes } = await fuzzFrames(FRAMES, randomInt(2 ** 31));
  assert.equal(failures, []);
  assert.ok(connections > FRAMES / 10);
  assert.ok(grownBytes < MOST_GROWTH_BYTES, `${String(grownBytes)} bytes more on the heap`);
});

test.run();
