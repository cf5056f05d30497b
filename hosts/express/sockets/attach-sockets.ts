import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { socketAt, SOCKETS, type SocketAddress } from '../../../contracts/sockets.ts';
import type { IdentityProvider } from '../../../core/auth/identity-ports.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import type { FeatureFlags } from '../../../core/flags/ports.ts';
import type { AnswerMessagePorts } from '../../../core/rooms/answer-message.ts';
import type { RoomBoard } from '../../../core/rooms/ports.ts';
import type { ReportError } from '../../wiring/observe/report-errors.ts';
import { securityHeadersOf } from '../http/headers.ts';
import { turnedOff } from '../http/turned-off.ts';
import { accessTokenOf, chosenProtocol } from './access-token.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import type { FollowAnalysisPorts } from './follow-analysis.ts';
import { OpenSocket } from './open-socket.ts';
import { PersonLimits } from './person-limits.ts';
import { mayOpenFrom, pathOf, refuseHandshake } from './refuse-handshake.ts';
import { RoomHub } from './room-hub.ts';
import { CLOSE, SOCKET_SETTINGS, type CloseWords, type SocketSettings } from './settings.ts';
import { systemTimers, type Timers } from './timers.ts';
import { recheckToken, watchToken, type AuthenticateSocket, type ConnectionToken } from './watch-token.ts';
import { serveWithoutUpgrade } from './without-upgrade.ts';

/** What sockets need. */
export interface SocketDeps extends FollowAnalysisPorts, AnswerMessagePorts {
  readonly authenticate: AuthenticateSocket;
  readonly identities: Pick<IdentityProvider, 'profile'>;
  readonly rooms: RoomBoard;
  readonly flags: FeatureFlags;
  readonly logger: Logger;
  /** Pages of these origins may open sockets, and those of the service's own host; all where the list is empty. */
  readonly corsOrigins: readonly string[];
  readonly publicUrl: string | null;
  /** Whether refusals say that only HTTPS is to be used. */
  readonly production: boolean;
  /** What differs from `SOCKET_SETTINGS`. */
  readonly settings?: Partial<SocketSettings>;
  readonly timers?: Timers;
  /** Is told of what was thrown while a frame was answered. */
  readonly reportError?: ReportError | undefined;
}

/** The sockets of one HTTP server. */
export interface Sockets {
  /**
   * Takes no more handshakes and no more frames. A connection ends with "Server shutdown" when what it has in work is done, at
   * the latest one second before `graceMs` are over, and is then cut off. Resolves when all have ended.
   */
  close(graceMs: number): Promise<void>;
  /** How many connections are open. */
  count(): number;
  /** How many rooms have a member among them. */
  roomCount(): number;
}

/** The last part of the time for closing is for the close frames to arrive. */
const FAREWELL_MS = 1000;

/** Who may come in, or how they are sent away. */
type Admission = Admitted | { readonly close: CloseWords };

interface Admitted {
  readonly principal: Principal;
  readonly token: string;
}

/** Lets the server answer the WebSocket handshakes of the contract. */
export function attachSockets(server: Server, deps: SocketDeps): Sockets {
  const settings: SocketSettings = { ...SOCKET_SETTINGS, ...deps.settings };
  const timers = deps.timers ?? systemTimers;
  const { authenticate, clock, flags, ids, logger, reportError } = deps;
  const shared: ConnectionDeps = { clock, ids, logger, timers, settings, reportError };
  const hub = new RoomHub({ ...shared, rooms: deps.rooms });
  const limits = new PersonLimits(settings);
  const open = new Set<OpenSocket>();
  /** Connections whose handshake is not answered yet, or that are being sent away. */
  const leaving = new Set<() => void>();
  let isClosing = false;
  const headers = securityHeadersOf(deps.production);

  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: settings.mostFrameBytes,
    handleProtocols: chosenProtocol,
  });
  acceptor.on('wsClientError', (_cause, socket, request) => {
    refuseHandshake(request, socket, { kind: 'upgrade-required' }, headers);
  });

  const admission = async (address: SocketAddress, token: string | null): Promise<Admission> => {
    if (token === null) return { close: CLOSE.tokenMissing };
    const verified = await authenticate(token, 'write');
    if (verified.isErr()) {
      if (verified.error.kind === 'invalid-token') return { close: CLOSE.authenticationFailed };
      logger.error(verified.error, 'a token could not be verified');
      return { close: CLOSE.serverError };
    }
    const principal = verified.value;
    if (address.kind === 'healthAnalysis' && address.user !== principal.userId) return { close: CLOSE.unauthorized };
    if (turnedOff(flags, SOCKETS[address.kind], principal.userId) !== null) return { close: CLOSE.featureDisabled };
    return { principal, token };
  };

  const sendAway = (peer: WebSocket, [code, reason]: CloseWords): void => {
    const cut = (): void => {
      peer.terminate();
    };
    leaving.add(cut);
    const cancel = timers.after(settings.closeMs, cut);
    peer.on('error', cut);
    peer.once('close', () => {
      leaving.delete(cut);
      cancel();
    });
    peer.close(code, reason);
  };

  const takeIn = (peer: WebSocket, address: SocketAddress, { principal, token }: Admitted): void => {
    const user = principal.userId;
    if (!limits.enter(user, clock.now())) {
      sendAway(peer, CLOSE.tooMany);
      return;
    }
    const connection = new Connection(peer, user, shared);
    const shown: ConnectionToken = { connection, token, expiresAtMs: principal.expiresAtMs, authenticate, clock };
    const socket = new OpenSocket(connection, address, {
      ...deps,
      ...shared,
      hub,
      limits,
      recheckToken: () => recheckToken(shown),
    });
    open.add(socket);
    const unwatch = watchToken({ ...shown, timers, settings });
    peer.on('message', (data: RawData, isBinary) => {
      socket.message(data as Buffer, isBinary);
    });
    peer.on('pong', () => {
      connection.ponged();
    });
    peer.on('error', (cause) => {
      // The library closes by itself; what it could not read is the client's.
      logger.debug({ cause: cause.message }, 'a frame could not be read');
    });
    peer.once('close', (code) => {
      unwatch();
      limits.leave(user);
      void socket.closed(code).then(() => open.delete(socket));
    });
    socket.opened();
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    const cut = (): void => {
      socket.destroy();
    };
    socket.on('error', cut);
    const address = isClosing ? null : socketAt(pathOf(request));
    if (address === null || !mayOpenFrom(request, deps)) {
      const kind = isClosing ? 'shutting-down' : address === null ? 'no-route' : 'foreign-origin';
      refuseHandshake(request, socket, { kind }, headers);
      return;
    }
    const off = turnedOff(flags, SOCKETS[address.kind], null);
    if (off !== null) {
      refuseHandshake(request, socket, off, headers);
      return;
    }
    leaving.add(cut);
    const query = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
    void admission(address, accessTokenOf(request, query)).then((admitted) => {
      leaving.delete(cut);
      socket.off('error', cut);
      if (isClosing) {
        refuseHandshake(request, socket, { kind: 'shutting-down' }, headers);
        return;
      }
      // A browser sees close codes only, so whoever may not come in is let in and sent away.
      acceptor.handleUpgrade(request, socket, head, (peer) => {
        if ('close' in admitted) sendAway(peer, admitted.close);
        else takeIn(peer, address, admitted);
      });
    });
  };
  server.on('upgrade', onUpgrade);

  return {
    count: () => open.size,
    roomCount: () => hub.roomCount,
    close: async (graceMs) => {
      isClosing = true;
      const ends = [...open].map((socket) => socket.endWhenIdle());
      const farewell = timers.after(Math.max(0, graceMs - FAREWELL_MS), () => {
        for (const socket of open) socket.end();
      });
      const cancels: (() => void)[] = [farewell];
      const over = new Promise<void>((resolve) => {
        cancels.push(
          timers.after(graceMs, () => {
            for (const socket of open) socket.cut();
            for (const cut of leaving) cut();
            resolve();
          }),
        );
      });
      await Promise.race([Promise.all(ends), over]);
      for (const cancel of cancels) cancel();
      hub.close();
      server.off('upgrade', onUpgrade);
    },
  };
}
