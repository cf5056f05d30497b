import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleNights, type Night } from '../../../core/apple-health/nights.ts';
import { fixedOffsetZone, localZone, MS_PER_DAY, MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import type { LocalZone } from '../../../core/kernel/local-time.ts';
import { SLEEP_STAGE } from '../../../core/health-data/sample-types.ts';
import { PHONE, RING, sleepColumns, WATCH, type SleepRow } from './sleep-samples.ts';
import { valueOf } from '../result-values.ts';

const BERLIN = valueOf(localZone('Europe/Berlin'));
const ALWAYS = { fromMs: Date.UTC(2000, 0, 1), toMs: Date.UTC(2100, 0, 1) };

const nights = (rows: readonly SleepRow[], zone: LocalZone = BERLIN) =>
  assembleNights(sleepColumns(rows), zone, ALWAYS);
function theNight(rows: readonly SleepRow[], zone: LocalZone = BERLIN): Night {
  const found = nights(rows, zone);
  assert.is(found.length, 1);
  return found[0] as Night;
}
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

test('a night with stages and time in bed', () => {
  const night = theNight([
    ['inBed', '2024-01-15T22:45:00+01:00', '2024-01-16T07:00:00+01:00', PHONE],
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T00:30:00+01:00'],
    ['asleepDeep', '2024-01-16T00:30:00+01:00', '2024-01-16T01:30:00+01:00'],
    ['awake', '2024-01-16T01:30:00+01:00', '2024-01-16T01:45:00+01:00'],
    ['asleepRem', '2024-01-16T01:45:00+01:00', '2024-01-16T03:15:00+01:00'],
    ['asleepCore', '2024-01-16T03:15:00+01:00', '2024-01-16T06:45:00+01:00'],
  ]);
  assert.is(night.date, '2024-01-15');
  assert.is(iso(night.startMs), '2024-01-15T21:45:00Z');
  assert.is(iso(night.endMs), '2024-01-16T06:00:00Z');
  assert.is(night.timeInBedMinutes, 495);
  assert.is(night.asleepMinutes, 450);
  assert.is(night.efficiencyPercent, (450 / 495) * 100);
  assert.is(night.onsetLatencyMinutes, 15);
  assert.is(night.wasoMinutes, 15);
  assert.equal(night.stages, { awake: 15, core: 300, deep: 60, rem: 90, unspecified: 0 });
  assert.is(night.napMinutes, 0);
  assert.is(night.source, 'Jo’s Apple Watch');
  assert.equal(night.setAside, []);
});

test('without a sample of time in bed the sleep’s own span counts and the latency is not known', () => {
  const night = theNight([
    ['awake', '2024-01-15T23:00:00+01:00', '2024-01-15T23:10:00+01:00'],
    ['asleepCore', '2024-01-15T23:10:00+01:00', '2024-01-16T06:40:00+01:00'],
  ]);
  assert.is(night.timeInBedMinutes, 460);
  assert.is(night.asleepMinutes, 450);
  assert.is(night.onsetLatencyMinutes, null);
  assert.is(night.wasoMinutes, 0);
});

test('a night of which only the time in bed is known tells no sleep, not zero sleep', () => {
  const night = theNight([['inBed', '2024-01-15T23:00:00+01:00', '2024-01-16T07:00:00+01:00', PHONE]]);
  assert.is(night.timeInBedMinutes, 480);
  assert.is(night.asleepMinutes, null);
  assert.is(night.efficiencyPercent, null);
  assert.is(night.onsetLatencyMinutes, null);
  assert.is(night.wasoMinutes, null);
  assert.is(night.stages, null);
  assert.is(night.napMinutes, null);
  assert.is(night.source, 'Jo’s iPhone');
});

test('a source that does not tell stages has null stages', () => {
  const night = theNight([
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T03:00:00+01:00'],
    ['awake', '2024-01-16T03:00:00+01:00', '2024-01-16T03:20:00+01:00'],
    ['asleepUnspecified', '2024-01-16T03:20:00+01:00', '2024-01-16T07:00:00+01:00'],
  ]);
  assert.is(night.stages, null);
  assert.is(night.asleepMinutes, 460);
  assert.is(night.wasoMinutes, 20);
});

test('the night the clocks go forward is as long as it was: 22:30 to 07:30 is eight hours', () => {
  const night = theNight([
    ['inBed', '2024-03-30T22:30:00+01:00', '2024-03-31T07:30:00+02:00'],
    ['asleepCore', '2024-03-30T23:00:00+01:00', '2024-03-31T07:00:00+02:00'],
  ]);
  assert.is(night.date, '2024-03-30');
  assert.is(night.timeInBedMinutes, 480);
  assert.is(night.asleepMinutes, 420);
  assert.is(night.onsetLatencyMinutes, 30);
});

test('the night the clocks go back is as long as it was: 22:30 to 07:30 is ten hours', () => {
  const night = theNight([
    ['inBed', '2024-10-26T22:30:00+02:00', '2024-10-27T07:30:00+01:00'],
    ['asleepCore', '2024-10-26T23:00:00+02:00', '2024-10-27T02:30:00+02:00'],
    ['asleepDeep', '2024-10-27T02:30:00+02:00', '2024-10-27T02:30:00+01:00'],
    ['asleepCore', '2024-10-27T02:30:00+01:00', '2024-10-27T07:00:00+01:00'],
  ]);
  assert.is(night.date, '2024-10-26');
  assert.is(night.timeInBedMinutes, 600);
  assert.is(night.asleepMinutes, 540);
  assert.is(night.stages?.deep, 60);
});

test('zones of half an hour, and one that moves its clocks by half an hour, keep noon at noon', () => {
  const kolkata = valueOf(localZone('Asia/Kolkata'));
  // 10:30 to 13:40 local has its middle after noon: it belongs to the coming evening.
  assert.is(theNight([['asleepCore', '2024-01-16T05:00:00Z', '2024-01-16T08:10:00Z']], kolkata).date, '2024-01-16');
  assert.is(theNight([['asleepCore', '2024-01-16T04:50:00Z', '2024-01-16T08:00:00Z']], kolkata).date, '2024-01-15');
  const lordHowe = valueOf(localZone('Australia/Lord_Howe'));
  const change = theNight([['asleepCore', '2024-10-05T23:00:00+10:30', '2024-10-06T07:00:00+11:00']], lordHowe);
  assert.is(change.asleepMinutes, 450);
  assert.is(change.date, '2024-10-05');
});

test('a flight to another zone in the middle of the night changes nothing about its length', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T02:00:00+01:00'],
    ['asleepRem', '2024-01-15T20:00:00-05:00', '2024-01-16T00:00:00-05:00'],
  ]);
  assert.is(night.asleepMinutes, 420);
  assert.is(night.date, '2024-01-15');
});

test('a fixed offset can stand for the zone', () => {
  assert.is(
    theNight([['asleepCore', '2024-01-15T23:00:00Z', '2024-01-16T06:00:00Z']], fixedOffsetZone(330)).date,
    '2024-01-15',
  );
});

test('sleep after a gap of more than two hours is a nap of the same noon-to-noon day', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T14:00:00+01:00', '2024-01-15T14:40:00+01:00'],
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00'],
    ['asleepCore', '2024-01-16T08:01:00+01:00', '2024-01-16T08:31:00+01:00'],
  ]);
  assert.is(night.asleepMinutes, 420);
  assert.is(night.napMinutes, 70);
  assert.is(iso(night.startMs), '2024-01-15T22:00:00Z');
  assert.is(iso(night.endMs), '2024-01-16T05:00:00Z');
  assert.is(night.asleep.length, 3);
});

test('sleep that resumes within two hours is the same night', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T03:00:00+01:00'],
    ['asleepCore', '2024-01-16T05:00:00+01:00', '2024-01-16T07:00:00+01:00'],
  ]);
  assert.is(night.asleepMinutes, 360);
  assert.is(night.wasoMinutes, 120);
  assert.is(night.napMinutes, 0);
});

test('three wakeful hours in bed do not make a night and a nap, whoever knows about the bed', () => {
  for (const source of [WATCH, PHONE]) {
    const night = theNight([
      ['inBed', '2024-01-15T22:45:00+01:00', '2024-01-16T07:15:00+01:00', source],
      ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T02:00:00+01:00'],
      ['asleepCore', '2024-01-16T05:00:00+01:00', '2024-01-16T07:00:00+01:00'],
    ]);
    assert.is(night.asleepMinutes, 300);
    assert.is(night.wasoMinutes, 180);
    assert.is(night.napMinutes, 0);
    assert.is(night.timeInBedMinutes, 510);
  }
});

test('two sources of one night are never added up; a watch with stages goes first', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00', WATCH],
    ['asleepUnspecified', '2024-01-15T22:30:00+01:00', '2024-01-16T07:30:00+01:00', PHONE],
    ['asleepCore', '2024-01-15T22:50:00+01:00', '2024-01-16T06:20:00+01:00', RING],
  ]);
  assert.is(night.asleepMinutes, 420);
  assert.equal(night.recordedBy, WATCH);
  assert.equal(night.setAside.map(({ key }) => key).sort(), [PHONE.key, RING.key].sort());
});

test('without a watch with stages the source with the most sleep is used', () => {
  const night = theNight([
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00', WATCH],
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T06:30:00+01:00', PHONE],
  ]);
  assert.equal(night.recordedBy, PHONE);
});

test('a watch that ran out of power does not stand for the night', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-15T23:40:00+01:00', WATCH],
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T06:30:00+01:00', PHONE],
  ]);
  assert.equal(night.recordedBy, PHONE);
  assert.is(night.asleepMinutes, 450);
});

test('each night chooses its own source', () => {
  const found = nights([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00', WATCH],
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T06:30:00+01:00', PHONE],
    ['asleepUnspecified', '2024-01-16T23:00:00+01:00', '2024-01-17T06:30:00+01:00', PHONE],
  ]);
  assert.equal(
    found.map(({ date, recordedBy }) => [date, recordedBy.key]),
    [
      ['2024-01-15', WATCH.key],
      ['2024-01-16', PHONE.key],
    ],
  );
});

test('overlapping samples of one source are not counted twice, and a stage says more than merely asleep', () => {
  const night = theNight([
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T07:00:00+01:00'],
    ['asleepUnspecified', '2024-01-15T23:00:00+01:00', '2024-01-16T07:00:00+01:00'],
    ['asleepDeep', '2024-01-16T00:00:00+01:00', '2024-01-16T02:00:00+01:00'],
    ['asleepRem', '2024-01-16T01:30:00+01:00', '2024-01-16T03:00:00+01:00'],
    ['awake', '2024-01-16T05:00:00+01:00', '2024-01-16T05:30:00+01:00'],
  ]);
  assert.equal(night.stages, { awake: 30, core: 0, deep: 90, rem: 90, unspecified: 270 });
  assert.is(night.asleepMinutes, 450);
  assert.is(night.wasoMinutes, 30);
});

test('a bed recorded only after sleep began says nothing about falling asleep', () => {
  const night = theNight([
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00', WATCH],
    ['inBed', '2024-01-15T23:30:00+01:00', '2024-01-16T06:30:00+01:00', PHONE],
  ]);
  assert.is(night.onsetLatencyMinutes, null);
  assert.is(iso(night.startMs), '2024-01-15T22:00:00Z');
  assert.is(night.timeInBedMinutes, 450);
});

test('of several sources that know about the bed the sleep’s own is believed', () => {
  const night = theNight([
    ['inBed', '2024-01-15T22:50:00+01:00', '2024-01-16T06:10:00+01:00', WATCH],
    ['inBed', '2024-01-15T21:00:00+01:00', '2024-01-16T09:00:00+01:00', PHONE],
    ['asleepCore', '2024-01-15T23:00:00+01:00', '2024-01-16T06:00:00+01:00', WATCH],
  ]);
  assert.is(night.timeInBedMinutes, 440);
  assert.is(night.onsetLatencyMinutes, 10);
});

test('a morning sleeper’s sleep belongs whole to the evening before', () => {
  const night = theNight([['asleepCore', '2024-01-16T08:00:00+01:00', '2024-01-16T15:00:00+01:00']]);
  assert.is(night.date, '2024-01-15');
  assert.is(night.asleepMinutes, 420);
});

test('a day on which only a nap was recorded has no night', () => {
  const nap: SleepRow = ['asleepCore', '2024-01-16T14:00:00+01:00', '2024-01-16T14:27:00+01:00'];
  assert.equal(nights([nap]), []);
  assert.equal(nights([['asleepCore', '2024-01-16T09:00:00+01:00', '2024-01-16T11:59:00+01:00']]), []);
  assert.equal(nights([['asleepCore', '2024-01-16T09:00:00+01:00', '2024-01-16T12:00:00+01:00']]).length, 1);
});

test('a longer nap does not take the place of the night, nor another source’s time in bed', () => {
  const nap: SleepRow = ['asleepCore', '2024-01-15T14:00:00+01:00', '2024-01-15T16:30:00+01:00'];
  const fragment: SleepRow = ['asleepCore', '2024-01-16T00:00:00+01:00', '2024-01-16T01:00:00+01:00'];
  const night = theNight([nap, fragment]);
  assert.equal([night.asleepMinutes, night.napMinutes], [60, 150]);
  const inBed: SleepRow = ['inBed', '2024-01-15T23:00:00+01:00', '2024-01-16T07:00:00+01:00', PHONE];
  const fromBed = theNight([nap, inBed]);
  assert.equal([fromBed.asleepMinutes, fromBed.timeInBedMinutes, fromBed.source], [null, 480, PHONE.name]);
});

test('a short sleep in the small hours is a night all the same', () => {
  assert.is(theNight([['asleepCore', '2024-01-16T04:00:00+01:00', '2024-01-16T05:30:00+01:00']]).asleepMinutes, 90);
});

test('awake all night is a night without sleep', () => {
  const night = theNight([['awake', '2024-01-15T23:00:00+01:00', '2024-01-16T05:00:00+01:00']]);
  assert.is(night.asleepMinutes, 0);
  assert.is(night.efficiencyPercent, 0);
  assert.is(night.wasoMinutes, null);
});

test('no samples, or only samples without length, make no night', () => {
  assert.equal(assembleNights(null, BERLIN, ALWAYS), []);
  assert.equal(nights([['asleepCore', '2024-01-16T08:00:00Z', '2024-01-16T08:00:00Z']]), []);
});

test('only nights whose evening noon lies in the span are told', () => {
  const rows: SleepRow[] = [15, 16, 17].map((day) => [
    'asleepCore',
    `2024-01-${String(day)}T23:00:00+01:00`,
    `2024-01-${String(day + 1)}T06:00:00+01:00`,
  ]);
  const span = { fromMs: Date.parse('2024-01-15T12:00:01+01:00'), toMs: Date.parse('2024-01-17T12:00:00+01:00') };
  assert.equal(
    assembleNights(sleepColumns(rows), BERLIN, span).map(({ date }) => date),
    ['2024-01-16'],
  );
});

const stageNames = Object.keys(SLEEP_STAGE) as (keyof typeof SLEEP_STAGE)[];
const anyRow = fc
  .record({
    stage: fc.constantFrom(...stageNames),
    startMinute: fc.integer({ min: 0, max: 5 * 1440 }),
    minutes: fc.integer({ min: 0, max: 600 }),
    source: fc.constantFrom(WATCH, PHONE, RING),
  })
  .map(({ stage, startMinute, minutes, source }): SleepRow => {
    const startMs = Date.UTC(2024, 9, 24) + startMinute * MS_PER_MINUTE;
    return [stage, new Date(startMs).toISOString(), new Date(startMs + minutes * MS_PER_MINUTE).toISOString(), source];
  });

test('the numbers of every night agree with each other', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 60 }), (rows) => {
      for (const night of nights(rows)) {
        assert.ok(Math.abs(night.timeInBedMinutes - (night.endMs - night.startMs) / MS_PER_MINUTE) < 1e-9);
        if (night.asleepMinutes === null) continue;
        assert.ok(night.asleepMinutes <= night.timeInBedMinutes + 1e-9);
        const inStages = night.stages;
        if (inStages !== null) {
          const { core, deep, rem, unspecified } = inStages;
          assert.ok(Math.abs(core + deep + rem + unspecified - night.asleepMinutes) < 1e-9);
        }
        const slept = night.asleep.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / MS_PER_MINUTE;
        assert.ok(Math.abs(slept - night.asleepMinutes - (night.napMinutes ?? 0)) < 1e-9);
        assert.ok(night.asleep.every(({ startMs }, at) => at === 0 || startMs > (night.asleep[at - 1]?.endMs ?? NaN)));
        assert.ok(night.wasoMinutes === null || night.wasoMinutes >= 0);
        assert.ok(night.onsetLatencyMinutes === null || night.onsetLatencyMinutes >= 0);
      }
    }),
  );
});

test('the order of the samples does not matter', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.nat()), (rows, random) => {
      const shuffled = rows
        .map((row) => ({ row, rank: random.next().value as number }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ row }) => row);
      assert.equal(nights(shuffled), nights(rows));
    }),
  );
});

test('a day later, everything is a day later', () => {
  const utc = valueOf(localZone('UTC'));
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 30 }), (rows) => {
      const later = rows.map(([stage, start, end, source = WATCH]): SleepRow => {
        const shifted = (text: string) => new Date(Date.parse(text) + MS_PER_DAY).toISOString();
        return [stage, shifted(start), shifted(end), source];
      });
      const numbers = (found: readonly Night[]) =>
        found.map((n) => [n.timeInBedMinutes, n.asleepMinutes, n.wasoMinutes, n.napMinutes, n.recordedBy.key]);
      assert.equal(numbers(nights(later, utc)), numbers(nights(rows, utc)));
      assert.equal(
        nights(later, utc).map(({ day }) => day),
        nights(rows, utc).map(({ day }) => day + 1),
      );
    }),
  );
});

test.run();
