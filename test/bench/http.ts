import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Libsql from 'libsql';
import { profileIn, type ProfileSummary } from './cpu-profile.ts';
import { journeyLoad } from './http-journey.ts';
import { readLoad, uploadLoad, type LoadResult, type Uploader, type UploadLoadResult } from './http-load.ts';
import { callJson, newPerson, textOf, uploadBody, type BenchPerson } from './http-people.ts';
import { buildService, startBareServer, startBuiltService, stopServers, type ServerProcess } from './http-processes.ts';

const ROUNDS = 3;
const READ_SECONDS = 4;
const WARM_UP_SECONDS = 2;
const READ_CONNECTIONS = 100;
const LISTED_METRICS = 5000;
const UPLOAD_CONNECTIONS = 10;
const METRICS_A_BATCH = 1000;
const BATCHES_A_ROUND = 100;
const JOURNEY_PEOPLE = 100;
const JOURNEY_ARRIVAL_SECONDS = 30;
const JOURNEY_SECONDS = 60;
const TOP_FUNCTIONS = 12;

/** How the service did in one scenario. */
export interface HttpBench {
  readonly scenario: 'list' | 'upload' | 'health' | 'journey';
  readonly requests_per_s: number;
  /** Requests a second over those of bare Express in the same run; null where bare Express has nothing like it. */
  readonly bare_ratio: number | null;
  readonly p99_ms: number;
  readonly errors_5xx: number;
  /** The most memory that the service's process held, in millions of bytes. */
  readonly rss_mb: number;
}

/** For the person who watches; the result is for machines. */
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** What would make the numbers worthless. */
const faults: string[] = [];

/**
 * Measures the built service over HTTP, in a process of its own, on the embedded profile, beside a bare Express server in
 * another process. Both take turns, three times; the median counts. The exit code is 1 when a request failed or when
 * the database does not hold exactly what was acknowledged.
 */
export async function benchHttp(args: readonly string[]): Promise<readonly HttpBench[]> {
  buildService();
  const wanted = (scenario: HttpBench['scenario']): boolean => args.length === 0 || args.includes(scenario);
  const rows: HttpBench[] = [];
  if (wanted('list')) rows.push(await withFolder(benchList));
  if (wanted('upload')) rows.push(await withFolder(benchUpload));
  if (wanted('health')) rows.push(await withFolder(benchHealth));
  if (wanted('journey')) rows.push(await withFolder(benchJourney));
  for (const fault of faults) say(`FAULT: ${fault}`);
  if (faults.length > 0 || rows.some(({ errors_5xx }) => errors_5xx > 0)) process.exitCode = 1;
  return rows;
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-bench-'));
  try {
    return await work(folder);
  } finally {
    await stopServers();
    await rm(folder, { recursive: true, force: true });
  }
}

const databaseIn = (folder: string): string => path.join(folder, 'clarity.db');

/** One person with 5,000 metrics reads the newest 50, with their token, again and again. */
async function benchList(folder: string): Promise<HttpBench> {
  const service = await startBuiltService(folder);
  const person = await personWithMetrics(service.url);
  const bare = await startBareServer(databaseIn(folder));
  const ours = readOf(`${service.url}/api/v1/health-data?limit=50`, person.token);
  const theirs = readOf(`${bare.url}/list/${person.userId}?limit=50`);
  const row = await inTurns('list', ours, theirs, service);
  await Promise.all([service.stop(), bare.stop()]);
  await profiled('list', async (url) => {
    const read = readOf(`${url}/api/v1/health-data?limit=50`, (await personWithMetrics(url)).token);
    await read(WARM_UP_SECONDS);
    return () => read(READ_SECONDS);
  });
  return row;
}

/** The load balancer's question. */
async function benchHealth(folder: string): Promise<HttpBench> {
  const service = await startBuiltService(folder);
  const bare = await startBareServer(path.join(folder, 'bare.db'));
  const row = await inTurns('health', readOf(`${service.url}/health`), readOf(`${bare.url}/health`), service);
  await Promise.all([service.stop(), bare.stop()]);
  return row;
}

type Read = (seconds: number) => Promise<LoadResult>;

const readOf =
  (url: string, token?: string): Read =>
  (seconds) =>
    readLoad({ url, connections: READ_CONNECTIONS, seconds, ...(token === undefined ? {} : { token }) });

/** Both servers warmed up, then one after the other, three times; the median of each. */
async function inTurns(
  scenario: 'list' | 'health',
  ours: Read,
  theirs: Read,
  service: ServerProcess,
): Promise<HttpBench> {
  await ours(WARM_UP_SECONDS);
  await theirs(WARM_UP_SECONDS);
  const rounds: { readonly our: LoadResult; readonly their: LoadResult }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const our = await ours(READ_SECONDS);
    const their = await theirs(READ_SECONDS);
    say(
      `${scenario}: ${rounded(our.requestsPerS)} requests/s, p99 ${our.p99Ms} ms; bare ${rounded(their.requestsPerS)}, p99 ${their.p99Ms} ms`,
    );
    requireNoFailures(scenario, our);
    requireNoFailures(`bare ${scenario}`, their);
    rounds.push({ our, their });
  }
  const our = rounds.map((round) => round.our);
  const requestsPerS = median(our.map((result) => result.requestsPerS));
  return rowOf(
    scenario,
    our,
    requestsPerS,
    requestsPerS / median(rounds.map(({ their }) => their.requestsPerS)),
    service,
  );
}

/** Ten people with a connection each send batches of 1,000 new metrics; each is durable before it is answered. */
async function benchUpload(folder: string): Promise<HttpBench> {
  const service = await startBuiltService(folder);
  const bare = await startBareServer(path.join(folder, 'bare.db'));
  const people: BenchPerson[] = [];
  // One after the other: hashing ten passwords at once would be the first thing to be measured.
  while (people.length < UPLOAD_CONNECTIONS) people.push(await newPerson(service.url));
  const uploaders: readonly Uploader[] = people.map((person) => ({ person, sent: 0 }));
  const strangers: readonly Uploader[] = people.map((person) => ({ person, sent: 0 }));
  const ours = (batches: number): Promise<UploadLoadResult> =>
    uploadLoad({ url: service.url, path: '/api/v1/health-data', uploaders, batches, metricsABatch: METRICS_A_BATCH });
  const theirs = (batches: number): Promise<UploadLoadResult> =>
    uploadLoad({ url: bare.url, path: '/upload', uploaders: strangers, batches, metricsABatch: METRICS_A_BATCH });
  let accepted = 0;
  const results: UploadLoadResult[] = [];
  const bareResults: UploadLoadResult[] = [];
  for (const round of Array(ROUNDS + 1).keys()) {
    const our = await ours(round === 0 ? UPLOAD_CONNECTIONS : BATCHES_A_ROUND);
    const their = await theirs(round === 0 ? UPLOAD_CONNECTIONS : BATCHES_A_ROUND);
    accepted += our.acceptedMetrics;
    requireNoFailures('upload', our);
    requireNoFailures('bare upload', their);
    // The first round warms both up.
    if (round === 0) continue;
    say(
      `upload: ${rounded(our.metricsPerS)} metrics/s, p99 ${our.p99Ms} ms; bare ${rounded(their.metricsPerS)}, p99 ${their.p99Ms} ms`,
    );
    results.push(our);
    bareResults.push(their);
  }
  const requestsPerS = median(results.map((result) => result.requestsPerS));
  const bareRequestsPerS = median(bareResults.map((result) => result.requestsPerS));
  const row = rowOf('upload', results, requestsPerS, requestsPerS / bareRequestsPerS, service);
  await Promise.all([service.stop(), bare.stop()]);
  requireDurable('upload', folder, accepted);
  await profiled('upload', async (url) => {
    const watched = [
      { person: await newPerson(url), sent: 0 },
      { person: await newPerson(url), sent: 0 },
    ];
    const load = { url, path: '/api/v1/health-data', uploaders: watched, metricsABatch: METRICS_A_BATCH };
    await uploadLoad({ ...load, batches: UPLOAD_CONNECTIONS });
    return () => uploadLoad({ ...load, batches: BATCHES_A_ROUND });
  });
  return row;
}

/** A hundred people who register, log in, upload, read and analyse. */
async function benchJourney(folder: string): Promise<HttpBench> {
  const service = await startBuiltService(folder);
  const result = await journeyLoad({
    url: service.url,
    people: JOURNEY_PEOPLE,
    arrivalS: JOURNEY_ARRIVAL_SECONDS,
    seconds: JOURNEY_SECONDS,
  });
  const steps = Object.entries(result.p99MsByStep).map(([step, ms]) => `${step} ${rounded(ms)}`);
  say(`journey: p99 of each step in ms: ${steps.join(', ')}`);
  faults.push(...result.failures.slice(0, 5).map((failure) => `journey: ${failure}`));
  if (result.failures.length > 5) faults.push(`journey: ${result.failures.length} failures in all`);
  const rss_mb = service.peakRssMb();
  await service.stop();
  requireDurable('journey', folder, result.acceptedMetrics);
  return {
    scenario: 'journey',
    requests_per_s: rounded(result.requestsPerS),
    bare_ratio: null,
    p99_ms: rounded(result.p99Ms),
    errors_5xx: result.errors5xx,
    rss_mb,
  };
}

/** A person whose metrics have been stored and worked on. */
async function personWithMetrics(url: string): Promise<BenchPerson> {
  const person = await newPerson(url);
  const { token, userId } = person;
  for (let sent = 0; sent < LISTED_METRICS; sent += METRICS_A_BATCH) {
    const body = uploadBody(userId, sent, METRICS_A_BATCH);
    const upload = await callJson(url, 'POST', '/api/v1/health-data', { token, body });
    const where = `/api/v1/health-data/processing/${textOf(upload, 'processing_id')}`;
    const isAtWork = async (): Promise<boolean> =>
      ['received', 'processing'].includes(textOf(await callJson(url, 'GET', where, { token }), 'status'));
    while (await isAtWork()) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return person;
}

const nowMicros = (): number => Number(process.hrtime.bigint() / 1000n);

/**
 * Runs a load once more against a service that is being profiled, and tells where its time went. `prepare` makes the load
 * ready for the service at this URL.
 */
async function profiled(scenario: string, prepare: (url: string) => Promise<() => Promise<unknown>>): Promise<void> {
  await withFolder(async (folder) => {
    const profiles = path.join(folder, 'profiles');
    const service = await startBuiltService(folder, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
    const load = await prepare(service.url);
    const fromMicros = nowMicros();
    await load();
    const stretch = { fromMicros, toMicros: nowMicros() };
    await service.stop();
    const summary: ProfileSummary = await profileIn(profiles, stretch, TOP_FUNCTIONS);
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    say(`${scenario}: decoding takes ${percent(summary.decodingShare)} of the main thread's time`);
    for (const { name, share } of summary.top) say(`  ${percent(share).padStart(7)}  ${name}`);
  });
}

function requireNoFailures(what: string, { failures }: LoadResult): void {
  if (failures > 0) faults.push(`${what}: ${failures} requests failed`);
}

/** The database holds exactly what was acknowledged: asked of the file itself, when the service has gone. */
function requireDurable(scenario: string, folder: string, accepted: number): void {
  const database = new Libsql(databaseIn(folder), { readonly: true });
  const { stored } = database.prepare('select count(*) as stored from metric').get() as { readonly stored: number };
  database.close();
  if (stored !== accepted) faults.push(`${scenario}: ${accepted} metrics were accepted, ${stored} are stored`);
  else say(`${scenario}: all ${accepted} accepted metrics are stored`);
}

const rowOf = (
  scenario: HttpBench['scenario'],
  results: readonly LoadResult[],
  requestsPerS: number,
  bareRatio: number,
  service: ServerProcess,
): HttpBench => ({
  scenario,
  requests_per_s: rounded(requestsPerS),
  bare_ratio: Number(bareRatio.toFixed(2)),
  p99_ms: median(results.map(({ p99Ms }) => p99Ms)),
  errors_5xx: results.reduce((sum, { errors5xx }) => sum + errors5xx, 0),
  rss_mb: service.peakRssMb(),
});

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[(values.length - 1) / 2]!;

const rounded = (value: number): number => Number(value.toFixed(1));
