import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkStores } from '../../model/check-stores.ts';
import { memoryStores } from '../../model/memory-stores.ts';

const SEED = 20_250_310;

test('in random steps of ten at once the stores in memory are like plain maps', async () => {
  const { counterexample, steps } = await checkStores(memoryStores, { seed: SEED, steps: 300 });
  assert.is(counterexample, null, `seed ${SEED}: ${String(counterexample)}`);
  assert.ok(steps >= 300);
});

test.run();
