import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEMS } from '../../../contracts/problems.ts';
import { requestIdOf } from '../http/headers.ts';
import type { EndpointError } from '../http/endpoint-error.ts';
import { problemDocument, problemFacts } from '../http/problem-of.ts';

/** Answers a handshake with a problem document, as any other call is answered, and ends the connection. */
export function refuseHandshake(request: IncomingMessage, socket: Duplex, error: EndpointError): void {
  const facts = problemFacts(error);
  const id = requestIdOf(request.headers['x-request-id']);
  const { status } = PROBLEMS[facts.slug];
  const body = JSON.stringify(problemDocument(facts, { path: pathOf(request), id }));
  const headers: Readonly<Record<string, string>> = {
    ...facts.headers,
    Connection: facts.headers?.['Connection'] === undefined ? 'close' : `close, ${facts.headers['Connection']}`,
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store, private',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-ID': id,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

/** Without the query, which may hold a token. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?')[0] ?? '/';

/**
 * Whether a page may open a socket: one of the service's own, or of a listed origin. Without a list every page may, and so
 * may whoever is no page: the token is what lets somebody in, and no browser adds it by itself.
 */
export function mayOpenFrom(
  request: IncomingMessage,
  { corsOrigins, publicUrl }: { readonly corsOrigins: readonly string[]; readonly publicUrl: string | null },
): boolean {
  const { origin, host } = request.headers;
  if (corsOrigins.length === 0 || origin === undefined || corsOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host || (publicUrl !== null && from.host === new URL(publicUrl).host);
}
