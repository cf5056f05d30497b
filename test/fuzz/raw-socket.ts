import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A frame as it goes over the line. What is left out is as it should be. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly isLast?: boolean;
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** Said instead of the length that the payload has. */
  readonly length?: bigint;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const MASK = [0x12, 0x34, 0x56, 0x78] as const;

/** The bytes of a frame (RFC 6455, section 5.2). */
export function frameBytes({
  opcode,
  payload,
  isLast = true,
  reserved = 0,
  isMasked = true,
  length,
}: RawFrame): Buffer {
  const size = length ?? BigInt(payload.length);
  const head = [(isLast ? 0x80 : 0) | (reserved << 4) | opcode];
  const mask = isMasked ? 0x80 : 0;
  if (size < 126n) head.push(mask | Number(size));
  else if (size < 65_536n) head.push(mask | 126, Number(size >> 8n), Number(size & 0xffn));
  else {
    head.push(mask | 127);
    for (let shift = 56n; shift >= 0n; shift -= 8n) head.push(Number((size >> shift) & 0xffn));
  }
  if (isMasked) head.push(...MASK);
  const body = isMasked ? payload.map((byte, i) => byte ^ MASK[i & 3]!) : payload;
  return Buffer.concat([Buffer.from(head), body]);
}

export const textFrame = (text: string): Buffer => frameBytes({ opcode: OPCODE.text, payload: Buffer.from(text) });

/** What a client that speaks in bytes is told. */
export type Told =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pong' }
  /** Null where the connection broke off without a word. */
  | { readonly kind: 'closed'; readonly code: number | null };

/** A WebSocket client that sends whatever bytes it is given. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #told: Told[] = [];
  #waiting: ((told: Told) => void) | null = null;
  #unread = Buffer.alloc(0);
  #isOpen = false;

  constructor(port: number, path: string) {
    this.#socket = connect(port, '127.0.0.1');
    const key = randomBytes(16).toString('base64');
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    this.#socket.on('data', (part: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, part]);
      this.#read();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#tell({ kind: 'closed', code: null });
    });
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says nothing more, and leaves what was said. */
  end(): void {
    this.#socket.end();
  }

  /** Leaves without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** The next thing that the service says; that it is closed again and again. */
  next(): Promise<Told> {
    const told = this.#told.shift();
    if (told === undefined) return new Promise((resolve) => (this.#waiting = resolve));
    if (told.kind === 'closed') this.#told.unshift(told);
    return Promise.resolve(told);
  }

  #tell(told: Told): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (told.kind === 'closed' || waiting === null) this.#told.push(told);
    waiting?.(told);
  }

  #read(): void {
    if (!this.#isOpen) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#isOpen = true;
      this.#unread = this.#unread.subarray(end + 4);
    }
    for (;;) {
      const frame = this.#frame();
      if (frame === null) return;
      const [opcode, payload] = frame;
      if (opcode === OPCODE.text) this.#tell({ kind: 'text', text: payload.toString() });
      else if (opcode === OPCODE.pong) this.#tell({ kind: 'pong' });
      else if (opcode === OPCODE.close) {
        this.#tell({ kind: 'closed', code: payload.length < 2 ? null : payload.readUInt16BE(0) });
        this.#socket.destroy();
      }
    }
  }

  /** Takes one whole frame of a server, which is not masked. */
  #frame(): readonly [number, Buffer] | null {
    const unread = this.#unread;
    if (unread.length < 2) return null;
    const short = unread[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (unread.length < start) return null;
    const length = short === 126 ? unread.readUInt16BE(2) : short === 127 ? Number(unread.readBigUInt64BE(2)) : short;
    if (unread.length < start + length) return null;
    this.#unread = unread.subarray(start + length);
    return [unread[0]! & 0x0f, unread.subarray(start, start + length)];
  }
}
