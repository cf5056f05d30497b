import type { EpochMs } from '../kernel/clock.ts';
import type { LocalZone } from '../kernel/local-time.ts';
import { binStart, minuteCeil, minuteFloor } from './bin-edges.ts';
import {
  MOST_BINS,
  type SeriesNotComputed,
  type SeriesPage,
  type SeriesQuery,
  type SeriesResolution,
} from './model.ts';

/** A query whose instants are whole minutes, and where its page begins. */
export interface AskedPage extends Omit<SeriesQuery, 'afterMs'> {
  readonly beginMs: EpochMs;
}

export function askedPage({ afterMs, ...query }: SeriesQuery): AskedPage {
  const fromMs = minuteFloor(query.fromMs);
  const toMs = minuteCeil(query.toMs);
  return { ...query, fromMs, toMs, beginMs: Math.max(fromMs, minuteFloor(afterMs ?? fromMs)) };
}

/** A page of days covers no more than that, so that a page is never the work of a lifetime. */
const MOST_DAYS = 420;

/** The most bins on a page of that resolution: in each case no more than 420 days. */
export const mostBins = (resolution: SeriesResolution): number => (resolution === 'day' ? MOST_DAYS : MOST_BINS);

/** Where data that begin at `dataMs` can first be seen, not before `beginMs`; null where the query ends before. */
export function firstBinWithData(
  {
    zone,
    resolution,
    toMs,
  }: { readonly zone: LocalZone; readonly resolution: SeriesResolution; readonly toMs: EpochMs },
  beginMs: EpochMs,
  dataMs: EpochMs | null,
): EpochMs | null {
  if (dataMs === null) return null;
  const startMs = dataMs <= beginMs ? beginMs : Math.max(beginMs, binStart(zone, resolution, dataMs));
  return startMs < toMs ? startMs : null;
}

/** The page of a query that meets no data. */
export const pageWithoutData = ({ beginMs, toMs }: AskedPage): SeriesPage => ({
  fromMs: beginMs,
  toMs,
  bins: [],
  sources: [],
  notComputed: [],
  nextMs: null,
});

/** The page with its ends; it covers all up to where the next one begins. */
export const finishedPage = (
  { beginMs, toMs }: AskedPage,
  content: Pick<SeriesPage, 'bins' | 'sources'>,
  nextMs: EpochMs | null,
): SeriesPage => ({
  ...content,
  fromMs: beginMs,
  toMs: nextMs ?? toMs,
  notComputed: notComputedIn(content),
  nextMs,
});

function notComputedIn({ bins }: Pick<SeriesPage, 'bins'>): readonly SeriesNotComputed[] {
  const unknown = bins.filter(({ value }) => value === null).length;
  if (unknown === 0) return [];
  const reason = `only time in bed was recorded, not sleep (${unknown === 1 ? '1 bin' : `${String(unknown)} bins`})`;
  return [{ field: 'bins.value', reason }];
}
