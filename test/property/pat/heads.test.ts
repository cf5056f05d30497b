import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dealFolds } from '../../../core/pat/heads/folds.ts';
import { areaUnderCurve, calibrationCurve } from '../../../core/pat/heads/metrics.ts';
import { randomStream } from '../../../core/simulation/random.ts';

/** Rows of up to 40 people; labels belong to rows, so that some people have both. */
const anyRows = fc.array(fc.record({ person: fc.integer({ min: 0, max: 39 }), label: fc.constantFrom(0, 1) }), {
  minLength: 1,
  maxLength: 150,
});
const anyFolds = fc.integer({ min: 2, max: 10 });

const columnsOf = (rows: readonly { readonly person: number; readonly label: number }[]) => ({
  people: Uint32Array.from(rows, ({ person }) => person),
  labels: Uint8Array.from(rows, ({ label }) => label),
});

test('no person is in two folds, and folds differ by one in people of either label at most', () => {
  fc.assert(
    fc.property(anyRows, anyFolds, fc.integer(), (rows, folds, seed) => {
      const dealt = dealFolds(columnsOf(rows), folds, randomStream(seed));
      const peopleWith = (fold: number, isIn: (label: number) => boolean): number =>
        new Set(rows.filter(({ label }, row) => dealt[row] === fold && isIn(label)).map(({ person }) => person)).size;
      const everybody = new Set(rows.map(({ person }) => person)).size;
      for (const isIn of [() => true, (label: number) => label === 0, (label: number) => label === 1]) {
        const sizes = Array.from({ length: folds }, (_, fold) => peopleWith(fold, isIn));
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, String(sizes));
      }
      const inFolds = Array.from({ length: folds }, (_, fold) => peopleWith(fold, () => true));
      assert.is(
        inFolds.reduce((sum, size) => sum + size, 0),
        everybody,
      );
      assert.ok(dealt.every((fold) => fold < folds));
    }),
  );
});

test('the order of rows does not matter to the folds, and the seed does', () => {
  fc.assert(
    fc.property(anyRows, anyFolds, fc.integer(), (rows, folds, seed) => {
      const foldOf = (given: typeof rows): Map<number, number> => {
        const dealt = dealFolds(columnsOf(given), folds, randomStream(seed));
        return new Map(given.map(({ person }, row) => [person, dealt[row]!]));
      };
      const [plain, turned] = [foldOf(rows), foldOf(rows.toReversed())];
      for (const [person, fold] of plain) assert.is(turned.get(person), fold);
    }),
  );
  const people = Array.from({ length: 40 }, (_, person) => ({ person, label: person % 2 }));
  const dealt = [1, 2].map((seed) => dealFolds(columnsOf(people), 5, randomStream(seed)));
  assert.not.equal(dealt[0], dealt[1]);
});

/** Scores from a few values, so that ties are common. */
const anyScored = fc.array(
  fc.record({
    score: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 1),
    label: fc.constantFrom(0, 1),
    fold: fc.integer({ min: 0, max: 2 }),
    weight: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 60 },
);
type Scored = readonly {
  readonly score: number;
  readonly label: number;
  readonly fold: number;
  readonly weight: number;
}[];

const scoredColumns = (rows: Scored) => ({
  scores: Float64Array.from(rows, ({ score }) => score),
  labels: Uint8Array.from(rows, ({ label }) => label),
  folds: Uint8Array.from(rows, ({ fold }) => fold),
});

test('the area under the curve is the share of pairs within folds that are in order', () => {
  fc.assert(
    fc.property(anyScored, (rows) => {
      let [pairs, won] = [0, 0];
      for (const one of rows) {
        for (const zero of rows) {
          if (one.label !== 1 || zero.label !== 0 || one.fold !== zero.fold) continue;
          const weight = one.weight * zero.weight;
          pairs += weight;
          won += weight * (one.score > zero.score ? 1 : one.score === zero.score ? 0.5 : 0);
        }
      }
      const area = areaUnderCurve(
        scoredColumns(rows),
        rows.map(({ weight }) => weight),
      );
      if (pairs === 0) assert.is(area, null);
      else assert.ok(Math.abs(area! - won / pairs) < 1e-12);
    }),
  );
});

test('exchanged labels turn the area round, and a rising function of the scores leaves it', () => {
  fc.assert(
    fc.property(anyScored, (rows) => {
      const columns = scoredColumns(rows);
      const area = areaUnderCurve(columns);
      const exchanged = areaUnderCurve({ ...columns, labels: columns.labels.map((label) => 1 - label) });
      const cubed = areaUnderCurve({ ...columns, scores: columns.scores.map((score) => score ** 3 - 7) });
      assert.is(cubed, area);
      if (area === null) assert.is(exchanged, null);
      else assert.ok(Math.abs(exchanged! + area - 1) < 1e-12);
    }),
  );
});

test('a calibration curve has at most ten bins, rises, and loses no row', () => {
  fc.assert(
    fc.property(anyScored, fc.boolean(), (rows, tied) => {
      const { labels, scores: few } = scoredColumns(rows);
      const scores = tied ? few : few.map((score, row) => score + row / 1000);
      const curve = calibrationCurve(scores, labels);
      assert.ok(curve.length <= 10);
      const total = (of: (bin: (typeof curve)[number]) => number): number =>
        curve.reduce((sum, bin) => sum + of(bin) * bin.n, 0);
      assert.is(
        total(() => 1),
        rows.length,
      );
      assert.ok(Math.abs(total((bin) => bin.observed) - labels.filter((label) => label === 1).length) < 1e-9);
      assert.ok(curve.every((bin, i) => i === 0 || bin.predicted > curve[i - 1]!.predicted));
    }),
  );
});

test.run();
