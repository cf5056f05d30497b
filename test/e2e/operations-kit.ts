import * as assert from 'uvu/assert';
import type { Caller } from './operations.ts';

/** The success of an answer; anything else fails the test with what was answered. */
export function success<A extends { readonly ok: boolean }>(answer: A): Extract<A, { readonly ok: true }> {
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer as Extract<A, { readonly ok: true }>;
}

/** The status and code of a refusal. */
export function refusal(answer: {
  readonly ok: boolean;
  readonly status: number;
  readonly problem?: { readonly code: string };
}) {
  assert.not.ok(answer.ok);
  return [answer.status, answer.problem?.code];
}

export const T0 = Date.UTC(2025, 0, 6);
export const at = (minute: number): string => new Date(T0 + minute * 60_000).toISOString();

export const batch = (userId: string, minutes: readonly number[]) => ({
  user_id: userId,
  upload_source: 'test',
  client_timestamp: at(0),
  metrics: minutes.map((minute) => ({
    metric_type: 'heart_rate' as const,
    biometric_data: { heart_rate: 60 + (minute % 40) },
    created_at: at(minute),
  })),
});

/** Two days of minutes of somebody who is up from 7 to 23 o'clock. */
export const counts = Array.from({ length: 2880 }, (_, minute) => ({
  timestamp: at(minute),
  value: minute % 1440 >= 420 && minute % 1440 < 1380 ? 200 + (minute % 37) * 9 : minute % 11 === 0 ? 3 : 0,
}));

export const analysed = async ({ client }: Caller): Promise<string> =>
  success(await client.analyzeCounts({ body: { data_points: counts, timezone: 'UTC' } })).body.analysis_id;

export const insightOf = async (caller: Caller) =>
  success(await caller.client.generateInsight({ body: { processing_id: await analysed(caller) } }));
