import { okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seriesMetricType } from '../../../contracts/http/series.ts';
import { schemaOf } from '../../../contracts/codec.ts';
import { newUpload } from '../../../core/health-data/receive-upload.ts';
import { NO_COUNTS, type UploadKind } from '../../../core/health-data/model.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { listSeriesTypes } from '../../../core/series/list-series-types.ts';
import { newestZone } from '../../../core/analysis/newest-zone.ts';
import { SERIES_TYPES, type SeriesTypeName } from '../../../core/series/series-types.ts';
import { ADA, memoryWorld, NOW_MS, replacing, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { columnsOf, WATCH } from '../sample-columns.ts';
import { at, metricOf, worldWith } from './series-of.ts';

const listing = suite('what there is of each type of series');

async function daysOf(world: World, name: SeriesTypeName) {
  const { types } = valueOf(await listSeriesTypes(world)(ADA));
  const found = types.find(({ type }) => type.name === name);
  return [found?.days, found?.firstDay, found?.lastDay];
}

listing('the contract names the same types', () => {
  assert.equal(
    SERIES_TYPES.map(({ name }) => name as string).sort(),
    [...(schemaOf(seriesMetricType)!['enum'] as readonly string[])].sort(),
  );
});

listing('a type is named once, with a unit and a way to put its readings together', () => {
  assert.is(new Set(SERIES_TYPES.map(({ name }) => name)).size, SERIES_TYPES.length);
  for (const { unit, name } of SERIES_TYPES) assert.ok(unit !== '' && unit !== 'code', name);
  const of = (wanted: SeriesTypeName) => SERIES_TYPES.find(({ name }) => name === wanted);
  assert.equal(of('sleep_data.sleep_stages.deep')?.origin, {
    kind: 'metrics',
    block: 'sleep_data',
    path: ['sleep_stages', 'deep'],
  });
  assert.equal([of('heart_rate')?.aggregation, of('step_count')?.aggregation], ['mean', 'sum']);
  assert.equal([of('sleep_stage')?.unit, of('sleep_stage')?.aggregation], ['min', 'sleep']);
});

listing('the days of a person are counted, of samples and of fields', async () => {
  const days = ['2025-03-03', '2025-03-03', '2025-03-07'].map((day, i) => at(`${day}T0${String(i)}:00:00Z`));
  const world = await worldWith(
    columnsOf(
      'step_count',
      days.map((startMs) => ({ startMs, value: 1, source: WATCH })),
    ),
  );
  valueOf(
    await world.metrics.append(ADA, [
      metricOf(days[0]!, 'a', { activity_data: { steps: 1 } }),
      metricOf(days[2]!, 'a', { activity_data: { steps: 1, distance: 2 } }),
    ]),
  );
  assert.equal(await daysOf(world, 'step_count'), [2, 20_150, 20_154]);
  assert.equal(await daysOf(world, 'activity_data.steps'), [2, 20_150, 20_154]);
  assert.equal(await daysOf(world, 'activity_data.distance'), [1, 20_154, 20_154]);
  assert.equal(await daysOf(world, 'heart_rate'), [0, null, null]);
  assert.equal(valueOf(await listSeriesTypes(world)(ADA)).notComputed, []);
});

listing('where metrics are too many to be looked through, the days of fields are not made up', async () => {
  const world = await worldWith(columnsOf('step_count', [{ startMs: 0, value: 1, source: WATCH }]));
  const page = Array.from({ length: 1000 }, (_, i) => metricOf(i, 'a', { activity_data: { steps: 1 } }));
  const metrics = replacing(world.metrics, { list: () => okAsync({ metrics: page, hasMore: true }) });
  assert.equal(await daysOf({ ...world, metrics }, 'activity_data.steps'), [null, null, null]);
  assert.equal(await daysOf({ ...world, metrics }, 'step_count'), [1, 0, 0]);
  const { notComputed } = valueOf(await listSeriesTypes({ ...world, metrics })(ADA));
  assert.equal(
    notComputed.map(({ field }) => field),
    ['types.days'],
  );
});

listing('the zone is that of the newest upload that tells one', async () => {
  const { uploads } = memoryWorld();
  const add = async (kind: UploadKind, nowMs: number, timezone: string | null, recorded: string | null = null) => {
    const id = processingId(`upload ${String(nowMs)}`);
    const facts = { owner: ADA, processingId: id, kind, uploadSource: 'x', timezone, syncToken: null, nowMs };
    valueOf(await uploads.insert({ ...newUpload(facts), counts: { ...NO_COUNTS, timeZone: recorded } }));
  };
  const name = async () => valueOf(await newestZone(uploads)(ADA))?.name ?? null;
  assert.is(await name(), null);
  await add('health-data', NOW_MS, null);
  assert.is(await name(), null);
  await add('healthkit', NOW_MS + 1, null, 'Europe/Berlin');
  await add('health-data', NOW_MS + 2, null);
  assert.is(await name(), 'Europe/Berlin');
  await add('pat-steps', NOW_MS + 3, 'Asia/Tokyo');
  assert.is(await name(), 'Europe/Berlin');
  await add('healthkit-export', NOW_MS + 4, 'America/New_York', 'Europe/Berlin');
  assert.is(await name(), 'America/New_York');
});

listing.run();
