import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDeeperThan } from '../../../hosts/express/http/json-depth.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const depthOf = (value: unknown): number =>
  typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf));

test('a text is deeper than so many exactly where its value is', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 9 }), (text, most) => {
      assert.is(isDeeperThan(bytes(text), most), depthOf(JSON.parse(text)) > most);
    }),
  );
});

test('brackets in texts and in names are no nesting, whatever is escaped before them', () => {
  for (const text of [
    '"[[[["',
    '"\\"[[[["',
    '"\\\\"',
    '{"[[[":"]]"}',
    '["\\\\\\"[[", "ä[[[", "👩🏽‍🔬["]',
    '"\\u005b[[["',
  ]) {
    assert.is(isDeeperThan(bytes(text), depthOf(JSON.parse(text))), false, text);
  }
  assert.ok(isDeeperThan(bytes('["\\\\",[[]]]'), 2));
});

test('what goes on being nested is known to be too deep before its end', () => {
  assert.ok(isDeeperThan(bytes('['.repeat(21)), 20));
  assert.not.ok(isDeeperThan(bytes('['.repeat(20)), 20));
  assert.not.ok(isDeeperThan(bytes('[],'.repeat(1000)), 20));
});

test.run();
