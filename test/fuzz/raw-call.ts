import { connect } from 'node:net';

/** A request as bytes, and whether the service is to make something of it. */
export interface RawCall {
  readonly bytes: Buffer;
  /** False where the service may wait for more that never comes: the client then leaves at once. */
  readonly isWhole: boolean;
}

/** What came back; status 0 where nothing did. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

const HEAD = /^HTTP\/1\.1 (\d{3})/;

/** Sends the bytes on a connection of their own, and reads until the service closes it. */
export function rawCall(port: number, { bytes, isWhole }: RawCall): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const parts: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => {
      if (isWhole) socket.write(bytes);
      else socket.end(bytes);
    });
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      // A stream of events does not end by itself, and neither does what is not whole.
      const isStream = parts.length === 1 && /\r\ncontent-type: text\/event-stream/i.test(part.toString('latin1'));
      if (isStream || !isWhole) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const text = Buffer.concat(parts).toString('latin1');
      resolve({ status: Number(HEAD.exec(text)?.[1] ?? 0), text, ms: performance.now() - startedMs });
    });
  });
}

/** A whole request that asks for the connection to be closed. Header values are sent as they are, byte by byte. */
export function requestBytes(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Buffer | null,
): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : [`Content-Length: ${String(body.length)}`]),
    '\r\n',
  ];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body ?? Buffer.alloc(0)]);
}
