import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAT_SIZES, parameterCount, sizeOf, WIDTH } from '../../../core/pat/encoder/architecture.ts';
import { foldAttention } from '../../../core/pat/encoder/fold.ts';
import { goldenFault, goldenInput, goldenOf } from '../../../core/pat/encoder/golden.ts';
import { poolTokens } from '../../../core/pat/encoder/pool-tokens.ts';
import { positionTable } from '../../../core/pat/encoder/positions.ts';
import { encodeByDefinition, layerNorm } from '../../../core/pat/encoder/reference-encoder.ts';
import { assembleWeights, namedTensors } from '../../../core/pat/encoder/weights.ts';
import { seededWeights, uniformPlusMinusOne } from '../../fixtures/pat/seeded-weights.ts';

interface UnitCases {
  readonly positional: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  readonly layer_norm: {
    readonly gamma: readonly number[];
    readonly beta: readonly number[];
    readonly cases: Readonly<Record<string, { readonly x: readonly number[]; readonly y: readonly number[] }>>;
  };
  readonly prng: { readonly key_fnv1a64_hex: string; readonly first8_uniform_pm1: readonly number[] };
}

const cases = JSON.parse(
  readFileSync(new URL('../../fixtures/pat/unit_cases.json', import.meta.url), 'utf8'),
) as UnitCases;

const farthest = (expected: ArrayLike<number>, actual: ArrayLike<number>): number =>
  Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);

test('the sizes have as many parameters as the authors’ code prints', () => {
  assert.is(parameterCount(PAT_SIZES.S), 274_720);
  assert.is(parameterCount(PAT_SIZES.M), 993_440);
  assert.is(parameterCount(PAT_SIZES.L), 1_984_192);
  assert.is(sizeOf({ patchMinutes: 9, heads: 12, layers: 4 }), 'L');
  assert.is(sizeOf({ patchMinutes: 5, heads: 12, layers: 8 }), null);
});

test('positions are sines and cosines in two halves, as in the fixtures', () => {
  for (const [count, rows] of Object.entries(cases.positional)) {
    const table = positionTable(Number(count));
    assert.is(table.length, Number(count) * WIDTH);
    for (const [row, expected] of Object.entries(rows)) {
      const at = Number(row) * WIDTH;
      assert.ok(farthest(expected, table.subarray(at, at + WIDTH)) < 1e-12, `row ${row} of ${count}`);
    }
  }
});

for (const [name, { x, y }] of Object.entries(cases.layer_norm.cases)) {
  test(`layer normalisation of the case ${name}`, () => {
    const { gamma, beta } = cases.layer_norm;
    const norm = { gamma: Float32Array.from(gamma), beta: Float32Array.from(beta) };
    // The fixture's gamma and beta are float64; here they are what a weight file holds.
    assert.ok(farthest(y, layerNorm(Float64Array.from(x), norm)) < 1e-6);
  });
}

test('the generator of the seeded weights gives the documented numbers', () => {
  const key = BigInt(cases.prng.key_fnv1a64_hex);
  assert.equal([...uniformPlusMinusOne(key, 8)], cases.prng.first8_uniform_pm1);
});

test('tensors keep their places under their names', () => {
  const weights = seededWeights('M');
  assert.equal(assembleWeights(weights.architecture, namedTensors(weights)), weights);
  assert.throws(() => assembleWeights(weights.architecture, new Map()), /patch_embedding.kernel is missing/);
});

test('folded projections score and mix as the four they were made of', () => {
  const { heads } = PAT_SIZES.S;
  const weights = seededWeights('S');
  const [block] = weights.blocks;
  const { query, key, value, output } = block!;
  const folded = foldAttention(block!, heads);
  const columns = heads * WIDTH;
  const token = (seed: bigint): Float64Array => uniformPlusMinusOne(seed, WIDTH);
  const [a, b, c] = [token(1n), token(2n), token(3n)];
  const project = (
    x: Float64Array,
    layer: { readonly kernel: Float32Array; readonly bias: Float32Array },
    h: number,
  ): number[] =>
    Array.from(
      { length: WIDTH },
      (_, d) =>
        layer.bias[h * WIDTH + d]! +
        x.reduce((sum, value_, i) => sum + value_ * layer.kernel[i * columns + h * WIDTH + d]!, 0),
    );
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, value_, i) => sum + value_ * y[i]!, 0);
  for (let h = 0; h < heads; h++) {
    const scoreOf = (on: Float64Array): number => dot(project(a, query, h), project(on, key, h)) / Math.sqrt(WIDTH);
    const folding = project(a, { kernel: folded.scoreKernel, bias: folded.scoreBias }, h);
    // A softmax sees differences only, and those are kept.
    assert.ok(Math.abs(scoreOf(b) - scoreOf(c) - (dot(folding, b) - dot(folding, c))) < 1e-5);
  }
  const unfolded = new Float64Array(WIDTH).map((_, j) => output.bias[j]!);
  const foldedOut = new Float64Array(WIDTH).map((_, j) => folded.valueBias[j]!);
  for (let h = 0; h < heads; h++) {
    const values = project(a, value, h);
    for (let j = 0; j < WIDTH; j++) {
      for (let d = 0; d < WIDTH; d++) unfolded[j]! += values[d]! * output.kernel[(h * WIDTH + d) * WIDTH + j]!;
      for (let i = 0; i < WIDTH; i++) foldedOut[j]! += a[i]! * folded.valueKernel[(h * WIDTH + i) * WIDTH + j]!;
    }
  }
  assert.ok(farthest(unfolded, foldedOut) < 1e-5);
});

test('attention received sums to 1, and pooling is the mean over tokens', () => {
  const { tokens, pooled, attentionReceived } = encodeByDefinition(seededWeights('S'), goldenInput());
  assert.ok(Math.abs(attentionReceived.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  assert.ok(farthest(pooled, poolTokens(Float32Array.from(tokens))) < 1e-6);
});

test('the self-test knows the right weights from others, and an unknown self-test from its own', () => {
  const golden = goldenOf(seededWeights('S'));
  assert.is(goldenFault(golden, Float32Array.from(golden.pooled)), null);
  const other = goldenOf(seededWeights('S', 1));
  assert.match(goldenFault(golden, Float32Array.from(other.pooled)) ?? '', 'off by');
  assert.match(goldenFault(golden, new Float32Array(96).fill(Number.NaN)) ?? '', 'off by NaN');
  assert.match(goldenFault({ ...golden, input: 'later/2' }, Float32Array.from(golden.pooled)) ?? '', 'not known');
});

test.run();
