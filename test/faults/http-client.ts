import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The JSON body; empty where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The connection broke before the answer had ended: what came of it is not the whole. */
  readonly broken: boolean;
}

export interface RequestOptions {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  /** The Idempotency-Key. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of an answer that does not end by itself: the client leaves once it has read this. */
  readonly until?: (text: string) => boolean;
}

export type Call = (method: string, where: string, options?: RequestOptions) => Promise<Answer>;

/**
 * A client that keeps no timers of its own, so that it works where a test holds all timers still. A connection that the
 * service drops before it has begun to answer rejects.
 */
export function clientOf(url: string): { readonly call: Call; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true });
  const call: Call = (method, where, options = {}) =>
    new Promise((resolve, reject) => {
      const { json, body, until } = options;
      const payload = json === undefined ? body : JSON.stringify(json);
      const request = httpRequest(`${url}${where}`, { agent, method, headers: headersOf(options, payload) });
      request.once('error', reject);
      request.once('response', (response) => {
        const parts: Buffer[] = [];
        const settle = (broken: boolean): void => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, ...contentOf(headers, Buffer.concat(parts), broken), broken });
        };
        response.on('data', (part: Buffer) => {
          parts.push(part);
          if (until?.(Buffer.concat(parts).toString('utf8')) !== true) return;
          settle(false);
          request.destroy();
        });
        response.once('error', () => {
          settle(true);
        });
        response.once('end', () => {
          settle(false);
        });
      });
      request.end(payload);
    });
  return { call, close: () => agent.destroy() };
}

const headersOf = (
  { token, type, key, headers }: RequestOptions,
  payload: string | Uint8Array | undefined,
): Record<string, string> => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(key === undefined ? {} : { 'idempotency-key': key }),
  ...(payload === undefined
    ? {}
    : { 'content-type': type ?? 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
  ...headers,
});

function contentOf(
  headers: IncomingHttpHeaders,
  bytes: Buffer,
  broken: boolean,
): Pick<Answer, 'bytes' | 'text' | 'json'> {
  const text = bytes.toString('utf8');
  const isJson = !broken && /[/+]json\b/.test(headers['content-type'] ?? '') && text !== '';
  return { bytes, text, json: isJson ? (JSON.parse(text) as Answer['json']) : {} };
}
