import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** An answer that does not go through Node's own HTTP server. */
export interface SocketAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Writes a whole answer to a connection, and ends it. */
export function answerOnSocket(socket: Duplex, { status, headers, body }: SocketAnswer): void {
  const all = new Map([...headers, ['Content-Length', String(Buffer.byteLength(body))]]);
  const lines = [...all].map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}
