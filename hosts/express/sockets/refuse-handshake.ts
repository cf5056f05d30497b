import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEMS } from '../../../contracts/problems.ts';
import { answerOnSocket } from '../http/answer-on-socket.ts';
import { requestIdOf } from '../http/headers.ts';
import type { EndpointError } from '../http/endpoint-error.ts';
import { problemDocument, problemFacts } from '../http/problem-of.ts';

/** Answers a handshake with a problem document, as any other call is answered, and ends the connection. */
export function refuseHandshake(
  request: IncomingMessage,
  socket: Duplex,
  error: EndpointError,
  securityHeaders: ReadonlyMap<string, string>,
): void {
  const facts = problemFacts(error);
  const id = requestIdOf(request.headers['x-request-id']);
  answerOnSocket(socket, {
    status: PROBLEMS[facts.slug].status,
    headers: new Map([
      ...securityHeaders,
      ...Object.entries(facts.headers ?? {}),
      ['Connection', facts.headers?.['Connection'] === undefined ? 'close' : `close, ${facts.headers['Connection']}`],
      ['Content-Type', 'application/problem+json; charset=utf-8'],
      ['X-Request-ID', id],
    ]),
    body: JSON.stringify(problemDocument(facts, { path: pathOf(request), id })),
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
