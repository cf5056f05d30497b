import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { object } from './codec.ts';
import { HEALTH_CLIENT_FRAMES, HEALTH_SERVER_FRAMES, ROOM_CLIENT_FRAMES, ROOM_SERVER_FRAMES } from './events/frames.ts';
import type { FeatureName } from './features.ts';
import { text } from './scalars.ts';

export const RoomParams = object('RoomParams', { room_id: text(1, 100) });
export const HealthAnalysisParams = object('HealthAnalysisParams', { user_id: text(1, 200) });

/** Where a client that cannot set headers puts its access token. */
export const SocketQuery = object('SocketQuery', {}, { token: text(1, 8192) });

/** Why a socket ends, by the code of its close frame. */
export const SOCKET_CLOSE_CODES = {
  1000: 'The service ends the connection: "Connection timeout", "Heartbeat failed", "Server shutdown".',
  1003: 'A binary frame came; frames are JSON texts.',
  1008: '"Too many connections": a person has at most 3.',
  1009: 'A frame was far too large to be read at all.',
  1011: '"Server error".',
  1013: '"Too slow": the client does not read what it is sent.',
  4001: 'The token is missing.',
  4003: 'The token is invalid or has expired ("Token expired"), or the path names somebody else ("Unauthorized").',
  4004: '"Feature disabled": the socket is turned off, or not turned on for this person yet.',
} as const;

/** One WebSocket of the contract, as a value. */
export interface SocketDefinition {
  /** OpenAPI form. */
  readonly path: string;
  readonly tag: string;
  /** What has to be turned on for the socket to be there. */
  readonly feature: FeatureName;
  readonly summary: string;
  readonly params: t.Mixed;
  readonly query: t.Mixed;
  /** By the `type` of the frame. */
  readonly clientFrames: Readonly<Record<string, t.Mixed>>;
  readonly serverFrames: Readonly<Record<string, t.Mixed>>;
  readonly closeCodes: Readonly<Record<number, string>>;
}

/** Both WebSockets. The order is that in which paths are tried. */
export const SOCKETS = {
  healthAnalysis: {
    path: '/api/v1/ws/health-analysis/{user_id}',
    tag: 'WebSockets',
    feature: 'analysis',
    summary: 'Send readings and follow their analysis; the path names the owner of the token',
    params: HealthAnalysisParams,
    query: SocketQuery,
    clientFrames: HEALTH_CLIENT_FRAMES,
    serverFrames: HEALTH_SERVER_FRAMES,
    closeCodes: SOCKET_CLOSE_CODES,
  },
  room: {
    path: '/api/v1/ws/{room_id}',
    tag: 'WebSockets',
    feature: 'insights',
    summary: 'Be in a room: who comes, goes and types; messages are answered from the own newest analysis',
    params: RoomParams,
    query: SocketQuery,
    clientFrames: ROOM_CLIENT_FRAMES,
    serverFrames: ROOM_SERVER_FRAMES,
    closeCodes: SOCKET_CLOSE_CODES,
  },
} as const satisfies Readonly<Record<string, SocketDefinition>>;

/** The socket that a path names, with its parameters. */
export type SocketAddress =
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'healthAnalysis'; readonly user: string };

/** Which socket the path of a handshake names; null for none. */
export function socketAt(path: string): SocketAddress | null {
  const analysis = paramsOf(SOCKETS.healthAnalysis.path, path, HealthAnalysisParams);
  if (analysis !== null) return { kind: 'healthAnalysis', user: analysis.user_id };
  const room = paramsOf(SOCKETS.room.path, path, RoomParams);
  return room === null ? null : { kind: 'room', room: room.room_id };
}

function paramsOf<A>(template: string, path: string, codec: t.Type<A, unknown>): A | null {
  const names: string[] = [];
  const form = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  const match = new RegExp(`^${form}$`).exec(path);
  if (match === null) return null;
  try {
    const values = names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]);
    const result = codec.decode(Object.fromEntries(values));
    return E.isRight(result) ? result.right : null;
  } catch {
    // The path is not percent-encoded UTF-8.
    return null;
  }
}
