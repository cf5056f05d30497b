import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeTraffic } from '../../../core/release/judge-traffic.ts';
import { RELEASE_THRESHOLDS, type DurationBucket, type Traffic } from '../../../core/release/model.ts';
import { histogramQuantile } from '../../../core/release/quantile.ts';

const buckets = (...counts: readonly (readonly [number, number])[]): readonly DurationBucket[] =>
  counts.map(([mostSeconds, count]) => ({ mostSeconds, count }));

/** 990 of 1,000 within half a second, exactly. */
const DURATIONS = buckets([0.25, 900], [0.5, 995], [1, 999], [Number.POSITIVE_INFINITY, 1000]);
const GOOD: Traffic = { requests: 1000, unauthenticated: 49, failed: 9, durations: DURATIONS };

const judge = (change: Partial<Traffic>) => judgeTraffic({ ...GOOD, ...change }, RELEASE_THRESHOLDS);
const failing = (change: Partial<Traffic>): readonly string[] =>
  judge(change)
    .judged.filter(({ holds }) => !holds)
    .map(({ measure }) => measure);

test('go is where every measure stays below its threshold', () => {
  assert.is(judge({}).isGo, true);
  assert.equal(
    judge({}).judged.map(({ measure, threshold }) => [measure, threshold]),
    [
      ['requests', 100],
      ['auth_failure_share', 0.05],
      ['error_share', 0.01],
      ['p99_seconds', 0.5],
    ],
  );
});

test('reaching a threshold is no-go, and the measure is named', () => {
  assert.equal(failing({ unauthenticated: 50 }), ['auth_failure_share']);
  assert.equal(failing({ failed: 10 }), ['error_share']);
  assert.equal(failing({ durations: buckets([0.25, 900], [0.5, 990], [1, 1000], [Number.POSITIVE_INFINITY, 1000]) }), [
    'p99_seconds',
  ]);
  assert.equal(failing({ requests: 99, unauthenticated: 0, failed: 0 }), ['requests']);
  assert.is(judge({ failed: 10 }).isGo, false);
});

test('without calls nothing holds, and nothing is made up', () => {
  const { isGo, judged } = judge({ requests: 0, unauthenticated: 0, failed: 0, durations: [] });
  assert.is(isGo, false);
  assert.equal(
    judged.map(({ value }) => value),
    [0, null, null, null],
  );
});

test('a quantile is worked out inside its bucket, evenly spread', () => {
  const half = buckets([1, 10], [2, 30], [4, 40], [Number.POSITIVE_INFINITY, 40]);
  assert.is(histogramQuantile(0.25, half), 1);
  assert.is(histogramQuantile(0.5, half), 1.5);
  assert.is(histogramQuantile(0.75, half), 2);
  assert.is(histogramQuantile(0.125, half), 0.5);
  assert.is(histogramQuantile(1, half), 4);
});

test('beyond the last bound that is known, it is that bound', () => {
  assert.is(histogramQuantile(0.99, buckets([1, 10], [Number.POSITIVE_INFINITY, 40])), 1);
});

test('without observations there is no quantile', () => {
  assert.is(histogramQuantile(0.99, []), null);
  assert.is(histogramQuantile(0.99, buckets([1, 0], [Number.POSITIVE_INFINITY, 0])), null);
});

test.run();
