import { ResultAsync } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import { increments, numberOf, readSeries, type Series } from './series.ts';

/** How metrics are fetched; `fetch`, in earnest. */
export type FetchMetrics = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

export interface MeasuredGrowthDeps {
  readonly fetchUrl: FetchMetrics;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** One answer may take so long. */
const DEADLINE_MS = 10_000;
const PORT = 'Metrics';

/** What counters grew by during the window: the metrics of each process are read at its beginning and at its end, and added up. */
export function scrapedGrowth(
  { fetchUrl, wait }: MeasuredGrowthDeps,
  urls: readonly string[],
  windowMs: number,
): ResultAsync<readonly Series[], PortUnavailable> {
  const readAll = () => Promise.all(urls.map((url) => scraped(fetchUrl, url)));
  const measured = async (): Promise<readonly Series[]> => {
    const before = await readAll();
    await wait(windowMs);
    return (await readAll()).flatMap((after, i) => increments(before[i] ?? [], after));
  };
  return ResultAsync.fromPromise(measured(), (cause) => portUnavailable(PORT, 'read', cause));
}

async function scraped(fetchUrl: FetchMetrics, url: string): Promise<readonly Series[]> {
  const text = await fetched(fetchUrl, url);
  const series = readSeries(text);
  if (series === null) throw new Error(`${url} does not answer in Prometheus's text format`);
  return series;
}

/** What the counters of these names grew by during the window before now, as a Prometheus server that watches all processes knows it. */
export function queriedGrowth(
  { fetchUrl }: Pick<MeasuredGrowthDeps, 'fetchUrl'>,
  prometheusUrl: string,
  names: readonly string[],
  windowMs: number,
): ResultAsync<readonly Series[], PortUnavailable> {
  const measured = names.map(async (name) => {
    const query = `increase(${name}[${String(Math.ceil(windowMs / 1000))}s])`;
    const url = `${prometheusUrl.replace(/\/$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`;
    return vectorOf(name, JSON.parse(await fetched(fetchUrl, url)), url);
  });
  return ResultAsync.fromPromise(Promise.all(measured), (cause) => portUnavailable(PORT, 'query', cause)).map(
    (vectors) => vectors.flat(),
  );
}

/** `increase` drops the name, so it is put back. */
function vectorOf(name: string, answer: unknown, url: string): readonly Series[] {
  const { status, data } = answer as { readonly status?: unknown; readonly data?: { readonly result?: unknown } };
  const result = data?.result;
  if (status !== 'success' || !Array.isArray(result)) throw new Error(`${url} does not answer like Prometheus`);
  return (
    result as readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]
  ).map(({ metric, value: [, text] }) => ({ name, labels: metric, value: numberOf(text) ?? 0 }));
}

async function fetched(fetchUrl: FetchMetrics, url: string): Promise<string> {
  const response = await fetchUrl(url, { signal: AbortSignal.timeout(DEADLINE_MS) }).catch((cause: unknown) => {
    throw new Error(`${url} does not answer`, { cause });
  });
  if (!response.ok) throw new Error(`${url} answers ${String(response.status)}`);
  return response.text();
}
