import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockOf, plainClock, type MinuteClock } from '../../../core/actigraphy/series.ts';
import { sleepRegularityIndex } from '../../../core/actigraphy/sleep-regularity.ts';
import { SLEEP, UNSCORED, WAKE } from '../../../core/actigraphy/sleep-scoring.ts';
import { localZone, parseIsoDate, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';

const index = (states: Uint8Array, clock: MinuteClock = plainClock(0, states.length)): number =>
  valueOf(sleepRegularityIndex(states, clock));

const nightly = (minute: number): number => (minute < 420 || minute >= 1380 ? SLEEP : WAKE);

test('identical days score 100, opposite days -100, half the same 0', () => {
  const same = Uint8Array.from({ length: 3 * 1440 }, (_, i) => nightly(i % 1440));
  assert.is(index(same), 100);
  assert.is(index(same.map((state, i) => (Math.floor(i / 1440) === 1 ? 1 - state : state))), -100);
  assert.is(index(same.map((state, i) => (i % 2 === 0 && i >= 1440 && i < 2880 ? 1 - state : state))), 0);
});

test('only pairs with both states known count', () => {
  const states = Uint8Array.from({ length: 2 * 1440 }, () => WAKE);
  states.fill(UNSCORED, 4, 1440);
  states[1440] = SLEEP;
  states[1441] = UNSCORED;
  assert.is(index(states), -100 + (200 * 2) / 3);
});

test('without a pair it is not computable', () => {
  assert.equal(errorOf(sleepRegularityIndex(new Uint8Array(1440), plainClock(0, 1440))), {
    kind: 'not-computable',
    reason: 'the sleep regularity index needs clock minutes scored on two consecutive days; there were 0 in 1 days',
  });
  const dayBetween = new Uint8Array(3 * 1440).fill(UNSCORED, 1440, 2880);
  assert.match(errorOf(sleepRegularityIndex(dayBetween, plainClock(0, dayBetween.length))).reason, /0 in 3 days$/);
  assert.ok(sleepRegularityIndex(new Uint8Array(0), plainClock(0, 0)).isErr());
});

test('one pair is enough', () => {
  assert.is(index(new Uint8Array(1441), plainClock(600, 1441)), 100);
});

test('pairs follow the local clock over both daylight-saving changes', () => {
  const berlin = valueOf(localZone('Europe/Berlin'));
  for (const [date, hours] of [
    ['2025-03-29', 71],
    ['2025-10-25', 73],
  ] as const) {
    const start = startOfLocalDay(berlin, parseIsoDate(date) as number);
    const clock = clockOf(berlin, start, hours * 60);
    const states = Uint8Array.from(clock.clockMinute, nightly);
    assert.is(index(states, clock), 100);
    assert.ok(index(states) < 100, 'by elapsed time the same nights are an hour apart');
  }
});

test('of a clock minute that comes twice the first is taken', () => {
  const berlin = valueOf(localZone('Europe/Berlin'));
  const clock = clockOf(berlin, startOfLocalDay(berlin, parseIsoDate('2025-10-26') as number), 49 * 60);
  const states = Uint8Array.from(clock.clockMinute, nightly);
  states.fill(WAKE, 180, 240);
  assert.is(index(states, clock), 100);
  states.fill(WAKE, 120, 180);
  assert.is(index(states, clock), -100 + (200 * 1380) / 1440);
});

test.run();
