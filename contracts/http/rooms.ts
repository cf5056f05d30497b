import * as t from 'io-ts';
import { object } from '../codec.ts';
import { routes } from '../route.ts';
import { list } from '../scalars.ts';
import { HealthAnalysisParams, RoomParams, SocketQuery, SOCKETS } from '../sockets.ts';

export const RoomStats = object('RoomStats', {
  total_users: t.number,
  total_connections: t.number,
  rooms: t.record(t.string, t.number),
});

/** `user_id` is the caller's own id, and for others a name that is good in this room only. */
const RoomUser = object('RoomUser', {
  user_id: t.string,
  username: t.string,
  connected_at: t.string,
  last_seen: t.string,
  connection_count: t.number,
});

export const RoomUsers = object('RoomUsers', {
  room_id: t.string,
  users: list(RoomUser, { min: 0, max: 100_000 }),
});

/** A plain call gets a problem; the answer to a handshake is the open socket. */
const SWITCHING = { 101: { kind: 'empty', description: 'The WebSocket is open; see its frames.' } } as const;

export const roomRoutes = routes({
  roomStats: {
    method: 'GET',
    path: '/api/v1/ws/chat/stats',
    audit: 'none',
    auth: 'read-own-data',
    tag: 'WebSockets',
    feature: 'insights',
    summary: 'How many people and connections are in which room',
    responses: {
      200: {
        kind: 'json',
        codec: RoomStats,
        description: 'Counted just now, over all processes.',
        example: { total_users: 2, total_connections: 3, rooms: { lobby: 3 } },
      },
    },
    problems: [],
  },
  roomUsers: {
    method: 'GET',
    path: '/api/v1/ws/chat/users/{room_id}',
    audit: { action: 'read', dataTypes: ['rooms'] },
    auth: 'read-own-data',
    tag: 'WebSockets',
    feature: 'insights',
    summary: 'Who is in a room; others than the caller by names that are good in this room only',
    params: RoomParams,
    responses: {
      200: {
        kind: 'json',
        codec: RoomUsers,
        description: 'Who was there within the last 90 seconds; nobody in a room that nobody is in.',
        example: {
          room_id: 'lobby',
          users: [
            {
              user_id: 'member-0f3a5c7e9b1d2f4a',
              username: 'Member 0f3a',
              connected_at: '2025-03-03T12:00:00.000+00:00',
              last_seen: '2025-03-03T12:00:30.000+00:00',
              connection_count: 1,
            },
          ],
        },
      },
    },
    problems: [],
  },
  openRoom: {
    method: 'GET',
    path: SOCKETS.room.path,
    audit: 'none',
    auth: 'none',
    tag: 'WebSockets',
    feature: SOCKETS.room.feature,
    summary: `WebSocket. ${SOCKETS.room.summary}`,
    params: RoomParams,
    query: SocketQuery,
    responses: SWITCHING,
    problems: ['upgrade-required'],
  },
  openHealthAnalysis: {
    method: 'GET',
    path: SOCKETS.healthAnalysis.path,
    audit: 'none',
    auth: 'none',
    tag: 'WebSockets',
    feature: SOCKETS.healthAnalysis.feature,
    summary: `WebSocket. ${SOCKETS.healthAnalysis.summary}`,
    params: HealthAnalysisParams,
    query: SocketQuery,
    responses: SWITCHING,
    problems: ['upgrade-required'],
  },
});
