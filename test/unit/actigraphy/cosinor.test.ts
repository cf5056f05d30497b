import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cosinor, type CosinorFit } from '../../../core/actigraphy/cosinor.ts';
import { clockOf, plainClock } from '../../../core/actigraphy/series.ts';
import { localZone, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';

const close = (actual: number | null, expected: number, tolerance = 1e-9): void =>
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);

const wave = (minute: number, mesor: number, amplitude: number, peak: number): number =>
  mesor + amplitude * Math.cos((2 * Math.PI * (minute - peak)) / 1440);

const fitOf = (values: Float64Array, start = 0): CosinorFit =>
  valueOf(cosinor(values, plainClock(start, values.length)));

test('a pure cosine is recovered whole, from any clock minute on', () => {
  const values = Float64Array.from({ length: 3 * 1440 }, (_, i) => wave(i + 700, 10, 4, 930));
  const fit = fitOf(values, 700);
  close(fit.mesor, 10);
  close(fit.amplitude, 4);
  close(fit.acrophaseMinute, 930, 1e-7);
  close(fit.acrophaseRad, (-2 * Math.PI * 930) / 1440 + 2 * Math.PI);
  close(fit.rSquared, 1);
  assert.is(fit.n, 3 * 1440);
  assert.is(fit.f, null, 'what is left is rounding, not a residual');
});

test('missing minutes change nothing about a pure cosine', () => {
  const values = Float64Array.from({ length: 2 * 1440 }, (_, i) => (i % 7 < 3 ? Number.NaN : wave(i, 10, 4, 200)));
  const fit = fitOf(values);
  close(fit.mesor, 10);
  close(fit.amplitude, 4);
  close(fit.acrophaseMinute, 200, 1e-7);
});

test('values crowded into a few minutes of each day still give an accurate fit', () => {
  const values = new Float64Array(2 * 1440).fill(Number.NaN);
  for (const i of [719, 720, 721, 1440 + 719, 1440 + 721]) values[i] = wave(i, 10, 4, 200);
  values[0] = wave(0, 10, 4, 200);
  const fit = fitOf(values);
  close(fit.mesor, 10, 1e-8);
  close(fit.amplitude, 4, 1e-8);
});

test('a constant series has amplitude zero and neither phase nor explained variance', () => {
  const fit = fitOf(new Float64Array(1440).fill(0.1));
  close(fit.mesor, 0.1);
  assert.equal(
    [fit.amplitude, fit.acrophaseMinute, fit.acrophaseRad, fit.rSquared, fit.f, fit.betaCos, fit.gammaSin],
    [0, null, null, null, null, 0, 0],
  );
});

test('a rhythm of twelve hours has no 24-hour peak and explains nothing', () => {
  const values = Float64Array.from({ length: 1440 }, (_, i) => 5 + Math.cos((4 * Math.PI * i) / 1440));
  const fit = fitOf(values);
  close(fit.amplitude, 0, 1e-12);
  assert.is(fit.acrophaseMinute, null);
  assert.is(fit.acrophaseRad, null);
  close(fit.rSquared, 0, 1e-12);
});

test('a peak at midnight is minute 0, never 1440', () => {
  for (const peak of [0, -1e-13, 1e-13, 1440]) {
    const values = Float64Array.from({ length: 1440 }, (_, i) => wave(i, 0, 1, peak));
    const { acrophaseMinute } = fitOf(values);
    assert.ok(acrophaseMinute !== null && acrophaseMinute >= 0 && acrophaseMinute < 1440, String(acrophaseMinute));
  }
});

test('less than a day between first and last value is not enough', () => {
  const values = new Float64Array(3000).fill(Number.NaN);
  values.fill(1, 500, 500 + 1439);
  assert.is(
    errorOf(cosinor(values, plainClock(0, values.length))).reason,
    'a cosinor needs values over at least 1440 minutes; these cover 1439',
  );
  values[500 + 1439] = 2;
  assert.ok(cosinor(values, plainClock(0, values.length)).isOk());
  assert.match(errorOf(cosinor(new Float64Array(0), plainClock(0, 0))).reason, /these cover 0$/);
});

test('two clock minutes do not fix a curve, however many days they are seen', () => {
  const values = Float64Array.from({ length: 5 * 1440 }, (_, i) => (i % 1440 < 2 ? i : Number.NaN));
  assert.equal(errorOf(cosinor(values, plainClock(0, values.length))), {
    kind: 'not-computable',
    reason: 'a cosinor needs at least 3 different clock minutes; there were 2',
  });
});

test('three values leave no degree of freedom for F', () => {
  const values = new Float64Array(1441).fill(Number.NaN);
  values[0] = 1;
  values[500] = 5;
  values[1439] = 2;
  const fit = fitOf(values);
  assert.is(fit.n, 3);
  assert.is(fit.f, null);
  close(fit.rSquared, 1);
});

test('the peak follows the local clock over a daylight-saving change', () => {
  const berlin = valueOf(localZone('Europe/Berlin'));
  const start = startOfLocalDay(berlin, parseIsoDate('2025-10-25') as number);
  const clock = clockOf(berlin, start, 73 * 60);
  const values = Float64Array.from(clock.clockMinute, (minute) => wave(minute, 3, 2, 840));
  close(valueOf(cosinor(values, clock)).acrophaseMinute, 840, 1e-7);
});

test.run();
