import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkStores } from '../../model/check-stores.ts';
import { dynamoStores } from '../../model/dynamo-stores.ts';

const SEED = 20_250_310;

test('in random steps of ten at once, with processes that die in the middle, the table is like plain maps', async () => {
  const { counterexample, steps, deaths } = await checkStores(dynamoStores, { seed: SEED, steps: 300 });
  assert.is(counterexample, null, `seed ${SEED}: ${String(counterexample)}`);
  assert.ok(steps >= 300);
  assert.ok(deaths > 0);
});

test.run();
