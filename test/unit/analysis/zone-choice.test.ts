import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseZone } from '../../../core/analysis/zone-choice.ts';

test('the requested zone goes before the recorded one, and that before the offset', () => {
  const all = { requested: 'Asia/Tokyo', recorded: 'Europe/Berlin', offsetMinutes: 330 };
  assert.is(chooseZone(all).name, 'Asia/Tokyo');
  assert.is(chooseZone({ ...all, requested: null }).name, 'Europe/Berlin');
  assert.is(chooseZone({ ...all, requested: null, recorded: null }).name, 'UTC+05:30');
});

test('a recorded zone that this system does not know falls through to the offset', () => {
  const zone = chooseZone({ requested: null, recorded: 'Mars/Olympus', offsetMinutes: -210 });
  assert.is(zone.name, 'UTC-03:30');
});

test('without any evidence the zone is UTC', () => {
  assert.is(chooseZone({ requested: null, recorded: null, offsetMinutes: null }).name, 'UTC');
});

test.run();
