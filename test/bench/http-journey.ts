import { setTimeout as delay } from 'node:timers/promises';
import { randomStream, type RandomStream } from '../../core/simulation/random.ts';
import { callJson, dayOfMinutes, newCredentials, textOf, uploadBody, type JsonAnswer } from './http-people.ts';

/** Somebody reads what they were answered before they go on: so long, at random between the two. */
const LEAST_THOUGHT_MS = 500;
const MOST_THOUGHT_MS = 1500;
const METRICS_A_BATCH = 100;
/** 2025-01-06T00:00:00Z. */
const FIRST_DAY_MS = 1_736_121_600_000;

export interface JourneyResult {
  readonly requestsPerS: number;
  readonly p99Ms: number;
  readonly errors5xx: number;
  /** Answers that were not what the step asks for, and calls without an answer. */
  readonly failures: readonly string[];
  readonly acceptedMetrics: number;
  /** The 99th percentile of each step, in milliseconds. */
  readonly p99MsByStep: Readonly<Record<string, number>>;
}

/** What all walks together have seen. */
interface Ledger {
  readonly ms: Map<string, number[]>;
  readonly failures: string[];
  errors5xx: number;
  acceptedMetrics: number;
}

/**
 * Lets so many people come one after the other over `arrivalS` seconds. Each registers, logs in, and then uploads, reads
 * and analyses again and again until `seconds` are over, thinking between any two calls. Every call is waited for.
 */
export async function journeyLoad(options: {
  readonly url: string;
  readonly people: number;
  readonly arrivalS: number;
  readonly seconds: number;
}): Promise<JourneyResult> {
  const { url, people, arrivalS, seconds } = options;
  const ledger: Ledger = { ms: new Map(), failures: [], errors5xx: 0, acceptedMetrics: 0 };
  const startedMs = performance.now();
  const isOver = (): boolean => performance.now() - startedMs >= seconds * 1000;
  await Promise.all(
    Array.from({ length: people }, async (_, i) => {
      await delay((i / people) * arrivalS * 1000);
      await walk(url, ledger, randomStream(i + 1), isOver);
    }),
  );
  const tookS = (performance.now() - startedMs) / 1000;
  const all = [...ledger.ms.values()].flat();
  return {
    requestsPerS: all.length / tookS,
    p99Ms: percentile99(all),
    errors5xx: ledger.errors5xx,
    failures: ledger.failures,
    acceptedMetrics: ledger.acceptedMetrics,
    p99MsByStep: Object.fromEntries([...ledger.ms].map(([step, ms]) => [step, percentile99(ms)])),
  };
}

async function walk(url: string, ledger: Ledger, random: RandomStream, isOver: () => boolean): Promise<void> {
  const think = (): Promise<void> => delay(random.between(LEAST_THOUGHT_MS, MOST_THOUGHT_MS));
  /** The answer, or null where it is not the one that the step asks for. */
  const step = async (
    name: string,
    expected: number,
    call: Parameters<typeof callJson>,
  ): Promise<JsonAnswer | null> => {
    const startedMs = performance.now();
    let answer: JsonAnswer | null = null;
    try {
      answer = await callJson(...call);
    } catch (cause) {
      ledger.failures.push(`${name}: ${String(cause)}`);
    }
    const times = ledger.ms.get(name) ?? [];
    times.push(performance.now() - startedMs);
    ledger.ms.set(name, times);
    await think();
    if (answer === null || answer.status === expected) return answer;
    ledger.failures.push(`${name}: ${JSON.stringify(answer).slice(0, 300)}`);
    if (answer.status >= 500) ledger.errors5xx += 1;
    return null;
  };
  const credentials = JSON.stringify(newCredentials());
  if ((await step('register', 201, [url, 'POST', '/api/v1/auth/register', { body: credentials }])) === null) return;
  const login = await step('login', 200, [url, 'POST', '/api/v1/auth/login', { body: credentials }]);
  if (login === null) return;
  const token = textOf(login, 'access_token');
  const me = await step('me', 200, [url, 'GET', '/api/v1/auth/me', { token }]);
  if (me === null) return;
  const userId = textOf(me, 'user_id');
  for (let round = 0; !isOver(); round++) {
    const body = uploadBody(userId, round * METRICS_A_BATCH, METRICS_A_BATCH);
    const upload = await step('upload', 201, [url, 'POST', '/api/v1/health-data', { token, body }]);
    ledger.acceptedMetrics += Number(upload?.body['accepted_metrics'] ?? 0);
    await step('read', 200, [url, 'GET', '/api/v1/health-data?limit=50', { token }]);
    if (upload !== null) {
      const where = `/api/v1/health-data/processing/${textOf(upload, 'processing_id')}`;
      await step('read', 200, [url, 'GET', where, { token }]);
    }
    const minutes = dayOfMinutes(FIRST_DAY_MS + round * 86_400_000);
    const analysis = await step('analyse', 200, [url, 'POST', '/api/v1/pat/analysis', { token, body: minutes }]);
    if (analysis !== null) {
      const where = `/api/v1/pat/analysis/${textOf(analysis, 'analysis_id')}`;
      await step('read', 200, [url, 'GET', where, { token }]);
    }
  }
}

function percentile99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.NaN;
}
