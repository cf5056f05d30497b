import { randomUUID } from 'node:crypto';

/** A person who is signed in. */
export interface BenchPerson {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly userId: string;
}

/** An answer of the service, read whole. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function callJson(
  url: string,
  method: string,
  where: string,
  options: { readonly token?: string; readonly body?: string } = {},
): Promise<JsonAnswer> {
  const { token, body } = options;
  const response = await fetch(`${url}${where}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as JsonAnswer['body']) };
}

export const newCredentials = (): { readonly email: string; readonly password: string } => ({
  email: `bench-${randomUUID()}@example.org`,
  password: 'Correct-horse-7',
});

/** Registers somebody, or throws. */
export async function newPerson(url: string): Promise<BenchPerson> {
  const credentials = newCredentials();
  const registered = await callJson(url, 'POST', '/api/v1/auth/register', { body: JSON.stringify(credentials) });
  const token = textOf(registered, 'access_token');
  return { ...credentials, token, userId: textOf(await callJson(url, 'GET', '/api/v1/auth/me', { token }), 'user_id') };
}

/** A text of an answer, or an error with the whole answer in it. */
export function textOf(answer: JsonAnswer, field: string): string {
  const value = answer.body[field];
  if (typeof value !== 'string') throw new Error(`no ${field} in ${JSON.stringify(answer)}`);
  return value;
}

/** 2020-01-01T00:00:00Z. */
const FIRST_MS = 1_577_836_800_000;

/** A batch of new metrics for this person; `first` is how many of theirs there were before. */
export function uploadBody(userId: string, first: number, count: number): string {
  const metrics = Array.from({ length: count }, (_, i) => ({
    metric_id: randomUUID(),
    metric_type: 'heart_rate',
    biometric_data: { heart_rate: 50 + ((first + i) % 90) },
    device_id: 'watch-1',
    created_at: new Date(FIRST_MS + (first + i) * 60_000).toISOString(),
  }));
  return JSON.stringify({
    user_id: userId,
    upload_source: 'apple_health',
    client_timestamp: '2025-02-05T08:00:00Z',
    metrics,
  });
}

/** One day of activity counts a minute: still at night, moving by day. */
export function dayOfMinutes(startMs: number): string {
  const data_points = Array.from({ length: 1440 }, (_, i) => ({
    timestamp: new Date(startMs + i * 60_000).toISOString(),
    value: i >= 420 && i < 1380 ? 200 + ((i * 7919) % 401) : 0,
  }));
  return JSON.stringify({ data_points });
}
