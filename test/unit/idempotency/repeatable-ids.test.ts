import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import type { IdempotencyScope } from '../../../core/idempotency/ports.ts';
import { repeatableIds } from '../../../core/idempotency/repeatable-ids.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { ADA, NOW_MS } from '../memory-world.ts';

const SCOPE: IdempotencyScope = { owner: ADA, operation: 'uploadHealthData', key: 'a key' };

const take = (count: number, scope = SCOPE, atMs = NOW_MS): readonly string[] => {
  const ids = repeatableIds(nodeDigest, scope, atMs);
  return Array.from({ length: count }, () => ids.uuid());
};

const anyText = fc.string({ unit: 'binary' });
const anyCall = fc.record({
  owner: anyText.map(userId),
  operation: anyText,
  key: anyText,
  atMs: fc.integer({ min: 0, max: 4e12 }),
});

test('every id is a UUID of version 8 in lower case, and no two of a call are the same', () => {
  const ids = take(2000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.is(new Set(ids).size, 2000);
  assert.equal(new Set(ids.map((id) => id[19])), new Set(['8', '9', 'a', 'b']), 'the other bits of the variant vary');
});

test('an id is the first instant and a part of the SHA-256 of the call and of how many came before it', () => {
  const [, second] = take(2);
  const hex = nodeDigest.sha256Hex(`["${ADA}","uploadHealthData","a key",${NOW_MS},1]`);
  const plain = second?.replaceAll('-', '') ?? '';
  assert.is(
    plain.slice(0, 12) + plain.slice(13, 16) + plain.slice(17),
    NOW_MS.toString(16).padStart(12, '0') + hex.slice(13, 16) + hex.slice(17, 32),
  );
});

test('the same call makes the same ids, and another one none of them', () => {
  fc.assert(
    fc.property(anyCall, anyCall, ({ atMs: a, ...one }, { atMs: b, ...other }) => {
      assert.equal(take(3, one, a), take(3, one, a));
      const isSame = JSON.stringify([one, a]) === JSON.stringify([other, b]);
      const all = new Set([...take(3, one, a), ...take(3, other, b)]);
      assert.is(all.size, isSame ? 3 : 6);
    }),
  );
});

test('each part of the call tells, however the parts are cut', () => {
  const calls = [
    take(1),
    take(1, SCOPE, NOW_MS + 1),
    take(1, { ...SCOPE, key: 'a key ' }),
    take(1, { ...SCOPE, operation: 'uploadHealthDataa', key: ' key' }),
    take(1, { ...SCOPE, key: 'a key","b' }),
    take(1, { ...SCOPE, key: '\ud800' }),
    take(1, { ...SCOPE, key: '\ud801' }),
  ];
  assert.is(new Set(calls.flat()).size, calls.length);
});

test.run();
