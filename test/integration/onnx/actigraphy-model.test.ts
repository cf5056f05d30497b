import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadEncoder } from '../../../adapters/onnx/onnx-encoder.ts';
import { actigraphyModelContract, ALL_CASES } from '../../contracts/actigraphy-model.contract.ts';
import { seededWeights } from '../../fixtures/pat/seeded-weights.ts';
import { ENGINES, makeOn } from '../worker-threads/engines-under-test.ts';

actigraphyModelContract('ONNX Runtime', { make: makeOn(ENGINES.onnx), cases: ALL_CASES });

test('lengths come and go, more of them than sessions are kept, and the answers stay the same', async () => {
  const encoder = await loadEncoder({ engine: 'onnx', weights: seededWeights('S'), threads: 2 });
  const days = (count: number): Float32Array =>
    Float32Array.from({ length: count * 1440 }, (_, minute) => Math.sin(minute / 200));
  const lengths = [1, 2, 3, 4, 5, 6];
  const first = await Promise.all(lengths.slice(0, 2).map((count) => encoder.encode(days(count))));
  for (const count of lengths) await encoder.encode(days(count));
  const again = await Promise.all(lengths.slice(0, 2).map((count) => encoder.encode(days(count))));
  assert.equal(again, first);
  await encoder.dispose();
});

test.run();
