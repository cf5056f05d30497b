import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SqlAccountStore } from '../../adapters/sql/account-store.ts';
import { openDatabase } from '../../adapters/sql/database.ts';
import { userId } from '../../core/kernel/ids.ts';
import { SocketClient } from '../integration/sockets/socket-client.ts';
import { countsOf } from '../integration/sockets/socket-service.ts';
import { valueOf } from '../unit/result-values.ts';
import { callerOf, startProcess, type Answer, type Call, type RunningService } from './running-service.ts';

/** Two processes of one installation, as people with a load balancer have them. */
const two = suite('two processes over one embedded installation');

const PASSWORD = 'Correct-horse-7';

const SETTINGS = { RATE_LIMITS: 'multiplier=5,recovery=1/h' };

let folder: string;
let here: RunningService;
let there: RunningService;
let call: Call;
let callThere: Call;

two.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clarity-two-processes-'));
  const settings = { ...SETTINGS, DATA_DIR: path.join(folder, 'data') };
  [here, there] = [await startProcess(settings), await startProcess(settings)];
  [call, callThere] = [callerOf(here.url), callerOf(there.url)];
});

two.after(async () => {
  await Promise.all([here.kill(), there.kill()]);
  await rm(folder, { recursive: true, force: true });
});

interface Somebody {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly refreshToken: string;
}

async function somebodyWith({ json }: Answer, email: string): Promise<Somebody> {
  const { access_token: token, refresh_token: refreshToken }: Record<string, string> = json;
  const me = await call('GET', '/api/v1/auth/me', { token: String(token) });
  return { id: String(me.json.user_id), email, token: String(token), refreshToken: String(refreshToken) };
}

async function registered(at: Call, name: string): Promise<Somebody> {
  const email = `${name}@example.org`;
  const json = { email, password: PASSWORD, display_name: name };
  return somebodyWith(await at('POST', '/api/v1/auth/register', { json }), email);
}

const login = (at: Call, { email }: Pick<Somebody, 'email'>, password = PASSWORD): Promise<Answer> =>
  at('POST', '/api/v1/auth/login', { json: { email, password } });

const refresh = (at: Call, { refreshToken }: Somebody): Promise<Answer> =>
  at('POST', '/api/v1/auth/refresh', { json: { refresh_token: refreshToken } });

const refused = ({ status, text, json }: Answer, expected: number, code: string): void => {
  assert.equal([status, json.code], [expected, code], text);
};

const opened = async ({ url }: RunningService, where: string, token: string): Promise<SocketClient> => {
  const client = new SocketClient(`${url.replace('http', 'ws')}${where}?token=${token}`);
  await client.nextOf('connection_ack');
  return client;
};

two('calls are counted together, whoever makes them and wherever', async () => {
  const { token } = await registered(call, 'Counted');
  const change = (at: Call) => at('POST', '/api/v1/auth/confirm-email-change', { token, json: { code: 'wrong' } });
  const forget = (at: Call) => at('POST', '/api/v1/auth/forgot-password', { json: { email: 'nobody@example.org' } });
  const counted: (readonly unknown[])[] = [];
  for (const answer of [
    ...[await change(call), await change(callThere), await forget(call), await forget(callThere)],
    ...[await forget(callThere), await forget(call), await change(callThere)],
  ]) {
    counted.push([answer.status, answer.headers.get('ratelimit-remaining')]);
  }
  assert.equal(counted, [
    [400, '4'],
    [400, '3'],
    [200, '2'],
    [200, '1'],
    [200, '0'],
    [429, '0'],
    [429, '0'],
  ]);
});

two('three wrong passwords, wherever they are tried, lock the account everywhere', async () => {
  const carol = await registered(call, 'Carol');
  for (const from of [call, callThere, call])
    refused(await login(from, carol, 'Wrong-horse-7'), 401, 'invalid-credentials');
  for (const from of [callThere, call]) {
    const locked = await login(from, { email: carol.email.toUpperCase() });
    refused(locked, 429, 'rate-limit-exceeded');
    assert.ok(Number(locked.headers.get('retry-after')) > 60);
  }
});

two('a session that ends at one is over at the other', async () => {
  const dora = await registered(call, 'Dora');
  const [second, third] = [
    await somebodyWith(await login(callThere, dora), dora.email),
    await somebodyWith(await login(call, dora), dora.email),
  ];
  assert.is((await call('POST', '/api/v1/auth/logout', { token: second.token, json: {} })).status, 200);
  refused(await refresh(callThere, second), 401, 'invalid-refresh-token');

  const { json } = await callThere('GET', '/api/v1/auth/sessions', { token: third.token });
  const current = json.data.find((session: { readonly current: boolean }) => session.current);
  const path = `/api/v1/auth/sessions/${String(current.session_id)}`;
  assert.is((await callThere('DELETE', path, { token: third.token })).status, 204);
  refused(await refresh(call, third), 401, 'invalid-refresh-token');

  const rotated = await refresh(callThere, dora);
  assert.is(rotated.status, 200, 'the one that was left');
  const left = { ...dora, refreshToken: String(rotated.json.refresh_token) };
  assert.is((await call('POST', '/api/v1/auth/logout', { token: dora.token, json: { everywhere: true } })).status, 200);
  refused(await refresh(callThere, left), 401, 'invalid-refresh-token');
});

two('an account that is turned off or erased at one is so at the other', async () => {
  const admin = await registered(call, 'Admin');
  const database = valueOf(await openDatabase(path.join(folder, 'data', 'clarity.db')));
  valueOf(await new SqlAccountStore(database).setRoles(userId(admin.id), ['patient', 'admin']));
  await database.close();
  const { token } = await somebodyWith(await refresh(call, admin), admin.email);

  const erin = await registered(callThere, 'Erin');
  // Whoever has just been known to be there is not asked after for a moment, at reading.
  assert.is((await callThere('GET', '/api/v1/auth/me', { token: erin.token })).status, 200);
  const off = await call('POST', `/api/v1/admin/users/${erin.id}/disable`, { token });
  assert.is(off.status, 200, off.text);
  const write = await callThere('PUT', '/api/v1/auth/me', { token: erin.token, json: { display_name: 'E' } });
  assert.is(write.status, 401, write.text);
  const again = [await refresh(callThere, erin), await login(callThere, erin)];
  assert.ok(
    again.every(({ status }) => status === 401 || status === 403),
    again.map(({ text }) => text).join(),
  );

  const finn = await registered(call, 'Finn');
  const headers = { authorization: `Bearer ${finn.token}`, 'x-confirm-delete': finn.id };
  assert.is((await fetch(`${here.url}/api/v1/me`, { method: 'DELETE', headers })).status, 200);
  const gone = await callThere('PUT', '/api/v1/auth/me', { token: finn.token, json: { display_name: 'F' } });
  assert.is(gone.status, 401, gone.text);
  refused(await refresh(callThere, finn), 401, 'invalid-refresh-token');
});

// The last one: it stops both.
two('people meet in a room, have readings explained, and are told when the service stops', async () => {
  const ada = await registered(call, 'Ada');
  const bob = await registered(callThere, 'Bob');
  const adas = await opened(here, '/api/v1/ws/lobby', ada.token);
  const bobs = await opened(there, '/api/v1/ws/lobby', bob.token);
  assert.is((await adas.nextOf('user_joined')).username, 'Bob');
  adas.send({ type: 'typing', is_typing: true });
  const typing = await bobs.nextOf('typing');
  assert.is(typing.username, 'Ada');
  assert.is.not(typing.user_id, ada.id);

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

two.run();
