import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON body; empty where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface RequestOptions {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly type?: string;
}

export type Call = (method: string, where: string, options?: RequestOptions) => Promise<Answer>;

/**
 * A client that keeps no timers of its own, so that it works where a test holds all timers still. A connection that the
 * service drops rejects.
 */
export function clientOf(url: string): { readonly call: Call; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true });
  const call: Call = (method, where, { token, json, body, type } = {}) =>
    new Promise((resolve, reject) => {
      const payload = json === undefined ? body : JSON.stringify(json);
      const request = httpRequest(`${url}${where}`, {
        agent,
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      });
      request.once('error', reject);
      request.once('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const isJson = (response.headers['content-type'] ?? '').includes('json') && text !== '';
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? (JSON.parse(text) as Answer['json']) : {},
          });
        });
      });
      request.end(payload);
    });
  return { call, close: () => agent.destroy() };
}
