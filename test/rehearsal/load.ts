import { randomUUID } from 'node:crypto';
import autocannon, { type Client, type Request } from 'autocannon';
import type { BenchPerson } from '../bench/http-people.ts';

/** 2024-01-01T00:00:00Z. */
const FIRST_MS = 1_704_067_200_000;
const READS_AN_UPLOAD = 9;
const TIMEOUT_S = 30;

/** Somebody who sends measurements, and what became of them. */
export interface Sender {
  readonly person: BenchPerson;
  /** Ids of metrics that were sent, and of those whose upload was answered 201. */
  readonly sent: string[];
  readonly acknowledged: Set<string>;
  /** The processings of the uploads that were answered 201. */
  readonly processings: Set<string>;
}

export const senderOf = (person: BenchPerson): Sender => ({
  person,
  sent: [],
  acknowledged: new Set(),
  processings: new Set(),
});

/** What a load came to, as its clients saw it. */
export interface LoadCounts {
  requests: number;
  answers: number;
  /** Calls that were given up after half a minute. */
  timeouts: number;
  /** Connections of the clients that failed. */
  connectionErrors: number;
  /** How long the slowest answer took. */
  slowestMs: number;
  /** Answers other than 2xx, by status. */
  readonly non2xx: Map<number, number>;
}

/** One upload of one metric that nobody has sent before. */
export function newUpload(sender: Sender): { readonly metric: string; readonly body: string } {
  const metric = randomUUID();
  sender.sent.push(metric);
  const body = JSON.stringify({
    user_id: sender.person.userId,
    upload_source: 'rehearsal',
    client_timestamp: '2025-02-05T08:00:00Z',
    metrics: [
      {
        metric_id: metric,
        metric_type: 'heart_rate',
        biometric_data: { heart_rate: 50 + (sender.sent.length % 90) },
        created_at: new Date(FIRST_MS + sender.sent.length * 60_000).toISOString(),
      },
    ],
  });
  return { metric, body };
}

/** The service has stored the upload. */
export function acknowledge(sender: Sender, metric: string, body: string): void {
  sender.acknowledged.add(metric);
  sender.processings.add((JSON.parse(body) as { readonly processing_id: string }).processing_id);
}

/**
 * Sends calls, as fast as they are answered, until there were `atLeast` of them and `isOver` says so. Of ten calls one is an
 * upload with an Idempotency-Key, the others read what has been stored. Each connection is one sender's.
 */
export async function mixedLoad(options: {
  readonly url: string;
  readonly senders: readonly Sender[];
  readonly atLeast: number;
  readonly callsARound: number;
  readonly isOver: () => boolean;
}): Promise<LoadCounts> {
  const { url, senders, atLeast, callsARound, isOver } = options;
  const counts: LoadCounts = {
    requests: 0,
    answers: 0,
    timeouts: 0,
    connectionErrors: 0,
    slowestMs: 0,
    non2xx: new Map(),
  };
  const round = async (mine: readonly Sender[]): Promise<void> => {
    let next = 0;
    const setupClient = (client: Client): void => {
      client.setRequests(requestsOf(mine[next++ % mine.length]!, counts));
    };
    const settings = { url, connections: mine.length, amount: callsARound, timeout: TIMEOUT_S, setupClient };
    const { errors, timeouts, latency } = await autocannon(settings);
    counts.timeouts += timeouts;
    counts.connectionErrors += errors - timeouts;
    counts.slowestMs = Math.max(counts.slowestMs, latency.max);
  };
  // The generator rests for a moment when a round ends; two that take turns leave none without calls.
  const halves = [senders.filter((_, i) => i % 2 === 0), senders.filter((_, i) => i % 2 === 1)];
  await Promise.all(
    halves.map(async (mine) => {
      while (!isOver() || counts.requests < atLeast) await round(mine);
    }),
  );
  return counts;
}

/** What a connection of the sender asks, again and again. */
function requestsOf(sender: Sender, counts: LoadCounts): Request[] {
  const authorization = `Bearer ${sender.person.token}`;
  const answered = (status: number): void => {
    counts.answers += 1;
    if (status < 200 || status > 299) counts.non2xx.set(status, (counts.non2xx.get(status) ?? 0) + 1);
  };
  const places = [
    '/api/v1/health-data?limit=20',
    '/api/v1/auth/me',
    `/api/v1/insights/history/${sender.person.userId}`,
  ];
  const reads = Array.from({ length: READS_AN_UPLOAD }, (_, i): Request => ({
    method: 'GET',
    path: places[i % places.length]!,
    headers: { authorization },
    setupRequest: (request) => {
      counts.requests += 1;
      return request;
    },
    onResponse: answered,
  }));
  let metric = '';
  const upload: Request = {
    method: 'POST',
    path: '/api/v1/health-data',
    setupRequest: (request) => {
      counts.requests += 1;
      const made = newUpload(sender);
      ({ metric } = made);
      const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
      return { ...request, headers, body: made.body };
    },
    onResponse: (status, body) => {
      answered(status);
      if (status === 201) acknowledge(sender, metric, body);
    },
  };
  return [...reads, upload];
}
