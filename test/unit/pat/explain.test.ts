import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { meanDayImportance, minuteImportance } from '../../../core/pat/explain.ts';

interface Week {
  readonly last_layer_token_importance: readonly number[];
  readonly daily_importance_every_60: readonly number[];
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/pat/${name}.json`, import.meta.url), 'utf8'));

const expectedOf = (size: 'S' | 'M'): { readonly config: { readonly patch: number }; readonly week: Week } => {
  const { config, cases } = fixture(`PAT-${size}_expected`) as {
    readonly config: { readonly patch: number };
    readonly cases: { readonly week: Week };
  };
  return { config, week: cases.week };
};

/** Single precision keeps seven digits. */
const isNear = (actual: number | undefined, expected: number | undefined): boolean =>
  actual !== undefined && expected !== undefined && Math.abs(actual - expected) <= 1e-7 * Math.abs(expected);

test('minutes take the importance of their patch, as in the published procedure', () => {
  const { attention_aggregation: expected } = fixture('unit_cases') as {
    readonly attention_aggregation: {
      readonly patch: number;
      readonly token_importance: readonly number[];
      readonly minute_importance: readonly number[];
    };
  };
  const minutes = minuteImportance(expected.token_importance, expected.patch);
  assert.is(minutes.length, expected.minute_importance.length);
  assert.ok(expected.minute_importance.every((value, i) => isNear(minutes[i], value)));
});

for (const size of ['S', 'M'] as const) {
  test(`the mean day of PAT-${size}’s week is the expected one`, () => {
    const { config, week } = expectedOf(size);
    const minutes = minuteImportance(week.last_layer_token_importance, config.patch);
    assert.is(minutes.length, 10_080);
    const day = meanDayImportance(minutes);
    assert.is(day.length, 1440);
    assert.is(week.daily_importance_every_60.length, 24);
    assert.ok(week.daily_importance_every_60.every((value, hour) => isNear(day[hour * 60], value)));
  });
}

test('all minutes together sum to the minutes of a patch, not to one', () => {
  const patches = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(patches, fc.constantFrom(1, 9, 18), (weights, patchMinutes) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const minutes = minuteImportance(
        weights.map((weight) => weight / total),
        patchMinutes,
      );
      const sum = minutes.reduce((all, value) => all + value, 0);
      return minutes.length === weights.length * patchMinutes && Math.abs(sum - patchMinutes) < 1e-5 * patchMinutes;
    }),
  );
});

test('the mean day of alike days is any one of them', () => {
  const day = Float32Array.from({ length: 1440 }, (_, minute) => (minute % 18) / 16);
  const week = new Float32Array(7 * 1440);
  for (let i = 0; i < 7; i++) week.set(day, i * 1440);
  assert.equal(meanDayImportance(week), day);
  assert.equal(meanDayImportance(day), day);
});

test('days are averaged minute by minute, each counting the same', () => {
  const minutes = new Float32Array(4 * 1440);
  minutes[100] = 1;
  minutes[3 * 1440 + 100] = 2;
  minutes[1440 + 101] = 8;
  const day = meanDayImportance(minutes);
  assert.equal([...day.subarray(99, 103)], [0, 0.75, 2, 0]);
});

test('a part of a day has no mean day', () => {
  for (const length of [0, 1439, 1441]) {
    assert.throws(() => meanDayImportance(new Float32Array(length)), /whole days of 1440 minutes/);
  }
});

test.run();
