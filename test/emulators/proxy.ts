import { createServer, request as requestTo, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request on its way to a server, read whole. */
export interface PassingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PassingAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The connection breaks after so many bytes of the body. */
  readonly cutAfter?: number;
}

/** What becomes of a request; null breaks the connection without an answer. */
export type Passage = (
  request: PassingRequest,
  forward: (request: PassingRequest) => Promise<PassingAnswer>,
) => Promise<PassingAnswer | null>;

export interface Proxy {
  readonly endpointUrl: string;
  readonly close: () => Promise<void>;
}

/** An HTTP server that hands requests on to another one, or does with them what `passage` says. */
export async function startProxy(target: string, passage: Passage): Promise<Proxy> {
  const forward = (request: PassingRequest): Promise<PassingAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = requestTo(
        new URL(request.url, target),
        { method: request.method, headers: { ...request.headers, 'content-length': String(request.body.length) } },
        (incoming) => {
          buffer(incoming).then((body) => {
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
          }, reject);
        },
      );
      outgoing.once('error', reject);
      outgoing.end(request.body);
    });
  const server = createServer((incoming, outgoing) => {
    const pass = async (): Promise<void> => {
      const { method = 'GET', url = '/', headers } = incoming;
      // What carries no length of its own is sent on with one.
      const { 'transfer-encoding': _, ...others } = headers;
      const answer = await passage({ method, url, headers: others, body: await buffer(incoming) }, forward);
      if (answer === null) {
        incoming.socket.destroy();
        return;
      }
      const { 'transfer-encoding': _encoding, ...answered } = answer.headers;
      const isHead = method === 'HEAD';
      outgoing.writeHead(answer.status, {
        ...answered,
        ...(isHead ? {} : { 'content-length': String(answer.body.length) }),
      });
      if (isHead) outgoing.end();
      else if (answer.cutAfter === undefined) outgoing.end(answer.body);
      else outgoing.write(answer.body.subarray(0, answer.cutAfter), () => incoming.socket.destroy());
    };
    pass().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    endpointUrl: `http://127.0.0.1:${String(port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
