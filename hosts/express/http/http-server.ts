import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { answerOnSocket } from './answer-on-socket.ts';
import { securityHeadersOf } from './headers.ts';

export interface HttpServerDeps {
  readonly logger: Logger;
  readonly production: boolean;
}

/** A header block that takes longer than this is an attack or a broken line. */
const HEADERS_TIMEOUT_MS = 10_000;

/**
 * An idle connection is kept longer than load balancers keep theirs (60 seconds, as a rule): where the server closes first, a
 * call that is sent at that moment is lost.
 */
const KEEP_ALIVE_MS = 75_000;

/** What cannot be read as HTTP, by the code of Node's error; everything else is 400. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/**
 * An HTTP server whose every answer has the security headers: also those that Node gives by itself, before anybody is asked, to what
 * is no HTTP, takes too long, names no host or expects what nobody knows. Those have no body.
 */
export function httpServer(answer: RequestListener, { logger, production }: HttpServerDeps): Server {
  const headers = securityHeadersOf(production);
  const refuse = (response: ServerResponse, status: number): void => {
    response
      .setHeaders(new Map(headers))
      .setHeader('X-Request-ID', randomUUID())
      .writeHead(status, { Connection: 'close', 'Content-Length': '0' })
      .end();
  };
  // Node would refuse calls that name no host (RFC 9112, section 3.2) by itself, without the headers.
  const server = createServer({ requireHostHeader: false }, (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.host === undefined && request.httpVersion === '1.1') refuse(response, 400);
    else answer(request, response);
  });
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    refuse(response, 417);
  });
  server.on('clientError', (cause: NodeJS.ErrnoException, socket: Duplex) => {
    const hasBegunToAnswer = (socket as { readonly _httpMessage?: { readonly headersSent: boolean } | null })
      ._httpMessage;
    if (!socket.writable || cause.code === 'ECONNRESET' || hasBegunToAnswer?.headersSent === true) {
      socket.destroy();
      return;
    }
    const status = STATUS_OF_CODE[cause.code ?? ''] ?? 400;
    logger.info({ status, code: cause.code }, 'what came was no request');
    answerOnSocket(socket, {
      status,
      headers: new Map([...headers, ['Connection', 'close'], ['X-Request-ID', randomUUID()]]),
      body: '',
    });
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // An export of gigabytes over a home line takes its time; the header timeout is what stops a slow client.
  server.requestTimeout = 0;
  return server;
}
