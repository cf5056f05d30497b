import autocannon, { type Client, type Options, type Result } from 'autocannon';
import type { BenchPerson } from './http-people.ts';
import { uploadBody } from './http-people.ts';

/** How a server did under a load. */
export interface LoadResult {
  readonly requestsPerS: number;
  readonly p99Ms: number;
  readonly errors5xx: number;
  /** Answers that are no success, and requests without an answer. */
  readonly failures: number;
}

const resultOf = (result: Result, answered: number): LoadResult => ({
  requestsPerS: answered / result.duration,
  p99Ms: result.latency.p99,
  errors5xx: result['5xx'],
  failures: result.non2xx + result.errors + result.timeouts,
});

/** Reads the same place again and again over so many connections, for so many seconds. */
export async function readLoad(options: {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly token?: string;
}): Promise<LoadResult> {
  const { url, connections, seconds, token } = options;
  const settings: Options = {
    url,
    connections,
    duration: seconds,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  };
  const result = await autocannon(settings);
  return resultOf(result, result['2xx']);
}

export interface UploadLoadResult extends LoadResult {
  /** What the server said that it had stored, over all answers. */
  readonly acceptedMetrics: number;
  readonly metricsPerS: number;
}

/** A person with a connection of their own, and how many metrics they have sent so far. */
export interface Uploader {
  readonly person: Pick<BenchPerson, 'token' | 'userId'>;
  sent: number;
}

/** Sends so many batches of new metrics, one connection a person; every batch is answered. */
export async function uploadLoad(options: {
  readonly url: string;
  readonly path: string;
  readonly uploaders: readonly Uploader[];
  readonly batches: number;
  readonly metricsABatch: number;
}): Promise<UploadLoadResult> {
  const { url, path, uploaders, batches, metricsABatch } = options;
  let acceptedMetrics = 0;
  let next = 0;
  const startedMs = performance.now();
  let lastAnswerMs = startedMs;
  const setupClient = (client: Client): void => {
    const uploader = uploaders[next++ % uploaders.length]!;
    client.setRequests([
      {
        method: 'POST',
        path,
        headers: { authorization: `Bearer ${uploader.person.token}`, 'content-type': 'application/json' },
        setupRequest: (request) => {
          const body = uploadBody(uploader.person.userId, uploader.sent, metricsABatch);
          uploader.sent += metricsABatch;
          return { ...request, body };
        },
        onResponse: (status, body) => {
          lastAnswerMs = performance.now();
          if (status === 201) acceptedMetrics += (JSON.parse(body) as { accepted_metrics: number }).accepted_metrics;
        },
      },
    ]);
  };
  const result = await autocannon({ url, connections: uploaders.length, amount: batches, setupClient });
  const answered = result['2xx'];
  // The load generator looks once a second whether it is done, and counts that second.
  const tookS = (lastAnswerMs - startedMs) / 1000;
  return {
    ...resultOf(result, answered),
    requestsPerS: answered / tookS,
    acceptedMetrics,
    metricsPerS: (answered * metricsABatch) / tookS,
  };
}
