import * as assert from 'uvu/assert';
import { EVERYTHING_ON, FEATURES, type FeatureShares } from '../../core/flags/model.ts';
import type { FeatureFlags } from '../../core/flags/ports.ts';
import { userId } from '../../core/kernel/ids.ts';
import { suiteOver, type UnderTest } from './under-test.ts';

/** Makes flags that were told these shares. */
export type MakeFlags = (shares: FeatureShares) => Promise<UnderTest<FeatureFlags>>;

const PEOPLE = Array.from({ length: 1000 }, (_, i) => userId(`person-${String(i)}`));

/** What every `FeatureFlags` promises. */
export function featureFlagsContract(name: string, make: MakeFlags): void {
  const shares: FeatureShares = { ...EVERYTHING_ON, analysis: 25, insights: 0 };
  const { test, run } = suiteOver(`feature flags: ${name}`, () => make(shares));

  test('what is on is on for everybody, and what is off for nobody', async ({ store }) => {
    for (const user of [null, ...PEOPLE]) {
      assert.is(store.isOn('auth', user), true);
      assert.is(store.isOn('data', user), true);
      assert.is(store.isOn('insights', user), false);
    }
  });

  test('what is on for a share is there for somebody, for about so many, and for the same ones each time', async ({
    store,
  }) => {
    assert.is(store.isOn('analysis', null), true);
    const chosen = PEOPLE.filter((user) => store.isOn('analysis', user));
    assert.equal(
      PEOPLE.filter((user) => store.isOn('analysis', user)),
      chosen,
    );
    // Fixed ids, so that this is no matter of luck: 4 standard deviations around 250.
    assert.ok(Math.abs(chosen.length - 250) < 55, String(chosen.length));
  });

  test('every implementation chooses the same people', async ({ store }) => {
    assert.equal(
      ['0b2a7f5e-7f5b-4c7a-9f43-5f4c2a1d9e10', 'ada', 'bob', 'carol', 'dora', 'erin'].map((id) =>
        store.isOn('analysis', userId(id)),
      ),
      CHOSEN,
    );
  });

  test('it tells what it knows', async ({ store }) => {
    const { shares: known, freshness } = store.state();
    assert.equal(known, shares);
    assert.is(freshness, 'current');
    assert.equal(Object.keys(known).sort(), [...FEATURES].sort());
  });

  run();
}

/**
 * SHA-256 of `analysis:<id>` begins with a fraction below a quarter: `printf %s analysis:ada | sha256sum`, whose first hexadecimal
 * digit is then 0 to 3.
 */
const CHOSEN: readonly boolean[] = [false, false, true, false, false, true];
