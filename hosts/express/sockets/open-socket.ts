import type { Logger } from 'pino';
import type { SocketAddress } from '../../../contracts/sockets.ts';
import type { Connection, ConnectionDeps } from './connection.ts';
import { errorFrame } from './follow-analysis.ts';
import { healthSocket } from './health-socket.ts';
import type { PersonLimits } from './person-limits.ts';
import { readFrame } from './read-frame.ts';
import { roomSocket, type RoomSocketDeps } from './room-socket.ts';
import { CLOSE } from './settings.ts';
import { heartbeatAck, type SocketHandler } from './socket-handler.ts';
import { isoUtc } from '../endpoints/wire-values.ts';

export interface OpenSocketDeps extends RoomSocketDeps, ConnectionDeps {
  readonly limits: PersonLimits;
  readonly logger: Logger;
}

/** A connection together with what is done with its frames. */
export class OpenSocket {
  readonly #connection: Connection;
  readonly #kind: SocketAddress['kind'];
  readonly #deps: OpenSocketDeps;
  readonly #handler: SocketHandler;
  readonly #openedAtMs: number;
  readonly #done: Promise<void>;
  #settle: () => void = () => undefined;
  #frames = 0;

  constructor(connection: Connection, address: SocketAddress, deps: OpenSocketDeps) {
    this.#connection = connection;
    this.#kind = address.kind;
    this.#deps = deps;
    this.#handler =
      address.kind === 'room' ? roomSocket(deps, connection, address.room) : healthSocket(deps, connection);
    this.#openedAtMs = deps.clock.now();
    this.#done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  opened(): void {
    const { clock, settings } = this.#deps;
    this.#connection.send({
      type: 'connection_ack',
      user_id: this.#connection.user,
      session_id: this.#connection.id,
      server_info: { server_time: isoUtc(clock.now()), heartbeat_interval: settings.heartbeatMs / 1000 },
    });
    this.#handler.opened();
  }

  message(data: Uint8Array, isBinary: boolean): void {
    const connection = this.#connection;
    if (!connection.isOpen) return;
    connection.heard();
    this.#frames += 1;
    if (isBinary) {
      connection.end(CLOSE.binary);
      return;
    }
    const { clock, limits, settings } = this.#deps;
    const waitMs = limits.message(connection.user, clock.now());
    if (waitMs !== null) {
      const most = settings.messagesAMinute;
      connection.send({
        type: 'error',
        error_code: 'RATE_LIMIT_EXCEEDED',
        message: `At most ${String(most)} frames a minute are read of one person; this one was not.`,
        details: { messages_a_minute: most, retry_after_seconds: Math.ceil(waitMs / 1000) },
      });
      return;
    }
    readFrame(this.#kind, data, settings).match(
      (frame) => {
        if (frame.type === 'heartbeat') connection.send(heartbeatAck(frame.client_timestamp, clock.now()));
        else if (frame.type !== 'heartbeat_ack') this.#handler.frame(frame, data);
      },
      (refusal) => {
        connection.send(errorFrame(refusal));
      },
    );
  }

  /** The connection is closed. Resolves when everybody who has to know does. */
  async closed(code: number): Promise<void> {
    this.#connection.closed();
    this.#deps.logger.info(
      {
        socket: this.#kind,
        close_code: code,
        ended_because: this.#connection.endedBecause,
        frames: this.#frames,
        duration_ms: this.#deps.clock.now() - this.#openedAtMs,
      },
      'socket closed',
    );
    await this.#handler.closed();
    this.#settle();
  }

  /** Takes no more frames, ends the connection once nothing is in work, and resolves when it has ended. */
  async endWhenIdle(): Promise<void> {
    this.#connection.stopListening();
    await this.#connection.idle();
    this.end();
    await this.#done;
  }

  end(): void {
    this.#connection.end(CLOSE.shutdown);
  }

  cut(): void {
    this.#connection.cut();
  }
}
