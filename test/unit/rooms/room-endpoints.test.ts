import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RoomStats, RoomUsers, roomRoutes } from '../../../contracts/http/rooms.ts';
import { socketAt, SOCKETS } from '../../../contracts/sockets.ts';
import { PRESENCE_KEPT_MS } from '../../../core/rooms/ports.ts';
import { roomEndpoints } from '../../../hosts/express/endpoints/rooms.ts';
import { ADA, BOB, memoryWorld, NOW_MS } from '../memory-world.ts';
import { errorOf, valueOf } from '../result-values.ts';

const endpoints = suite('rooms over plain HTTP');

const asAda = (params: object) => ({ params, principal: { userId: ADA } }) as never;

async function populated() {
  const world = memoryWorld();
  const presence = { room: 'den', user: ADA, connectionId: '1', username: 'Ada', connectedAtMs: NOW_MS - 5000 };
  for (const there of [
    { ...presence, lastSeenAtMs: NOW_MS - 1000 },
    { ...presence, connectionId: '2', connectedAtMs: NOW_MS - 9000, lastSeenAtMs: NOW_MS - 2000 },
    { ...presence, user: BOB, username: 'Bob', lastSeenAtMs: NOW_MS },
    { ...presence, room: 'hall', lastSeenAtMs: NOW_MS },
    { ...presence, room: 'left long ago', lastSeenAtMs: NOW_MS - PRESENCE_KEPT_MS - 1 },
  ]) {
    valueOf(await world.rooms.seen(there));
  }
  return roomEndpoints(world);
}

endpoints('the numbers are of connections that were seen a moment ago', async () => {
  const reply = valueOf(await (await populated()).roomStats(asAda({})));
  assert.equal(reply, {
    status: 200,
    body: { total_users: 2, total_connections: 4, rooms: { den: 3, hall: 1 } },
  });
  assert.ok(RoomStats.is(reply.body));
});

endpoints('the caller sees their own id, and of others a name that is good in this room only', async () => {
  const { body } = valueOf(await (await populated()).roomUsers(asAda({ room_id: 'den' })));
  assert.ok(RoomUsers.is(body));
  const [ada, bob, ...others] = body.users;
  assert.equal(ada, {
    user_id: ADA,
    username: 'Ada',
    connected_at: '2025-03-03T11:59:51.000+00:00',
    last_seen: '2025-03-03T11:59:59.000+00:00',
    connection_count: 2,
  });
  assert.match(bob?.user_id ?? '', /^member-[0-9a-f]{16}$/);
  assert.equal([bob?.username, bob?.connection_count, others.length], ['Bob', 1, 0]);
});

endpoints('a room that nobody is in has nobody in it, whether it ever was or not', async () => {
  const { body } = valueOf(await (await populated()).roomUsers(asAda({ room_id: 'left long ago' })));
  assert.equal(body, { room_id: 'left long ago', users: [] });
});

endpoints('a plain call to a socket is told that it is one', async () => {
  const { openRoom, openHealthAnalysis } = await populated();
  assert.equal(errorOf(await openRoom(asAda({ room_id: 'den' }))), { kind: 'upgrade-required' });
  assert.equal(errorOf(await openHealthAnalysis(asAda({ user_id: ADA }))), { kind: 'upgrade-required' });
});

endpoints('paths lead to sockets, the more particular one first', () => {
  assert.equal(socketAt('/api/v1/ws/den'), { kind: 'room', room: 'den' });
  assert.equal(socketAt('/api/v1/ws/a%2Fb%20c'), { kind: 'room', room: 'a/b c' });
  assert.equal(socketAt('/api/v1/ws/health-analysis'), { kind: 'room', room: 'health-analysis' });
  assert.equal(socketAt('/api/v1/ws/health-analysis/u'), { kind: 'healthAnalysis', user: 'u' });
  for (const path of [
    '',
    '/',
    '/api/v1/ws',
    '/api/v1/ws/',
    '/api/v1/ws/chat/stats',
    '/api/v1/ws/%E0%A4%A',
    '/ws/den',
  ]) {
    assert.is(socketAt(path), null, path);
  }
  assert.is(socketAt(`/api/v1/ws/${'x'.repeat(101)}`), null);
  assert.is(socketAt(`/api/v1/ws/health-analysis/${'x'.repeat(201)}`), null);
});

endpoints('the sockets are routes of the contract, too', () => {
  assert.is(roomRoutes.openRoom.path, SOCKETS.room.path);
  assert.is(roomRoutes.openHealthAnalysis.path, SOCKETS.healthAnalysis.path);
});

endpoints.run();
