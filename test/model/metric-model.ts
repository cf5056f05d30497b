import fc from 'fast-check';
import { METRIC_TYPES, type Metric, type MetricQuery, type MetricType } from '../../core/health-data/model.ts';
import { MS_PER_DAY } from '../../core/kernel/local-time.ts';
import { valueOf } from '../unit/result-values.ts';
import { answerOf, uploadOf, type Actor, type ModelledPort, same } from './modelled-port.ts';

interface DrawnMetric {
  /** Metrics of one number have one id. */
  readonly number: number;
  readonly metricType: MetricType;
  readonly createdAtMs: number;
  readonly heartRate: number;
}

/** A call that changes what metrics are kept. */
export type MetricWrite =
  | { readonly do: 'append metrics'; readonly upload: number; readonly metrics: readonly DrawnMetric[] }
  | { readonly do: 'delete metrics'; readonly upload: number }
  | { readonly do: 'erase metrics' };

/** A call of the metric store; `after` of the query has a drawn number in the place of its id. */
export type MetricCommand =
  | MetricWrite
  | {
      readonly do: 'list metrics';
      readonly query: Omit<MetricQuery, 'after' | 'uploadSource'> & { readonly ownSource: boolean };
      readonly after: { readonly createdAtMs: number; readonly number: number } | null;
    };

const NOON = Date.UTC(2025, 2, 10, 12);
const IDS = 6;
const INSTANTS = [0, 1, 3 * MS_PER_DAY, -40 * MS_PER_DAY].map((ms) => NOON + ms);
const TYPES = METRIC_TYPES.slice(0, 2);

const EVERYTHING: MetricQuery = {
  types: null,
  fromMs: null,
  toMs: null,
  uploadSource: null,
  limit: 10_000,
  offset: 0,
  after: null,
};

const idOf = ({ name }: Actor, number: number): string => `${name} metric ${number}`;

/** Real fingerprints are of type, instant and blocks; equal ones have equal instants. */
const metricOf = (actor: Actor, upload: number, drawn: DrawnMetric): Metric => ({
  metricId: idOf(actor, drawn.number),
  metricType: drawn.metricType,
  processingId: uploadOf(actor, upload),
  uploadSource: actor.name,
  createdAtMs: drawn.createdAtMs,
  deviceId: drawn.number % 2 === 0 ? null : 'a watch',
  rawData: null,
  metadata: { number: drawn.number },
  biometric_data: { heart_rate: drawn.heartRate },
  sleep_data: null,
  activity_data: null,
  mental_health_data: null,
  fingerprint: `${drawn.metricType} ${drawn.createdAtMs} ${actor.name} ${drawn.heartRate}`,
});

const compareInList = (
  a: Pick<Metric, 'createdAtMs' | 'metricId'>,
  b: Pick<Metric, 'createdAtMs' | 'metricId'>,
): number => b.createdAtMs - a.createdAtMs || (a.metricId < b.metricId ? 1 : a.metricId > b.metricId ? -1 : 0);

function queryOf(actor: Actor, command: Extract<MetricCommand, { readonly do: 'list metrics' }>): MetricQuery {
  const { query, after } = command;
  const { ownSource, ...rest } = query;
  return {
    ...rest,
    // Of an owner's metrics an actor knows its own only.
    uploadSource: actor.sharesOwner || ownSource ? actor.name : null,
    after: after === null ? null : { createdAtMs: after.createdAtMs, metricId: idOf(actor, after.number) },
  };
}

const matches = (metric: Metric, { types, fromMs, toMs, uploadSource, after }: MetricQuery): boolean =>
  (types === null || types.includes(metric.metricType)) &&
  (fromMs === null || metric.createdAtMs >= fromMs) &&
  (toMs === null || metric.createdAtMs < toMs) &&
  (uploadSource === null || metric.uploadSource === uploadSource) &&
  (after === null || compareInList(after, metric) < 0);

/** The plain map that a metric store must be like: one metric a piece, by its id. */
export const metricModel: ModelledPort<MetricCommand, Metric> = {
  apply: (content, actor, command) => {
    switch (command.do) {
      case 'append metrics': {
        const after = new Map(content);
        const counted = new Set<string>();
        const value = command.metrics.map((drawn) => {
          const metric = metricOf(actor, command.upload, drawn);
          const { metricId, fingerprint } = metric;
          const held = [...after.values()].filter(
            (one) => one.metricId === metricId || one.fingerprint === fingerprint,
          );
          if (held.length > 0) {
            const isOwn = held.some((one) => same(one, metric)) && !counted.has(metricId);
            if (isOwn) counted.add(metricId);
            return isOwn ? 'repeated' : 'duplicate';
          }
          counted.add(metricId);
          after.set(metricId, metric);
          return 'stored';
        });
        return { answer: { value }, content: after };
      }
      case 'delete metrics': {
        const upload = uploadOf(actor, command.upload);
        const left = new Map([...content].filter(([, { processingId }]) => processingId !== upload));
        return { answer: { value: content.size - left.size }, content: left };
      }
      case 'erase metrics':
        return { answer: { value: null }, content: new Map() };
      case 'list metrics': {
        const query = queryOf(actor, command);
        const found = [...content.values()].filter((metric) => matches(metric, query)).toSorted(compareInList);
        const end = query.offset + query.limit;
        const value = { metrics: found.slice(query.offset, end), hasMore: found.length > end };
        return { answer: { value }, content };
      }
    }
  },
  perform: ({ metrics }, actor, command) => {
    const { owner } = actor;
    switch (command.do) {
      case 'append metrics':
        return answerOf(
          metrics.append(
            owner,
            command.metrics.map((drawn) => metricOf(actor, command.upload, drawn)),
          ),
        );
      case 'delete metrics':
        return answerOf(metrics.deleteUpload(owner, uploadOf(actor, command.upload)));
      case 'erase metrics':
        return answerOf(metrics.eraseOwner(owner), () => null);
      case 'list metrics':
        return answerOf(metrics.list(owner, queryOf(actor, command)));
    }
  },
  agrees: (_actor, _command, expected, actual) => same(expected, actual),
  observe: async ({ metrics }, { owner, name, sharesOwner }) => {
    const query = { ...EVERYTHING, uploadSource: sharesOwner ? name : null };
    const { metrics: all } = valueOf(await metrics.list(owner, query));
    return new Map(all.map((metric) => [metric.metricId, metric]));
  },
  views: () => Promise.resolve([]),
  mayRefuseAgain: () => false,
};

const drawnMetric: fc.Arbitrary<DrawnMetric> = fc.record({
  number: fc.nat({ max: IDS - 1 }),
  metricType: fc.constantFrom(...TYPES),
  createdAtMs: fc.constantFrom(...INSTANTS),
  heartRate: fc.constantFrom(60, 61.5),
});

/** Calls that change something. An actor that shares its owner does not erase what is not its own. */
export const anyMetricWrite = (actor: Pick<Actor, 'sharesOwner'>, uploads: number): fc.Arbitrary<MetricWrite> => {
  const upload = fc.nat({ max: uploads - 1 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append metrics' as const),
        upload,
        metrics: fc.array(drawnMetric, { maxLength: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete metrics' as const), upload }) },
    ...(actor.sharesOwner ? [] : [{ weight: 1, arbitrary: fc.constant({ do: 'erase metrics' as const }) }]),
  );
};

const anyPosition = fc.record({ createdAtMs: fc.constantFrom(...INSTANTS), number: fc.nat({ max: IDS - 1 }) });

/** Lists of all sorts. */
export const anyMetricRead: fc.Arbitrary<MetricCommand> = fc.record({
  do: fc.constant('list metrics' as const),
  query: fc.record({
    types: fc.option(fc.subarray(TYPES), { nil: null, freq: 3 }),
    fromMs: fc.option(fc.constantFrom(...INSTANTS), { nil: null, freq: 3 }),
    toMs: fc.option(fc.constantFrom(...INSTANTS), { nil: null, freq: 3 }),
    limit: fc.integer({ min: 1, max: 6 }),
    offset: fc.constantFrom(0, 0, 0, 1, 3),
    ownSource: fc.boolean(),
  }),
  after: fc.option(anyPosition, { nil: null, freq: 2 }),
});
