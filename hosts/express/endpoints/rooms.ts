import { errAsync } from 'neverthrow';
import type { Clock } from '../../../core/kernel/clock.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import type { Presence } from '../../../core/rooms/model.ts';
import { namesInRoom } from '../../../core/rooms/names-in-room.ts';
import { PRESENCE_KEPT_MS, type RoomBoard } from '../../../core/rooms/ports.ts';
import type { Endpoints } from '../http/endpoint.ts';
import { isoUtc } from './wire-values.ts';

export interface RoomEndpointDeps {
  readonly rooms: RoomBoard;
  readonly clock: Clock;
  readonly digest: Digest;
}

type RoomEndpoints = Pick<Endpoints, 'roomStats' | 'roomUsers' | 'openRoom' | 'openHealthAnalysis'>;

/** What can be asked about rooms over plain HTTP. Being in one takes a WebSocket. */
export function roomEndpoints({ rooms, clock, digest }: RoomEndpointDeps): RoomEndpoints {
  return {
    roomStats: () =>
      rooms.counts(clock.now() - PRESENCE_KEPT_MS).map((counts) => ({
        status: 200,
        body: { total_users: counts.people, total_connections: counts.connections, rooms: counts.rooms },
      })),
    roomUsers: ({ params, principal }) =>
      rooms.present(params.room_id, clock.now() - PRESENCE_KEPT_MS).map((there) => ({
        status: 200,
        body: {
          room_id: params.room_id,
          users: byPerson(there).map(([user, connections]) => ({
            user_id: user === principal.userId ? user : namesInRoom(digest, params.room_id, user, null).pseudonym,
            ...seenAs(connections),
          })),
        },
      })),
    openRoom: () => errAsync({ kind: 'upgrade-required' }),
    openHealthAnalysis: () => errAsync({ kind: 'upgrade-required' }),
  };
}

function byPerson(there: readonly Presence[]): readonly (readonly [UserId, readonly Presence[]])[] {
  const people = new Map<UserId, Presence[]>();
  for (const presence of there) people.set(presence.user, [...(people.get(presence.user) ?? []), presence]);
  return [...people];
}

/** A person as their connections show them: since the first of them, seen last on any. */
const seenAs = (connections: readonly Presence[]) => ({
  username: connections[0]?.username ?? '',
  connected_at: isoUtc(Math.min(...connections.map(({ connectedAtMs }) => connectedAtMs))),
  last_seen: isoUtc(Math.max(...connections.map(({ lastSeenAtMs }) => lastSeenAtMs))),
  connection_count: connections.length,
});
