import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomStream, xoshiro128StarStar } from '../../../core/simulation/random.ts';

const take = (next: () => number, count: number): readonly number[] => Array.from({ length: count }, () => next());

test('xoshiro128** gives the outputs of the reference code for the state 1, 2, 3, 4', () => {
  const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849];
  assert.equal(take(xoshiro128StarStar([1, 2, 3, 4]), 8), expected);
});

test('a stream is the same at every call and on every machine', () => {
  const words = (): readonly number[] => take(randomStream(42, 'movement', 20_094).uint32, 3);
  assert.equal(words(), words());
  assert.equal(words(), [949526834, 177814115, 2494218268]);
});

test('seeds, names and days each lead to another stream', () => {
  const first = (...path: Parameters<typeof randomStream>): number => randomStream(...path).uint32();
  const paths: Parameters<typeof randomStream>[] = [
    [0],
    [1],
    [2 ** 32],
    [2 ** 32 + 1],
    [1, 'a'],
    [1, 'a', 0],
    [1, 'a', -1],
    [1, 'b', 0],
    [1, 'a', 'b'],
    [1, 'ab'],
  ];
  assert.is(new Set(paths.map((path) => first(...path))).size, paths.length);
});

test('draws keep to their ranges and have about the mean and spread they claim', () => {
  const random = randomStream(7, 'moments');
  const draws = 20_000;
  const moments = (draw: () => number): { mean: number; sd: number; low: number; high: number } => {
    const values = take(draw, draws);
    const mean = values.reduce((sum, value) => sum + value, 0) / draws;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws;
    return { mean, sd: Math.sqrt(variance), low: Math.min(...values), high: Math.max(...values) };
  };
  const uniform = moments(random.uniform);
  assert.ok(uniform.low >= 0 && uniform.high < 1);
  assert.ok(Math.abs(uniform.mean - 0.5) < 0.01 && Math.abs(uniform.sd - Math.sqrt(1 / 12)) < 0.01);
  const dice = moments(() => random.wholeBetween(1, 6));
  assert.equal([dice.low, dice.high], [1, 6]);
  assert.ok(Math.abs(dice.mean - 3.5) < 0.05);
  const normal = moments(() => random.normal(100, 15));
  assert.ok(Math.abs(normal.mean - 100) < 0.5 && Math.abs(normal.sd - 15) < 0.3);
  assert.ok(normal.low >= 10 && normal.high <= 190);
  const heads = moments(() => (random.chance(0.2) ? 1 : 0));
  assert.ok(Math.abs(heads.mean - 0.2) < 0.01);
});

test.run();
