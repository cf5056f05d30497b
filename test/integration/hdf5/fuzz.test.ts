import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzzHdf5 } from '../../fuzz/hdf5.ts';

const MUTATIONS = 150;

test('damaged files are read or refused, in time, and never end the process', async () => {
  const { read, recognised, refused, timed_out } = await fuzzHdf5(MUTATIONS, 20_240);
  assert.is(read + refused + timed_out, MUTATIONS);
  assert.ok(recognised > 0 && read > recognised && refused > 0, 'the damage goes from none to total');
});

test.run();
