import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantText } from '../../../core/kernel/instant-text.ts';
import { fixedOffsetZone, formatLocal } from '../../../core/kernel/local-time.ts';

const text = suite('instants as text');

text('an instant is written in its offset, with milliseconds only where there are any', () => {
  const ms = Date.UTC(2025, 0, 6, 23, 30);
  assert.is(instantText(ms), '2025-01-06T23:30:00Z');
  assert.is(instantText(ms, 60), '2025-01-07T00:30:00+01:00');
  assert.is(instantText(ms + 7.9, -210), '2025-01-06T20:00:00.007-03:30');
  assert.is(instantText(ms, 0), '2025-01-06T23:30:00+00:00');
});

text('an offset of a day or more is none, and an instant that no date holds has no text', () => {
  assert.is(instantText(0, 1440), '1970-01-01T00:00:00Z');
  for (const ms of [NaN, Infinity, 8.64e15, -8.64e15]) assert.is(instantText(ms, 60), null);
});

text('it is what formatLocal writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8e15, max: 8e15 }), fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
      assert.is(instantText(ms, offset), formatLocal(fixedOffsetZone(offset), ms));
      assert.is(Date.parse(instantText(ms, offset)!), ms);
    }),
  );
});

text.run();
