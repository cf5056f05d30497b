import type { Metric, MetricBlocks } from '../../../core/health-data/model.ts';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { localZone, type LocalZone } from '../../../core/kernel/local-time.ts';
import type { SeriesPage, SeriesQuery } from '../../../core/series/model.ts';
import { readSeries } from '../../../core/series/read-series.ts';
import { seriesType, type SeriesTypeName } from '../../../core/series/series-types.ts';
import { ADA, memoryWorld, type World } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';

export const zoneOf = (name: string): LocalZone => valueOf(localZone(name));
export const at = (text: string): number => Date.parse(text);

const UPLOAD = processingId('upload');

/** A world that holds these samples of one person. */
export async function worldWith(...batches: readonly SampleColumns[]): Promise<World> {
  const world = memoryWorld();
  valueOf(await world.samples.append(ADA, UPLOAD, batches));
  return world;
}

/** A metric with one block. */
export function metricOf(createdAtMs: number, uploadSource: string, blocks: Partial<MetricBlocks>): Metric {
  const metricId = `${uploadSource} ${String(createdAtMs)} ${JSON.stringify(blocks)}`;
  return {
    metricId,
    fingerprint: metricId,
    metricType: 'activity_level',
    processingId: UPLOAD,
    uploadSource,
    createdAtMs,
    deviceId: null,
    rawData: null,
    metadata: null,
    biometric_data: null,
    sleep_data: null,
    activity_data: null,
    mental_health_data: null,
    ...blocks,
  };
}

export interface Asked extends Partial<Pick<SeriesQuery, 'resolution' | 'source' | 'afterMs'>> {
  readonly from: string | number;
  readonly to: string | number;
  readonly zone?: string;
}

const instantOf = (value: string | number): number => (typeof value === 'number' ? value : at(value));

/** One page of a series. */
export async function seriesOf(world: World, name: SeriesTypeName, asked: Asked): Promise<SeriesPage> {
  return valueOf(
    await readSeries(world)(ADA, {
      type: seriesType(name),
      fromMs: instantOf(asked.from),
      toMs: instantOf(asked.to),
      resolution: asked.resolution ?? 'hour',
      zone: zoneOf(asked.zone ?? 'UTC'),
      source: asked.source ?? null,
      afterMs: asked.afterMs ?? null,
    }),
  );
}

/** All pages, one after the other. */
export async function allPages(world: World, name: SeriesTypeName, asked: Asked): Promise<readonly SeriesPage[]> {
  const pages: SeriesPage[] = [];
  for (let afterMs: number | null = null; pages.length === 0 || afterMs !== null;) {
    const page: SeriesPage = await seriesOf(world, name, { ...asked, afterMs });
    pages.push(page);
    afterMs = page.nextMs;
  }
  return pages;
}

export const sumOf = (pages: readonly SeriesPage[]): number =>
  pages.flatMap(({ bins }) => bins).reduce((sum, { value }) => sum + (value ?? 0), 0);
