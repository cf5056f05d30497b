import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const NOT_PASSED_ON = new Set(['upgrade', 'http2-settings']);

/**
 * Serves a call as if it had not asked for another protocol, as RFC 9110 (7.8) lets a server do: some HTTP clients offer
 * HTTP/2 with every first call. Once somebody listens for handshakes, Node hands such a call over instead of serving it; here
 * it is given back to the server, with its body, on the same connection.
 */
export function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    const value = request.rawHeaders[i + 1] ?? '';
    if (NOT_PASSED_ON.has(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value;
    if (kept !== '') lines.push(`${name}: ${kept}`);
  }
  // Node reads header values as Latin-1.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

const withoutUpgrade = (value: string): string =>
  value
    .split(',')
    .map((token) => token.trim())
    .filter((token) => !NOT_PASSED_ON.has(token.toLowerCase()))
    .join(', ');
