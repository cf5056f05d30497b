/** A call as a loop over the route table makes it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly where: string;
  readonly token?: string | null;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back, read whole; of a stream that does not end by itself, only how it began. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Every call has this id, so that answers do not differ by it. */
export const REQUEST_ID = 'a-loop-over-the-route-table';

/** Makes a call of one service; nothing in what is sent differs from call to call by itself. */
export const askerOf =
  (url: string) =>
  async ({ method, where, token = null, json, headers = {} }: Asked): Promise<Answered> => {
    const leaving = new AbortController();
    const response = await fetch(`${url}${where}`, {
      method,
      redirect: 'manual',
      signal: leaving.signal,
      headers: {
        'x-request-id': REQUEST_ID,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const isEndless = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
    const bytes = isEndless ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer());
    if (isEndless) leaving.abort();
    return { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
  };

export type Ask = ReturnType<typeof askerOf>;
