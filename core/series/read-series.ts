import type { ResultAsync } from 'neverthrow';
import type { MetricStore, SampleStore } from '../health-data/ports.ts';
import type { PortUnavailable } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { metricPage } from './metric-page.ts';
import type { SeriesPage, SeriesQuery } from './model.ts';
import { askedPage } from './page.ts';
import { samplePage } from './sample-page.ts';

export interface ReadSeriesPorts {
  readonly samples: Pick<SampleStore, 'read' | 'daysWithData'>;
  readonly metrics: Pick<MetricStore, 'list'>;
}

/**
 * One page of a series. Sums are conserved: the bins of all pages add up to what of the used readings lies in the span,
 * at every resolution and however the span is cut. No reading is counted twice, although several devices may have told
 * of it: of each minute (of each day, for sleep and for fields of metrics) one source is used. Bins of which nothing is
 * known are left out.
 */
export function readSeries(ports: ReadSeriesPorts) {
  return (owner: UserId, query: SeriesQuery): ResultAsync<SeriesPage, PortUnavailable> => {
    const { origin } = query.type;
    const asked = askedPage(query);
    return origin.kind === 'samples'
      ? samplePage(ports.samples)(owner, asked, origin.type, origin.reading)
      : metricPage(ports.metrics)(owner, asked, origin.block, origin.path);
  };
}

/** How of several sources one is chosen, in words for whoever reads the answer. */
export function sourcePolicy({ type }: Pick<SeriesQuery, 'type'>): string {
  if (type.origin.kind === 'metrics') {
    return 'Of each local day one upload source is used: the one with the most readings on it, of equals the first by name.';
  }
  if (type.aggregation === 'sleep') {
    return (
      'Of each day from local noon to noon one source is used: a watch that tells stages where it saw at least half of ' +
      'the most sleep that any source saw, else the source with the most sleep.'
    );
  }
  return (
    'Of each minute one source is used: a watch before a phone, a phone before any other, among equals the first by name. ' +
    'What others say of that minute is set aside.'
  );
}
