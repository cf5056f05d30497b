import type { IncomingMessage } from 'node:http';

/** The subprotocol that says that the next one is a token. */
export const BEARER_PROTOCOL = 'bearer';

/**
 * The access token of a handshake: the query's `token`, else the Authorization header, else what follows `bearer` among
 * the subprotocols, which is the one place where a browser can put it out of the address. Null where there is none.
 */
export function accessTokenOf(request: IncomingMessage, query: URLSearchParams): string | null {
  const asked = query.get('token');
  if (asked !== null && asked !== '') return asked;
  const header = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (header !== undefined) return header;
  const [scheme, token] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
  return scheme === BEARER_PROTOCOL && token !== undefined && token !== '' ? token : null;
}

/** Which of the offered subprotocols is spoken: never the one that is a token. */
export const chosenProtocol = (offered: ReadonlySet<string>): string | false =>
  offered.has(BEARER_PROTOCOL) ? BEARER_PROTOCOL : ([...offered][0] ?? false);
