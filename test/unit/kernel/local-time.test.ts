import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fixedOffsetZone,
  formatLocal,
  isoDate,
  localDayOf,
  localMinuteOfDay,
  localToInstant,
  localZone,
  MS_PER_DAY,
  parseIsoDate,
  startOfLocalDay,
  type LocalZone,
} from '../../../core/kernel/local-time.ts';
import { errorOf, valueOf } from '../result-values.ts';

const zone = (name: string): LocalZone => valueOf(localZone(name));
const day = (text: string): number => parseIsoDate(text) as number;
const hoursOfDay = (z: LocalZone, text: string): number =>
  (startOfLocalDay(z, day(text) + 1) - startOfLocalDay(z, day(text))) / 3_600_000;
const startText = (z: LocalZone, text: string): string => formatLocal(z, startOfLocalDay(z, day(text)));

const BERLIN = zone('Europe/Berlin');

test('an unknown zone name is an error that carries the name', () => {
  for (const name of ['Europe/Atlantis', '', 'UTC+24:00', '+01:60', 'UTC+1', 'local']) {
    assert.equal(errorOf(localZone(name)), { kind: 'unknown-time-zone', name });
  }
});

test('fixed offsets are read with and without UTC and named alike', () => {
  assert.is(zone('UTC').offsetMinutesAt(0), 0);
  assert.is(zone('UTC').name, 'UTC');
  assert.is(zone('UTC+01:00').offsetMinutesAt(1e12), 60);
  assert.is(zone('+01:00').name, 'UTC+01:00');
  assert.is(zone('-03:30').offsetMinutesAt(0), -210);
  assert.is(zone('UTC-03:30').name, 'UTC-03:30');
  assert.is(zone('+00:00').name, 'UTC');
  assert.is(fixedOffsetZone(345).name, 'UTC+05:45');
});

test('an IANA zone keeps the name it was asked for', () => {
  assert.is(zone('Asia/Kolkata').name, 'Asia/Kolkata');
});

test('Berlin changes its offset at exactly 01:00 UTC on the last Sundays of March and October', () => {
  const spring = Date.UTC(2025, 2, 30, 1);
  const autumn = Date.UTC(2025, 9, 26, 1);
  assert.equal(
    [spring - 1, spring, autumn - 1, autumn].map((ms) => BERLIN.offsetMinutesAt(ms)),
    [60, 120, 120, 60],
  );
});

test('offsets with seconds are rounded to the minute', () => {
  // Liberia was 44 min 30 s behind UTC until January 1972; Dublin 25 min 21 s in the 19th century.
  assert.is(zone('Africa/Monrovia').offsetMinutesAt(0), -45);
  assert.is(zone('Africa/Monrovia').offsetMinutesAt(Date.UTC(1973, 0, 1)), 0);
  assert.is(zone('Europe/Dublin').offsetMinutesAt(Date.UTC(1850, 0, 1)), -25);
});

test('a summer time of one week is not stepped over', () => {
  const recife = zone('America/Recife');
  const begin = Date.UTC(2000, 9, 8, 3);
  const end = Date.UTC(2000, 9, 15, 2);
  assert.equal(
    [begin - 1, begin, end - 1, end].map((ms) => recife.offsetMinutesAt(ms)),
    [-180, -120, -120, -180],
  );
});

test('an instant that no date can hold throws instead of getting an offset', () => {
  assert.throws(() => BERLIN.offsetMinutesAt(Number.NaN), /Invalid time value/);
  assert.throws(() => BERLIN.offsetMinutesAt(8.64e15 + 1), /Invalid time value/);
  assert.is(BERLIN.offsetMinutesAt(8.64e15), 120);
});

test('the days of Berlin have 23, 24 and 25 hours', () => {
  assert.is(hoursOfDay(BERLIN, '2025-03-30'), 23);
  assert.is(hoursOfDay(BERLIN, '2025-03-31'), 24);
  assert.is(hoursOfDay(BERLIN, '2025-10-26'), 25);
  assert.is(startText(BERLIN, '2025-03-30'), '2025-03-30T00:00:00+01:00');
  assert.is(startText(BERLIN, '2025-03-31'), '2025-03-31T00:00:00+02:00');
});

test('Lord Howe moves its clocks by half an hour', () => {
  const lordHowe = zone('Australia/Lord_Howe');
  assert.is(hoursOfDay(lordHowe, '2025-04-06'), 24.5);
  assert.is(hoursOfDay(lordHowe, '2025-10-05'), 23.5);
});

test('Kolkata is five and a half hours ahead all year', () => {
  const kolkata = zone('Asia/Kolkata');
  assert.is(startText(kolkata, '2025-07-01'), '2025-07-01T00:00:00+05:30');
  assert.is(localDayOf(kolkata, Date.UTC(2025, 6, 1, 18, 30)), day('2025-07-02'));
  assert.is(localMinuteOfDay(kolkata, Date.UTC(2025, 6, 1, 18, 29, 59)), 1439);
});

test('New York reads and shows its own clock', () => {
  const newYork = zone('America/New_York');
  assert.is(formatLocal(newYork, Date.UTC(2025, 2, 9, 6, 59, 59)), '2025-03-09T01:59:59-05:00');
  assert.is(formatLocal(newYork, Date.UTC(2025, 2, 9, 7)), '2025-03-09T03:00:00-04:00');
  assert.is(hoursOfDay(newYork, '2025-11-02'), 25);
});

test('a day whose midnight is skipped starts when the clocks jump', () => {
  const saoPaulo = zone('America/Sao_Paulo');
  assert.is(startText(saoPaulo, '2018-11-04'), '2018-11-04T01:00:00-02:00');
  assert.is(hoursOfDay(saoPaulo, '2018-11-04'), 23);
  // 23:30 to 00:30: the gap covers midnight without starting there.
  assert.is(startText(zone('America/Toronto'), '1919-03-31'), '1919-03-31T00:30:00-04:00');
});

test('a day whose midnight comes twice starts at the first', () => {
  const havana = zone('America/Havana');
  assert.is(startText(havana, '2024-11-03'), '2024-11-03T00:00:00-04:00');
  assert.is(hoursOfDay(havana, '2024-11-03'), 25);
  assert.is(startText(zone('America/St_Johns'), '2010-11-07'), '2010-11-07T00:00:00-02:30');
});

test('the date that Apia skipped has no hours', () => {
  const apia = zone('Pacific/Apia');
  assert.is(hoursOfDay(apia, '2011-12-29'), 24);
  assert.is(hoursOfDay(apia, '2011-12-30'), 0);
  assert.is(hoursOfDay(apia, '2011-12-31'), 24);
  assert.is(startText(apia, '2011-12-30'), '2011-12-31T00:00:00+14:00');
  assert.is(localDayOf(apia, Date.UTC(2011, 11, 30, 9, 59, 59)), day('2011-12-29'));
});

test('a wall time inside the spring gap moves on by the gap', () => {
  const read = localToInstant(BERLIN, day('2025-03-30'), 2 * 60 + 30);
  assert.is(formatLocal(BERLIN, read), '2025-03-30T03:30:00+02:00');
  assert.is(
    formatLocal(zone('Pacific/Apia'), localToInstant(zone('Pacific/Apia'), day('2011-12-30'), 720)),
    '2011-12-31T12:00:00+14:00',
  );
});

test('a wall time of the repeated autumn hour is the first of the two', () => {
  const read = localToInstant(BERLIN, day('2025-10-26'), 2 * 60 + 30, 15);
  assert.is(formatLocal(BERLIN, read), '2025-10-26T02:30:15+02:00');
});

test('wall times around a change that are neither skipped nor repeated are read exactly', () => {
  const at = (minute: number): string => formatLocal(BERLIN, localToInstant(BERLIN, day('2025-03-30'), minute));
  assert.is(at(119), '2025-03-30T01:59:00+01:00');
  assert.is(at(180), '2025-03-30T03:00:00+02:00');
  assert.is(localToInstant(zone('UTC'), 0, 1, 2.5), 62_500);
});

test('formatting keeps milliseconds only where there are any', () => {
  assert.is(formatLocal(zone('UTC'), 0), '1970-01-01T00:00:00+00:00');
  assert.is(formatLocal(zone('UTC-03:30'), 1_250), '1969-12-31T20:30:01.250-03:30');
  assert.is(formatLocal(BERLIN, 500), '1970-01-01T01:00:00.500+01:00');
});

test('ISO dates are read strictly and only if they exist', () => {
  assert.is(parseIsoDate('1970-01-01'), 0);
  assert.is(parseIsoDate('2024-02-29'), 19_782);
  assert.is(parseIsoDate('0001-01-01'), -719_162);
  for (const text of ['2025-02-29', '2025-13-01', '2025-00-10', '2025-4-01', '20250401', '2025-04-01T00:00', '']) {
    assert.is(parseIsoDate(text), null, text);
  }
});

test('dates beyond four-digit years are written with sign and six digits', () => {
  assert.is(isoDate(-719_529), '-000001-12-31');
  assert.is(isoDate(2_932_897), '+010000-01-01');
});

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Gaza',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'UTC+09:30',
].map(zone);
const anyZone = fc.constantFrom(...ZONES);
const anyInstant = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) });

test('the offset is the one that the platform shows on its local clock, in whatever order instants come', () => {
  const clocks = new Map(
    ZONES.filter((z) => !z.name.startsWith('UTC')).map((z) => [
      z,
      new Intl.DateTimeFormat('en-CA', {
        timeZone: z.name,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
      }),
    ]),
  );
  fc.assert(
    fc.property(fc.constantFrom(...clocks.keys()), anyInstant, (z, ms) => {
      const shown = (clocks.get(z) as Intl.DateTimeFormat).format(ms).replace(', ', 'T');
      assert.is(formatLocal(z, ms).slice(0, 16), shown);
    }),
    { numRuns: 400 },
  );
});

test('a wall time read back is the instant itself or, in a repeated hour, an earlier one showing the same', () => {
  fc.assert(
    fc.property(anyZone, anyInstant, (z, instant) => {
      const ms = Math.floor(instant / 60_000) * 60_000;
      const read = localToInstant(z, localDayOf(z, ms), localMinuteOfDay(z, ms));
      assert.ok(read <= ms);
      assert.is(localDayOf(z, read), localDayOf(z, ms));
      assert.is(localMinuteOfDay(z, read), localMinuteOfDay(z, ms));
    }),
    { numRuns: 400 },
  );
});

test('starts of days never go back, are at most 26 hours apart, and each is the first instant of its date', () => {
  fc.assert(
    fc.property(anyZone, fc.integer({ min: 0, max: 40_000 }), (z, d) => {
      const start = startOfLocalDay(z, d);
      const next = startOfLocalDay(z, d + 1);
      assert.ok(next >= start && next - start <= 26 * 3_600_000);
      assert.ok(localDayOf(z, start) >= d);
      assert.ok(localDayOf(z, start - 1) < d);
    }),
    { numRuns: 400 },
  );
});

test('every date from 0000 to 9999 survives writing and reading', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (d) => {
      assert.is(parseIsoDate(isoDate(d)), d);
      assert.is(isoDate(d), new Date(d * MS_PER_DAY).toISOString().slice(0, 10));
    }),
  );
});

test.run();
