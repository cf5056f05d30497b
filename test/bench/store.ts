import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoSampleStore } from '../../adapters/aws/dynamodb/sample-store.ts';
import type { RequestCounts } from '../../adapters/aws/dynamodb/dynamo-table.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { SqlSampleStore } from '../../adapters/sql/sample-store.ts';
import type { SampleStore } from '../../core/health-data/ports.ts';
import { UNKNOWN_OFFSET, type SampleColumns } from '../../core/health-data/samples.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../core/kernel/local-time.ts';
import { makeTable } from '../emulators/tables.ts';
import { valueOf } from '../unit/result-values.ts';

const SAMPLES = 1_000_000;
const SAMPLES_A_CALL = 100_000;
const WEEKS_READ = 21;
/** 2023-01-01T00:00:00Z. */
const FROM_MS = 19_358 * MS_PER_DAY;

/** How a sample store took a simulated person's minutes of heart rate. */
export interface StoreBench {
  readonly adapter: string;
  readonly samples: number;
  /** Transactions or requests, each one durable before its call answered; none for a store in memory. */
  readonly write_requests: number;
  /** For all calls of `append` together. */
  readonly seconds: number;
  readonly samples_per_second: number;
  /** Median over weeks from the whole time. */
  readonly read_week_ms: number;
  /** Transactions or requests a read, the most that one took. */
  readonly read_week_requests: number;
  readonly rss_mb: number;
}

/** No more for the million; one request a sample would be a bill. */
const MOST_WRITE_REQUESTS = 3000;
const MOST_READ_REQUESTS = 2;

/** Stores a million minutes in calls of a hundred thousand, then reads single weeks. */
export async function benchStore(): Promise<readonly StoreBench[]> {
  return [await benchSql(), await benchMemory(), await benchDynamo()];
}

async function benchSql(): Promise<StoreBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-bench-'));
  const database = valueOf(await openDatabase(path.join(folder, 'clarity.db')));
  const requests: RequestCounts = { reads: 0, writes: 0 };
  const counted = new Proxy(new SqlSampleStore(database), {
    get: (store, name) => {
      if (name === 'append') requests.writes++;
      if (name === 'read') requests.reads++;
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === 'function' ? (member.bind(store) as unknown) : member;
    },
  });
  try {
    // A call is one transaction.
    return await benchOne('sql', counted, requests);
  } finally {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const benchMemory = (): Promise<StoreBench> => benchOne('memory', new MemorySampleStore(), { reads: 0, writes: 0 });

/** Against the emulator in its own process, or what the environment names. */
async function benchDynamo(): Promise<StoreBench> {
  const under = await makeTable();
  try {
    const retention = { ttlDays: null, clock: { now: () => Date.now() } };
    const row = await benchOne('dynamodb', new DynamoSampleStore(under.table, retention), under.table.requests);
    if (row.write_requests > MOST_WRITE_REQUESTS) throw new Error(`${row.write_requests} write requests`);
    if (row.read_week_requests > MOST_READ_REQUESTS) throw new Error(`${row.read_week_requests} requests for a week`);
    return row;
  } finally {
    await under.close();
  }
}

/** `requests` are those of the store, counted while it works. */
async function benchOne(adapter: string, store: SampleStore, requests: RequestCounts): Promise<StoreBench> {
  const owner = userId('11111111-1111-4111-8111-111111111111');
  const upload = processingId('22222222-2222-4222-8222-222222222222');
  let seconds = 0;
  let stored = 0;
  for (let first = 0; first < SAMPLES; first += SAMPLES_A_CALL) {
    const batch = minutesOfHeartRate(first, SAMPLES_A_CALL);
    const startedMs = performance.now();
    const counts = valueOf(await store.append(owner, upload, [batch]));
    seconds += (performance.now() - startedMs) / 1000;
    stored += counts[0]?.stored ?? 0;
  }
  if (stored !== SAMPLES) throw new Error(`${adapter} stored ${stored} of ${SAMPLES} samples`);
  const weeks = Math.floor((SAMPLES * MS_PER_MINUTE) / (7 * MS_PER_DAY));
  const writeRequests = requests.writes;
  const readMs: number[] = [];
  let mostReadRequests = 0;
  for (let i = 0; i < WEEKS_READ; i++) {
    const fromMs = FROM_MS + ((i * 37) % weeks) * 7 * MS_PER_DAY;
    const readsBefore = requests.reads;
    const startedMs = performance.now();
    const [week] = valueOf(await store.read(owner, ['heart_rate'], { fromMs, toMs: fromMs + 7 * MS_PER_DAY }));
    readMs.push(performance.now() - startedMs);
    mostReadRequests = Math.max(mostReadRequests, requests.reads - readsBefore);
    requireWeek(adapter, week, fromMs);
  }
  return {
    adapter,
    samples: stored,
    write_requests: writeRequests,
    seconds: rounded(seconds, 3),
    samples_per_second: Math.round(stored / seconds),
    read_week_ms: rounded(readMs.toSorted((a, b) => a - b)[(WEEKS_READ - 1) / 2]!, 2),
    read_week_requests: mostReadRequests,
    rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
  };
}

/** A row about wrong data says nothing. */
function requireWeek(adapter: string, week: SampleColumns | undefined, fromMs: number): void {
  const count = (7 * MS_PER_DAY) / MS_PER_MINUTE;
  const expected = minutesOfHeartRate((fromMs - FROM_MS) / MS_PER_MINUTE, count);
  if (week?.startMs.length !== count) throw new Error(`${adapter} read ${week?.startMs.length ?? 0} minutes`);
  for (let i = 0; i < count; i++) {
    const isSame =
      week.startMs[i] === expected.startMs[i] &&
      week.endMs[i] === expected.endMs[i] &&
      week.value[i] === expected.value[i] &&
      week.sources[week.source[i]!]?.key === expected.sources[expected.source[i]!]?.key;
    if (!isSame) throw new Error(`${adapter} read minute ${i} of the week from ${fromMs} wrongly`);
  }
}

/** One sample a minute from two sources, with a decimal now and then, as devices send them. */
function minutesOfHeartRate(first: number, count: number): SampleColumns {
  const startMs = Float64Array.from({ length: count }, (_, i) => FROM_MS + (first + i) * MS_PER_MINUTE);
  return {
    type: 'heart_rate',
    startMs,
    endMs: startMs.map((start) => start + MS_PER_MINUTE),
    value: Float64Array.from({ length: count }, (_, i) => 50 + ((first + i) % 90) + ((first + i) % 10 === 0 ? 0.5 : 0)),
    offsetMinutes: new Int16Array(count).fill(UNKNOWN_OFFSET),
    source: Uint16Array.from({ length: count }, (_, i) => Number((first + i) % 120 >= 60)),
    sources: [
      { key: 'watch|watch6,1', name: 'A watch', device: 'watch', model: 'Watch6,1' },
      { key: 'strap|', name: 'A chest strap', device: 'other', model: null },
    ],
  };
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
