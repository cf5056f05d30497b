import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatLocal, localZone, MS_PER_MINUTE, startOfLocalDay } from '../../../core/kernel/local-time.ts';
import { binEdges, binStart, minuteCeil, minuteFloor } from '../../../core/series/bin-edges.ts';
import type { SeriesResolution } from '../../../core/series/model.ts';
import { valueOf } from '../result-values.ts';

const zoneOf = (name: string) => valueOf(localZone(name));

const HOUR_MS = 3_600_000;

/** The edges as the local clock shows them. */
function shown(zone: string, resolution: SeriesResolution, from: string, to: string, most = 1000): readonly string[] {
  const local = zoneOf(zone);
  const edges = binEdges(local, resolution, Date.parse(from), Date.parse(to), most);
  return [...edges].map((edge) => formatLocal(local, edge).slice(5, 16));
}

const lengths = (zone: string, resolution: SeriesResolution, from: string, to: string): readonly number[] => {
  const edges = binEdges(zoneOf(zone), resolution, Date.parse(from), Date.parse(to), 1000);
  return [...edges].slice(1).map((edge, i) => (edge - edges[i]!) / MS_PER_MINUTE);
};

test('minutes are rounded outwards', () => {
  assert.equal([minuteFloor(59_999), minuteFloor(60_000), minuteFloor(-1)], [0, 60_000, -60_000]);
  assert.equal([minuteCeil(60_001), minuteCeil(60_000), minuteCeil(-59_999)], [120_000, 60_000, 0]);
});

test('the first and the last bin are cut where the span is', () => {
  assert.equal(shown('UTC', 'hour', '2025-03-03T10:20:00Z', '2025-03-03T12:05:00Z'), [
    '03-03T10:20',
    '03-03T11:00',
    '03-03T12:00',
    '03-03T12:05',
  ]);
  assert.equal(lengths('UTC', 'minute', '2025-03-03T10:00:00Z', '2025-03-03T10:03:00Z'), [1, 1, 1]);
});

test('no more bins are made than are asked for, and none of an empty span', () => {
  assert.equal(shown('UTC', 'hour', '2025-03-03T10:00:00Z', '2025-03-04T10:00:00Z', 2), [
    '03-03T10:00',
    '03-03T11:00',
    '03-03T12:00',
  ]);
  assert.is(binEdges(zoneOf('UTC'), 'day', 0, 0, 10).length, 1);
});

test('hours and days begin by the local clock, also where it is half an hour off', () => {
  assert.equal(shown('Asia/Kolkata', 'hour', '2025-03-03T10:00:00Z', '2025-03-03T11:45:00Z'), [
    '03-03T15:30',
    '03-03T16:00',
    '03-03T17:00',
    '03-03T17:15',
  ]);
  assert.equal(shown('America/New_York', 'day', '2025-01-06T00:00:00Z', '2025-01-07T12:00:00Z'), [
    '01-05T19:00',
    '01-06T00:00',
    '01-07T00:00',
    '01-07T07:00',
  ]);
});

test('the day on which clocks go forward has 23 hours, the one on which they go back 25', () => {
  const [forward, back] = ['2025-03-29T23:00:00Z', '2025-10-25T22:00:00Z'];
  assert.equal(lengths('Europe/Berlin', 'day', forward, '2025-03-30T22:00:00Z'), [23 * 60]);
  assert.equal(lengths('Europe/Berlin', 'day', back, '2025-10-26T23:00:00Z'), [25 * 60]);
  assert.is(lengths('Europe/Berlin', 'hour', forward, '2025-03-30T22:00:00Z').length, 23);
  assert.is(lengths('Europe/Berlin', 'hour', back, '2025-10-26T23:00:00Z').length, 25);
});

test('an hour that happens twice is two bins', () => {
  const zone = zoneOf('Europe/Berlin');
  const edges = binEdges(zone, 'hour', Date.parse('2025-10-25T23:00:00Z'), Date.parse('2025-10-26T03:00:00Z'), 10);
  assert.equal(
    [...edges].map((edge) => formatLocal(zone, edge).slice(11)),
    ['01:00:00+02:00', '02:00:00+02:00', '02:00:00+01:00', '03:00:00+01:00', '04:00:00+01:00'],
  );
});

test('where clocks change by half an hour, hours that are cut short are short', () => {
  // Lord Howe Island goes back from 02:00 to 01:30 and forward from 02:00 to 02:30.
  assert.equal(lengths('Australia/Lord_Howe', 'hour', '2025-04-05T14:00:00Z', '2025-04-05T16:30:00Z'), [60, 30, 60]);
  assert.equal(lengths('Australia/Lord_Howe', 'hour', '2025-10-04T14:30:00Z', '2025-10-04T17:00:00Z'), [60, 30, 60]);
  assert.equal(lengths('Australia/Lord_Howe', 'hour', '2025-10-04T15:10:00Z', '2025-10-04T16:30:00Z'), [20, 30, 30]);
});

test('clocks that go back in the first minute of a day show the last hour before it once more', () => {
  const [from, to] = ['2006-10-28T23:00:00-02:30', '2006-10-29T01:00:00-03:30'];
  assert.equal(lengths('America/St_Johns', 'hour', from, to), [60, 1, 59, 60]);
  assert.equal(shown('America/St_Johns', 'day', from, '2006-10-30T01:00:00-03:30'), [
    '10-28T23:00',
    '10-29T00:00',
    '10-30T00:00',
    '10-30T01:00',
  ]);
});

test('a date that a zone never had is no bin', () => {
  const zone = zoneOf('Pacific/Apia');
  const from = startOfLocalDay(zone, Date.parse('2011-12-29T00:00:00Z') / 86_400_000);
  const edges = binEdges(zone, 'day', from, from + 48 * HOUR_MS, 10);
  assert.equal(
    [...edges].map((edge) => formatLocal(zone, edge).slice(0, 10)),
    ['2011-12-29', '2011-12-31', '2012-01-01'],
  );
});

test('the start of a bin is the last edge at or before the instant', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns']) {
    const zone = zoneOf(name);
    for (const resolution of ['minute', 'hour', 'day'] as const) {
      for (const day of ['2006-10-28', '2025-03-29', '2025-04-05', '2025-10-04', '2025-10-25']) {
        const from = startOfLocalDay(zone, Date.parse(`${day}T00:00:00Z`) / 86_400_000);
        const edges = [...binEdges(zone, resolution, from, from + 60 * HOUR_MS, 10_000)];
        for (let at = from; at < from + 60 * HOUR_MS - MS_PER_MINUTE; at += 7 * MS_PER_MINUTE + 12_345) {
          const expected = edges.filter((edge) => edge <= at).at(-1);
          assert.is(binStart(zone, resolution, at), expected, `${name} ${resolution} ${formatLocal(zone, at)}`);
        }
      }
    }
  }
});

test.run();
