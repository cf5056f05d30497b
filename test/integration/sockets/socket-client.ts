import { WebSocket, type ClientOptions } from 'ws';

/** What a frame says besides: fields that some have. */
export interface ReadDetails {
  readonly processing_id: string;
  readonly not_analysed: readonly string[];
  readonly valid_minutes: number;
  readonly errors: readonly { readonly pointer: string; readonly message: string; readonly code: string }[];
  readonly error_count: number;
  readonly supported: readonly string[];
  readonly most_bytes: number;
  readonly generator: string;
  readonly confidence_score: number;
  readonly recommendations: readonly string[];
}

/** A frame as a client reads it: fields that some have. A test fails on what is not there. */
export interface ReadFrame {
  readonly type: string;
  readonly timestamp: string;
  readonly message_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly session_id: string;
  readonly content: string;
  readonly level: string;
  readonly status: string;
  readonly progress: number;
  readonly is_typing: boolean;
  readonly error_code: string;
  readonly message: string;
  readonly client_timestamp: unknown;
  readonly server_timestamp: string;
  readonly insight: string;
  readonly confidence: number;
  readonly source_data: unknown;
  readonly recommendations: readonly string[];
  readonly details: ReadDetails;
  readonly metadata: ReadDetails;
}

/** How a connection ended. */
export interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** A client that keeps what it was sent until the test asks for it. */
export class SocketClient {
  readonly socket: WebSocket;
  /** Resolves when the connection is closed, or rejects when there never was one. */
  readonly ended: Promise<Ended>;
  readonly #frames: ReadFrame[] = [];
  readonly #waiting: ((frame: ReadFrame) => void)[] = [];

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as ReadFrame;
      const take = this.#waiting.shift();
      if (take === undefined) this.#frames.push(frame);
      else take(frame);
    });
    this.ended = new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString('utf8') });
      });
    });
    // A test that does not ask how it ended does not care.
    this.ended.catch(() => undefined);
  }

  /** The next frame; rejects when the connection ends before there is one. */
  next(): Promise<ReadFrame> {
    const kept = this.#frames.shift();
    if (kept !== undefined) return Promise.resolve(kept);
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      void this.ended.then(({ code, reason }) => {
        reject(new Error(`the connection ended with ${String(code)} ${reason}`));
      }, reject);
    });
  }

  /** The next frame of the type; those before it are dropped. */
  async nextOf(type: string): Promise<ReadFrame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  /** What has come up to the answer to a heartbeat that is sent now. */
  async soFar(): Promise<readonly ReadFrame[]> {
    const stamp = `so far ${String(Math.random())}`;
    this.send({ type: 'heartbeat', client_timestamp: stamp });
    const frames: ReadFrame[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame.client_timestamp === stamp) return frames;
      frames.push(frame);
    }
  }

  /** Sends a frame; as soon as the connection is open. */
  send(frame: unknown): void {
    const data = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame);
    if (this.socket.readyState !== WebSocket.CONNECTING) this.socket.send(data);
    else {
      this.socket.once('open', () => {
        this.socket.send(data);
      });
    }
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.ended.catch(() => undefined);
  }
}
