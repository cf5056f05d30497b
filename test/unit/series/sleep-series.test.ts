import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SLEEP_STAGE } from '../../../core/health-data/sample-types.ts';
import type { SampleSource } from '../../../core/health-data/samples.ts';
import { columnsOf, PHONE, TRACKER, WATCH, type TestSample } from '../sample-columns.ts';
import { allPages, at, seriesOf, sumOf, worldWith } from './series-of.ts';

const sleeping = suite('a series of sleep');

const { inBed, awake, asleepCore, asleepDeep, asleepRem, asleepUnspecified } = SLEEP_STAGE;

/** A stretch on the night to 2025-03-04 in UTC, from and to given as minutes past 22:00. */
const night = (from: number, to: number, stage: number, source: SampleSource, evening = '2025-03-03'): TestSample => ({
  startMs: at(`${evening}T22:00:00Z`) + from * 60_000,
  endMs: at(`${evening}T22:00:00Z`) + to * 60_000,
  value: stage,
  source,
});

const WHOLE = { from: '2025-03-03T12:00:00Z', to: '2025-03-04T12:00:00Z' };

sleeping('minutes asleep are told by stage, in the bins they lie in', async () => {
  const world = await worldWith(
    columnsOf('sleep_stage', [
      night(0, 180, inBed, WATCH),
      night(20, 90, asleepCore, WATCH),
      night(90, 110.5, asleepDeep, WATCH),
      night(110.5, 120, awake, WATCH),
      night(120, 150, asleepRem, WATCH),
      night(150, 170, asleepUnspecified, WATCH),
    ]),
  );
  const { bins, sources, notComputed } = await seriesOf(world, 'sleep_stage', WHOLE);
  assert.equal(
    bins.map(({ startMs, value, coveredMinutes, inBedMinutes }) => [startMs, value, coveredMinutes, inBedMinutes]),
    [
      [at('2025-03-03T22:00:00Z'), 40, 60, 60],
      [at('2025-03-03T23:00:00Z'), 50.5, 60, 60],
      [at('2025-03-04T00:00:00Z'), 50, 60, 60],
    ],
  );
  assert.equal(
    bins.map(({ stages }) => stages),
    [
      { awake: 0, core: 40, deep: 0, rem: 0, unspecified: 0 },
      { awake: 9.5, core: 30, deep: 20.5, rem: 0, unspecified: 0 },
      { awake: 0, core: 0, deep: 0, rem: 30, unspecified: 20 },
    ],
  );
  assert.equal(sources, [
    { source: { name: 'Sam Watch', device: 'watch' }, share: 1, used: 140.5, setAside: 0, reason: null },
  ]);
  assert.equal(notComputed, []);
});

sleeping('a night that watch and phone both told is told once, by the watch that knows stages', async () => {
  const world = await worldWith(
    columnsOf('sleep_stage', [
      night(30, 300, asleepCore, WATCH),
      night(0, 400, asleepUnspecified, PHONE),
      night(10, 310, asleepUnspecified, TRACKER),
    ]),
  );
  const page = await seriesOf(world, 'sleep_stage', { ...WHOLE, resolution: 'day' });
  assert.is(sumOf([page]), 270);
  const reason = 'another source was believed for that day';
  assert.equal(page.sources, [
    { source: { name: 'Sam Watch', device: 'watch' }, share: 1, used: 270, setAside: 0, reason: null },
    { source: { name: 'Sam iPhone', device: 'phone' }, share: 0, used: 0, setAside: 400, reason },
    { source: { name: 'Tracker', device: 'other' }, share: 0, used: 0, setAside: 300, reason },
  ]);
  const phone = await seriesOf(world, 'sleep_stage', { ...WHOLE, resolution: 'day', source: 'Sam iPhone' });
  assert.is(sumOf([phone]), 400);
  assert.is(phone.sources.find(({ source }) => source.name === 'Tracker')?.reason, 'another source was asked for');
});

sleeping('of a night of which only the bed is known, sleep is not zero but unknown', async () => {
  const world = await worldWith(columnsOf('sleep_stage', [night(0, 90, inBed, PHONE)]));
  const { bins, notComputed } = await seriesOf(world, 'sleep_stage', WHOLE);
  assert.equal(
    bins.map(({ value, stages, inBedMinutes }) => [value, stages, inBedMinutes]),
    [
      [null, null, 60],
      [null, null, 30],
    ],
  );
  assert.equal(notComputed, [{ field: 'bins.value', reason: 'only time in bed was recorded, not sleep (2 bins)' }]);
  const one = await seriesOf(world, 'sleep_stage', { from: '2025-03-03T22:00:00Z', to: '2025-03-03T23:00:00Z' });
  assert.match(one.notComputed[0]?.reason ?? '', /\(1 bin\)$/);
});

sleeping('each day from noon to noon has a source of its own, and no minute is told twice at noon', async () => {
  const world = await worldWith(
    columnsOf('sleep_stage', [
      // The middle lies before noon of the 4th.
      night(400, 860, asleepCore, WATCH),
      // And this one's after it; the half hour to 12:20 is both nights'.
      night(830, 1000, asleepUnspecified, PHONE),
    ]),
  );
  const pages = await allPages(world, 'sleep_stage', {
    from: '2025-03-03T00:00:00Z',
    to: '2025-03-06T00:00:00Z',
    resolution: 'hour',
  });
  assert.is(sumOf(pages), 460 + 140);
  for (const { bins } of pages) for (const bin of bins) assert.ok(bin.coveredMinutes <= 60);
});

sleeping('cuts and resolutions change no total, and a night that a cut goes through is chosen as a whole', async () => {
  const world = await worldWith(
    columnsOf('sleep_stage', [
      night(0, 480, inBed, PHONE),
      night(15, 240, asleepCore, WATCH),
      night(240, 250, awake, WATCH),
      night(250, 470, asleepRem, WATCH),
      night(0, 475, asleepUnspecified, TRACKER),
      night(60, 500, asleepUnspecified, TRACKER, '2025-03-04'),
    ]),
  );
  const asleep = 225 + 220 + 440;
  const ends = { from: '2025-03-03T00:00:00Z', to: '2025-03-06T00:00:00Z' };
  for (const resolution of ['minute', 'hour', 'day'] as const) {
    for (const cut of ['2025-03-03T23:59:00Z', '2025-03-04T02:05:00Z', '2025-03-05T00:00:00Z']) {
      const halves = [
        ...(await allPages(world, 'sleep_stage', { ...ends, to: cut, resolution })),
        ...(await allPages(world, 'sleep_stage', { ...ends, from: cut, resolution })),
      ];
      assert.is(Math.round(sumOf(halves) * 1e6) / 1e6, asleep, `${resolution} ${cut}`);
    }
  }
});

sleeping('a source that was not awake for the whole night is not believed for it', async () => {
  const world = await worldWith(
    columnsOf('sleep_stage', [night(0, 100, asleepCore, WATCH), night(0, 400, asleepUnspecified, PHONE)]),
  );
  const page = await seriesOf(world, 'sleep_stage', { ...WHOLE, resolution: 'day' });
  assert.equal(
    page.sources.map(({ source, used }) => [source.name, used]),
    [
      ['Sam iPhone', 400],
      ['Sam Watch', 0],
    ],
  );
});

sleeping('pages of minutes go on through the night', async () => {
  const nights = Array.from({ length: 12 }, (_, i) =>
    night(0, 400, asleepCore, WATCH, `2025-03-${String(i + 1).padStart(2, '0')}`),
  );
  const world = await worldWith(columnsOf('sleep_stage', nights));
  const ends = { from: '2025-03-01T00:30:00Z', to: '2025-03-20T00:00:00Z' };
  const pages = await allPages(world, 'sleep_stage', { ...ends, resolution: 'minute' });
  assert.is(pages.length, 2);
  assert.is(sumOf(pages), 12 * 400);
  const starts = pages.flatMap(({ bins }) => bins.map(({ startMs }) => startMs));
  assert.is(new Set(starts).size, 12 * 400);
});

sleeping.run();
