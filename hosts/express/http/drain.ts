import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** How often connections that have become idle are closed while the server finishes. */
const IDLE_LOOK_MS = 100;

/** Takes a server out of service without dropping a call. */
export interface Drain {
  /** From now on every answer, also those that are being worked on, tells the client to use another connection next time. */
  readonly begin: () => void;
  /**
   * Takes no more connections, and lets the calls in flight finish. Resolves with true when they have; with false when
   * `graceMs` were over, and what was left was cut off.
   */
  readonly finish: (graceMs: number) => Promise<boolean>;
}

/**
 * Watches the calls of a server so that it can be drained. A connection that stays open between calls is the danger: closed by
 * the server just when the client sends its next call, that call is lost. An answer with `Connection: close` closes it
 * at the one moment at which both sides know that nothing is under way (RFC 9112, section 9.6).
 */
export function drainOf(server: Server): Drain {
  const open = new Set<ServerResponse>();
  let isDraining = false;
  // Before whoever answers: an answer may be on its way when the others have seen the call.
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    if (isDraining) lastOnItsConnection(response);
  });
  return {
    begin: () => {
      isDraining = true;
      for (const response of open) lastOnItsConnection(response);
    },
    finish: (graceMs) =>
      new Promise((resolve) => {
        let isCut = false;
        const idle = setInterval(() => {
          server.closeIdleConnections();
        }, IDLE_LOOK_MS);
        const timer = setTimeout(() => {
          isCut = true;
          server.closeAllConnections();
        }, graceMs);
        server.close(() => {
          clearTimeout(timer);
          clearInterval(idle);
          resolve(!isCut);
        });
        server.closeIdleConnections();
      }),
  };
}

function lastOnItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
