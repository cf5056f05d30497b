import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyzeWindow } from '../../../core/analysis/analyze-window.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { SLEEP_STAGE } from '../../../core/health-data/sample-types.ts';
import { portUnavailable } from '../../../core/kernel/errors.ts';
import { processingId, type UserId } from '../../../core/kernel/ids.ts';
import { isoDate, localZone, parseIsoDate, startOfLocalDay, type LocalZone } from '../../../core/kernel/local-time.ts';
import { simulatePerson } from '../../../core/simulation/simulate-person.ts';
import { failing } from '../auth/identities.ts';
import { ADA, BOB, memoryWorld, replacing, type World } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { columnsOf, minutesFrom, PHONE, WATCH } from '../sample-columns.ts';
import { assertTruthful, reasonOf } from './document-nulls.ts';
import { nightBlock, sleepMetric } from './metrics.ts';
import { BERLIN, UTC } from './recordings.ts';
import { samplesOf } from './simulated-samples.ts';

const UPLOAD = processingId('upload-1');
const DAY = parseIsoDate('2025-01-06') ?? Number.NaN;

interface Asked {
  readonly owner?: UserId;
  readonly zone?: LocalZone;
  readonly firstDay?: number | null;
  readonly lastDay?: number | null;
}
const ask = (world: World, { owner = ADA, zone = UTC, firstDay = null, lastDay = null }: Asked = {}) =>
  analyzeWindow(world)({ owner, zone, firstDay, lastDay, sha256: 'cd'.repeat(32), notices: [], encodedDays: null });

async function analyzed(world: World, asked: Asked = {}) {
  const { document, grid } = valueOf(await ask(world, asked));
  assertTruthful(document);
  return { document, grid, dates: document.activity.daily.map(({ date }) => date) };
}

/** Ten steps at noon on each of the days. */
const stepsOn = (days: readonly number[], zone: LocalZone = UTC): SampleColumns =>
  columnsOf(
    'step_count',
    days.flatMap((day) => [minutesFrom(startOfLocalDay(zone, day))(720, 721, 10, WATCH)]),
  );

async function worldWith(...batches: readonly SampleColumns[]): Promise<World> {
  const world = memoryWorld();
  valueOf(await world.samples.append(ADA, UPLOAD, batches));
  return world;
}
const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

test('without a wish the window is the last 28 local days that hold data', async () => {
  const { dates } = await analyzed(await worldWith(stepsOn(range(DAY, 40))));
  assert.is(dates.length, 28);
  assert.is(dates[0], isoDate(DAY + 12));
  assert.is(dates[27], isoDate(DAY + 39));
});

test('days without data do not count among the 28, but lie in the window', async () => {
  const everyOther = range(0, 40).map((i) => DAY + 2 * i);
  const { dates, document } = await analyzed(await worldWith(stepsOn(everyOther)));
  assert.is(dates.length, 2 * 27 + 1);
  assert.is(document.activity.daily.filter(({ total }) => total !== null).length, 28);
});

test('days far back do not stretch the window', async () => {
  const { dates } = await analyzed(await worldWith(stepsOn([DAY - 1000, DAY - 57, DAY - 55, DAY])));
  assert.is(dates.length, 56);
  assert.is(dates[0], isoDate(DAY - 55));
});

test('fewer days than 28 are all taken, and a single one too', async () => {
  assert.is((await analyzed(await worldWith(stepsOn(range(DAY, 5))))).dates.length, 5);
  assert.equal((await analyzed(await worldWith(stepsOn([DAY])))).dates, ['2025-01-06']);
});

test('local days decide, not those of UTC', async () => {
  const auckland = valueOf(localZone('Pacific/Auckland'));
  // 11:30 UTC on the 5th is 00:30 on the 6th in Auckland.
  const steps = columnsOf('step_count', [minutesFrom(Date.UTC(2025, 0, 5, 11, 30))(0, 1, 10, WATCH)]);
  const { dates, document } = await analyzed(await worldWith(steps), { zone: auckland });
  assert.equal(dates, ['2025-01-06']);
  assert.is(document.window.start, '2025-01-06T00:00:00+13:00');
  assert.is(document.window.timezone, 'Pacific/Auckland');
});

test('the wanted days are taken as they are, whole, with data or without', async () => {
  const world = await worldWith(stepsOn([DAY + 2]));
  const { document, dates } = await analyzed(world, { firstDay: DAY, lastDay: DAY + 6 });
  assert.is(dates.length, 7);
  assert.is(document.window.minutes, 10_080);
  assert.is(document.data_quality.valid_minutes, 1);
  const empty = await analyzed(world, { firstDay: DAY + 10, lastDay: DAY + 11 });
  assert.is(empty.document.data_quality.valid_minutes, 0);
});

test('an open end is filled from the data', async () => {
  const world = await worldWith(stepsOn(range(DAY, 40)));
  const from = await analyzed(world, { firstDay: DAY + 3 });
  assert.equal([from.dates[0], from.dates.at(-1)], [isoDate(DAY + 3), isoDate(DAY + 39)]);
  const to = await analyzed(world, { lastDay: DAY + 30 });
  assert.equal([to.dates[0], to.dates.at(-1)], [isoDate(DAY + 3), isoDate(DAY + 30)]);
});

test('a last day after which there is data, but before which only long ago, finds what there is', async () => {
  const world = await worldWith(stepsOn([DAY - 70, DAY - 69, DAY + 1]));
  const { dates } = await analyzed(world, { lastDay: DAY });
  assert.is(dates[0], isoDate(DAY - 70));
  assert.is(dates.at(-1), isoDate(DAY));
});

test('a last day of which alone there is data is a window of one day', async () => {
  const { dates } = await analyzed(await worldWith(stepsOn([DAY])), { lastDay: DAY });
  assert.equal(dates, ['2025-01-06']);
});

test('a day with nothing but heart rate, energy, stand or sleep holds data too', async () => {
  for (const type of [
    'heart_rate',
    'active_energy',
    'basal_energy',
    'stand_time',
    'stand_hour',
    'sleep_stage',
  ] as const) {
    const columns = columnsOf(type, [minutesFrom(startOfLocalDay(UTC, DAY + 1))(60, 90, 1, WATCH)]);
    const { dates } = await analyzed(await worldWith(stepsOn([DAY]), columns));
    assert.is(dates.length, 2, type);
  }
});

test('a person without samples has nothing to analyse', async () => {
  const nothing = errorOf(await ask(memoryWorld()));
  assert.is(nothing.kind, 'nothing-to-analyze');
  const elsewhere = await worldWith(columnsOf('body_mass', [{ startMs: DAY * 86_400_000, value: 70, source: PHONE }]));
  assert.is(errorOf(await ask(elsewhere)).kind, 'nothing-to-analyze');
});

test('an open window in which no sample lies has nothing to analyse', async () => {
  const world = await worldWith(stepsOn([DAY]));
  assert.is(errorOf(await ask(world, { firstDay: DAY + 5 })).kind, 'nothing-to-analyze');
  assert.is(errorOf(await ask(world, { lastDay: DAY - 5 })).kind, 'nothing-to-analyze');
  // The sample's UTC day is near enough to be looked at, its local day is not in the window.
  assert.is(errorOf(await ask(world, { firstDay: DAY + 1 })).kind, 'nothing-to-analyze');
});

test('a window that ends before it starts, or is too long, is refused with the reason', async () => {
  const world = await worldWith(stepsOn([DAY]));
  const reason = async (asked: Asked): Promise<string> => {
    const error = errorOf(await ask(world, asked));
    return error.kind === 'nothing-to-analyze' ? error.reason : error.kind;
  };
  assert.is(await reason({ firstDay: DAY, lastDay: DAY - 1 }), 'the window ends before it starts');
  assert.match(await reason({ firstDay: DAY, lastDay: DAY + 366 }), 'the window has 367 days; at most 366');
  valueOf(await ask(world, { firstDay: DAY, lastDay: DAY + 365 }));
});

test("another person's data never appears", async () => {
  const world = await worldWith(stepsOn(range(DAY, 3)));
  valueOf(await world.samples.append(BOB, UPLOAD, [stepsOn(range(DAY + 3, 30))]));
  valueOf(await world.metrics.append(BOB, [sleepMetric(nightBlock('2025-01-06', '2025-01-07'))]));
  const { dates, document } = await analyzed(world);
  assert.is(dates.length, 3);
  assert.is(document.sleep.nights, null);
  assert.is((await analyzed(world, { owner: BOB })).dates.length, 28);
});

test('stillness is zero only where the watch was evidently worn, and the rule is stated', async () => {
  const at = minutesFrom(startOfLocalDay(UTC, DAY));
  const world = await worldWith(
    columnsOf('step_count', [at(600, 601, 50, WATCH)]),
    columnsOf('heart_rate', [at(620, 620, 60, WATCH), at(900, 900, 60, PHONE)]),
  );
  const { document, grid } = await analyzed(world);
  assert.is(document.data_quality.valid_minutes, 22);
  assert.is(grid.values[610], 0);
  assert.ok(Number.isNaN(grid.values[900]));
  assert.match(document.data_quality.wear_rule, 'same watch');
  assert.is(document.input.kind, 'healthkit');
});

test('evidence just outside the window counts inside it', async () => {
  const at = minutesFrom(startOfLocalDay(UTC, DAY));
  const world = await worldWith(
    columnsOf('step_count', [at(600, 601, 50, WATCH)]),
    columnsOf('heart_rate', [at(-5, -5, 60, WATCH), at(1444, 1444, 60, WATCH)]),
  );
  const { grid } = await analyzed(world, { firstDay: DAY, lastDay: DAY });
  assert.is(grid.values[5], 0);
  assert.ok(Number.isNaN(grid.values[6]));
  assert.is(grid.values[1434], 0);
});

test('without sleep samples the sleep part is null with its reason', async () => {
  const { document } = await analyzed(await worldWith(stepsOn([DAY])));
  assert.is(reasonOf(document, 'sleep.nights'), 'the recording holds no sleep samples in this window');
});

/** Asleep from 23:00 to 07:00 in Berlin, as two samples that meet at 01:00. */
const sleepOn = (days: readonly number[]): SampleColumns =>
  columnsOf(
    'sleep_stage',
    days.flatMap((day) => {
      const at = minutesFrom(startOfLocalDay(BERLIN, day));
      return [at(1380, 1500, SLEEP_STAGE.asleepDeep, WATCH), at(1500, 1860, SLEEP_STAGE.asleepCore, WATCH)];
    }),
  );

test('nights belong to the evening, and the last one is whole although it ends after the window', async () => {
  const world = await worldWith(sleepOn(range(DAY - 1, 5)));
  const { document } = await analyzed(world, { zone: BERLIN, firstDay: DAY, lastDay: DAY + 2 });
  assert.equal(
    document.sleep.nights?.map(({ date, asleep_minutes: asleep, source }) => [date, asleep, source]),
    [0, 1, 2].map((i) => [isoDate(DAY + i), 480, 'Sam Watch']),
  );
  assert.is(document.sleep.regularity_index, 100);
  assert.equal(
    document.input.sources.filter(({ signal }) => signal === 'sleep_stage nights'),
    [
      {
        name: 'Sam Watch',
        device: 'watch',
        signal: 'sleep_stage nights',
        samples: 3,
        used: 3,
        set_aside: 0,
        reason: null,
      },
    ],
  );
});

test('a source of nights that is not preferred is reported with how many were set aside', async () => {
  const at = minutesFrom(startOfLocalDay(BERLIN, DAY));
  const phone = columnsOf('sleep_stage', [at(1370, 1850, SLEEP_STAGE.asleepUnspecified, PHONE)]);
  const world = await worldWith(sleepOn([DAY, DAY + 1]), phone);
  const { document } = await analyzed(world, { zone: BERLIN });
  const told = document.input.sources.find(({ device }) => device === 'phone');
  assert.equal([told?.samples, told?.used, told?.set_aside], [1, 0, 1]);
  assert.match(told?.reason ?? '', 'another source was preferred');
});

test('sleep metrics are nights, for evenings that no sample tells of', async () => {
  const world = await worldWith(sleepOn([DAY]));
  valueOf(
    await world.metrics.append(ADA, [
      sleepMetric(nightBlock('2025-01-06', '2025-01-07', { total_sleep_minutes: 100 })),
      sleepMetric(nightBlock('2025-01-07', '2025-01-08')),
      sleepMetric(nightBlock('2025-01-05', '2025-01-06')),
      sleepMetric(nightBlock('2025-01-20', '2025-01-21')),
    ]),
  );
  const { document } = await analyzed(world, { zone: BERLIN, firstDay: DAY, lastDay: DAY + 6 });
  assert.equal(
    document.sleep.nights?.map(({ date, asleep_minutes: asleep, source }) => [date, asleep, source]),
    [
      ['2025-01-06', 480, 'Sam Watch'],
      ['2025-01-07', 440, 'sleep diary'],
    ],
  );
  assert.match(reasonOf(document, 'sleep.nights[].waso_minutes'), 'in 1 of 2 nights');
});

test('sleep metrics alone make a window of their evenings', async () => {
  const world = memoryWorld();
  valueOf(
    await world.metrics.append(ADA, [
      sleepMetric(nightBlock('2025-01-06', '2025-01-07')),
      sleepMetric(nightBlock('2025-01-08', '2025-01-09')),
    ]),
  );
  const { document, dates } = await analyzed(world, { zone: BERLIN });
  assert.equal(dates, ['2025-01-06', '2025-01-07', '2025-01-08']);
  assert.is(document.sleep.nights?.length, 2);
  assert.is(document.sleep.regularity_index, null, 'totals do not tell which minutes were slept');
});

test("a store that fails is the use case's failure", async () => {
  const world = memoryWorld();
  const samples = portUnavailable('SampleStore', 'read', 'the disk is gone');
  for (const broken of [
    { ...world, samples: replacing(world.samples, { daysWithData: failing(samples) }) },
    { ...(await worldWith(stepsOn([DAY]))), metrics: replacing(world.metrics, { list: failing(samples) }) },
  ]) {
    assert.equal(errorOf(await ask(broken)), samples);
  }
  const stepped = await worldWith(stepsOn([DAY]));
  const unreadable = { ...stepped, samples: replacing(stepped.samples, { read: failing(samples) }) };
  assert.equal(errorOf(await ask(unreadable)), samples);
  assert.equal(errorOf(await ask(unreadable, { firstDay: DAY, lastDay: DAY })), samples);
});

const SAM = simulatePerson({ seed: 7, days: 10, zone: BERLIN });
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

test("of a simulated person's ten days no step is counted twice, and few are lost", async () => {
  const { document } = await analyzed(await worldWith(...samplesOf(SAM)), { zone: BERLIN });
  assert.is(document.window.minutes, SAM.steps.length);
  const counted = total(document.activity.daily.map((day) => day.total ?? 0));
  const truth = total(SAM.steps);
  assert.ok(counted <= truth, `${counted} steps of ${truth}`);
  assert.ok(counted > 0.8 * truth, `${counted} steps of ${truth}`);
  const [watch, phone] = document.input.sources;
  assert.equal([watch?.device, phone?.device], ['watch', 'phone']);
  assert.ok((phone?.set_aside ?? 0) > (phone?.used ?? 0));
});

test("of a simulated person's minutes without a device nothing is claimed", async () => {
  const { grid } = await analyzed(await worldWith(...samplesOf(SAM)), { zone: BERLIN });
  let claimed = 0;
  for (let m = 0; m < SAM.worn.length; m++) {
    const from = Math.max(0, m - 11);
    const worn = SAM.worn.subarray(from, m + 12).includes(1) || SAM.phoneCarried.subarray(from, m + 12).includes(1);
    if (!worn && !Number.isNaN(grid.values[m])) claimed++;
  }
  assert.is(claimed, 0);
  assert.ok(grid.values.some((value) => Number.isNaN(value)));
});

test("a simulated person's nights are those that were slept with the watch on", async () => {
  const { document } = await analyzed(await worldWith(...samplesOf(SAM)), { zone: BERLIN });
  const nights = document.sleep.nights ?? [];
  assert.ok(nights.length >= 7 && nights.length <= 10, String(nights.length));
  for (const night of nights) {
    const from = Math.round((Date.parse(night.in_bed_start ?? '') - SAM.startMs) / 60_000);
    const to = Math.round((Date.parse(night.in_bed_end ?? '') - SAM.startMs) / 60_000);
    const truth = total(SAM.asleep.subarray(Math.max(0, from - 30), to + 30));
    assert.ok(Math.abs((night.asleep_minutes ?? 0) - truth) < 45, `${night.date}: ${night.asleep_minutes} of ${truth}`);
  }
});

test.run();
