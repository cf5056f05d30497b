import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SocketClient } from '../integration/sockets/socket-client.ts';
import { countsOf } from '../integration/sockets/socket-service.ts';
import { callerOf, startProcess, type Call, type RunningService } from './running-service.ts';

/** Two processes of one installation, as people with a load balancer have them. */
const sockets = suite('websockets of two processes over one embedded installation');

const PASSWORD = 'Correct-horse-7';

interface Installation {
  readonly services: readonly [RunningService, RunningService];
  readonly calls: readonly [Call, Call];
}

async function withInstallation(body: (installation: Installation) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'clarity-sockets-'));
  const settings = { DATA_DIR: path.join(folder, 'data'), RATE_LIMITS: 'multiplier=5,recovery=1/h' };
  const services = [await startProcess(settings), await startProcess(settings)] as const;
  try {
    await body({ services, calls: [callerOf(services[0].url), callerOf(services[1].url)] });
  } finally {
    await Promise.all(services.map((service) => service.kill()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function registered(call: Call, name: string): Promise<{ readonly token: string; readonly id: string }> {
  const { json } = await call('POST', '/api/v1/auth/register', {
    json: { email: `${name}@example.org`, password: PASSWORD, display_name: name },
  });
  const token: string = json.access_token;
  const me = await call('GET', '/api/v1/auth/me', { token });
  return { token, id: me.json.user_id };
}

const opened = async ({ url }: RunningService, where: string, token: string): Promise<SocketClient> => {
  const client = new SocketClient(`${url.replace('http', 'ws')}${where}?token=${token}`);
  await client.nextOf('connection_ack');
  return client;
};

sockets('people meet in a room, have readings explained, and are told when the service stops', async () => {
  await withInstallation(async ({ services: [here, there], calls: [call, callThere] }) => {
    const ada = await registered(call, 'Ada');
    const bob = await registered(callThere, 'Bob');
    const adas = await opened(here, '/api/v1/ws/lobby', ada.token);
    const bobs = await opened(there, '/api/v1/ws/lobby', bob.token);
    assert.is((await adas.nextOf('user_joined')).username, 'Bob');
    adas.send({ type: 'typing', is_typing: true });
    const typing = await bobs.nextOf('typing');
    assert.is(typing.username, 'Ada');
    assert.is.not(typing.user_id, ada.id);

    const asked: (readonly unknown[])[] = [];
    for (const from of [call, callThere, call, callThere, callThere, call, callThere]) {
      const { status, headers } = await from('POST', '/api/v1/auth/forgot-password', {
        json: { email: 'nobody@example.org' },
      });
      asked.push([status, headers.get('ratelimit-remaining')]);
    }
    assert.equal(
      asked,
      [
        [200, '4'],
        [200, '3'],
        [200, '2'],
        [200, '1'],
        [200, '0'],
        [429, '0'],
        [429, '0'],
      ],
      'both processes count the same calls',
    );

    const stats = await callThere('GET', '/api/v1/ws/chat/stats', { token: bob.token });
    assert.equal(stats.json, { total_users: 2, total_connections: 2, rooms: { lobby: 2 } });
    const users = await callThere('GET', '/api/v1/ws/chat/users/lobby', { token: ada.token });
    assert.equal(
      new Set(users.json.users.map(({ user_id }: { user_id: string }) => user_id)),
      new Set([ada.id, users.json.users.find(({ username }: { username: string }) => username === 'Bob').user_id]),
    );
    assert.not.match(users.text, new RegExp(`${bob.id}|@`));
    assert.is((await call('GET', '/api/v1/ws/chat/stats')).status, 401);
    assert.is((await call('GET', '/api/v1/ws/lobby')).status, 426);

    const analysis = await opened(there, `/api/v1/ws/health-analysis/${ada.id}`, ada.token);
    analysis.send({ type: 'health_data', data: { data_points: countsOf(1440) } });
    const narrative = await analysis.nextOf('message');
    adas.send({ type: 'message', content: 'How am I?' });
    const answer = await adas.nextOf('message');
    assert.equal([answer.content, answer.user_id], [narrative.content, 'AI']);
    const kept = await call('GET', `/api/v1/pat/analysis/${answer.metadata.processing_id}`, { token: ada.token });
    assert.equal([kept.status, kept.json.status], [200, 'completed']);

    assert.is(await there.stop(), 0);
    assert.equal(await bobs.ended, { code: 1000, reason: 'Server shutdown' });
    assert.equal(await analysis.ended, { code: 1000, reason: 'Server shutdown' });
    assert.is((await adas.nextOf('user_left')).username, 'Bob');
    await adas.close();
    assert.is(await here.stop(), 0);
  });
});

sockets.run();
