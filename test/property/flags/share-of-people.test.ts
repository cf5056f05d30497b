import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { EVERYTHING_ON, FEATURES } from '../../../core/flags/model.ts';
import { hasFeature, placeInOrder } from '../../../core/flags/share-of-people.ts';
import { userId } from '../../../core/kernel/ids.ts';

const person = fc.oneof(fc.uuid(), fc.string({ maxLength: 40 })).map(userId);
const feature = fc.constantFrom(...FEATURES);
const share = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

test('whoever has a feature at a share has it at every greater one', () => {
  fc.assert(
    fc.property(feature, person, share, share, (which, user, one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      const at = (percent: number): boolean =>
        hasFeature(nodeDigest, { ...EVERYTHING_ON, [which]: percent }, which, user);
      assert.ok(!at(less) || at(more));
      assert.is(at(100), true);
      assert.is(at(0), false);
    }),
    { numRuns: 2000 },
  );
});

test('a place in the order is from 0 to below 100, and always the same', () => {
  fc.assert(
    fc.property(feature, person, (which, user) => {
      const place = placeInOrder(nodeDigest, which, user);
      assert.ok(place >= 0 && place < 100);
      assert.is(placeInOrder(nodeDigest, which, user), place);
    }),
    { numRuns: 1000 },
  );
});

/** Ids that are made in order, as some identity providers do, and as random ones would be. */
const IDS = Array.from({ length: 20_000 }, (_, i) => userId(`00000000-0000-4000-8000-${String(i).padStart(12, '0')}`));

/** The greatest distance between the share of places below x and x. */
function distanceFromUniform(places: readonly number[]): number {
  const sorted = [...places].sort((a, b) => a - b);
  return Math.max(...sorted.map((place, i) => Math.abs((i + 0.5) / sorted.length - place / 100)));
}

for (const which of FEATURES) {
  test(`the places in the order of ${which} are spread evenly`, () => {
    const places = IDS.map((user) => placeInOrder(nodeDigest, which, user));
    // Kolmogorov-Smirnov at a level of about one in a million; the ids are fixed, so that it is no matter of luck.
    assert.ok(distanceFromUniform(places) < 2.7 / Math.sqrt(IDS.length));
  });
}

test('being early with one feature says nothing of another', () => {
  const early = (which: (typeof FEATURES)[number]) => IDS.filter((user) => placeInOrder(nodeDigest, which, user) < 25);
  const [data, analysis] = [new Set(early('data')), early('analysis')];
  const share = analysis.filter((user) => data.has(user)).length / analysis.length;
  // 5 standard deviations.
  assert.ok(Math.abs(share - 0.25) < 5 * Math.sqrt((0.25 * 0.75) / analysis.length), String(share));
});

test.run();
