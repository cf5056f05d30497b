import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { ResultAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Problem } from '../../../contracts/problems.ts';
import type { Principal } from '../../../core/auth/token-ports.ts';
import { ADA, BOB, NOW_MS } from '../../unit/memory-world.ts';
import { startSockets, TOKEN_MS, withSockets, type SocketService } from './socket-service.ts';

const handshakes = suite('websocket handshakes');

const PRINCIPAL: Principal = {
  userId: ADA,
  email: null,
  emailVerified: true,
  sessionId: 's',
  roles: ['patient'],
  issuedAtMs: 0,
  expiresAtMs: NOW_MS + TOKEN_MS,
};

const ROOM = '/api/v1/ws/lobby';
const OWN = `/api/v1/ws/health-analysis/${ADA}`;

const opened = async (service: SocketService, ...args: Parameters<SocketService['open']>) => {
  const client = service.open(...args);
  return { client, ack: await client.next() };
};

/** How a handshake that is not answered with a socket is answered. */
function refusal(
  { url }: SocketService,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: Problem }> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    call.on('error', reject);
    call.on('upgrade', () => {
      reject(new Error('the handshake was accepted'));
    });
    call.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Problem;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    call.end();
  });
}

/** What a server says to these bytes until it closes the connection. */
function exchange({ url }: SocketService, ...texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      for (const text of texts) socket.write(text);
    });
    let said = '';
    socket.on('data', (part: Buffer) => (said += part.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(said);
    });
  });
}

handshakes(
  'the first frame says who the token speaks for, which session this is, and how often to be heard',
  withSockets(async (service) => {
    const { ack } = await opened(service, ROOM, 'ada');
    const { session_id, message_id, ...rest } = ack;
    assert.match(session_id, /^[0-9a-f-]{36}$/);
    assert.match(message_id, /^[0-9a-f-]{36}$/);
    assert.equal(rest, {
      type: 'connection_ack',
      timestamp: '2025-03-03T12:00:00.000+00:00',
      user_id: ADA,
      server_info: { server_time: '2025-03-03T12:00:00.000+00:00', heartbeat_interval: 30 },
    });
  }),
);

handshakes(
  'the token may be in the query, in the Authorization header or among the subprotocols, and is not echoed',
  withSockets(async (service) => {
    assert.is((await opened(service, ROOM, 'ada')).ack.user_id, ADA);
    const byHeader = await opened(service, ROOM, null, { headers: { authorization: 'Bearer bob' } });
    assert.is(byHeader.ack.user_id, BOB);
    const byProtocol = await opened(service, ROOM, null, { protocols: ['bearer', 'ada'] });
    assert.equal([byProtocol.ack.user_id, byProtocol.client.socket.protocol], [ADA, 'bearer']);
    const byQuery = await opened(service, ROOM, 'bob', { protocols: ['clarity'] });
    assert.equal([byQuery.ack.user_id, byQuery.client.socket.protocol], [BOB, 'clarity']);
  }),
);

handshakes(
  'who may not come in learns it from the close code, which is all that a browser sees',
  withSockets(async (service) => {
    const ends = async (...args: Parameters<SocketService['open']>) => service.open(...args).ended;
    const missing = { code: 4001, reason: 'Authentication token is required' };
    assert.equal(await ends(ROOM, null), missing);
    assert.equal(await ends(`${ROOM}?token=`, null), missing);
    assert.equal(await ends(ROOM, null, { protocols: ['clarity'] }), missing);
    assert.equal(await ends(OWN, null), missing);
    assert.equal(await ends(ROOM, 'nobody'), { code: 4003, reason: 'Authentication failed' });
    assert.equal(await ends(OWN, 'nobody'), { code: 4003, reason: 'Authentication failed' });
    assert.equal(await ends(OWN, 'bob'), { code: 4003, reason: 'Unauthorized' });
    assert.equal(await ends(ROOM, 'broken'), { code: 1011, reason: 'Server error' });
  }),
);

handshakes(
  'neither a token nor a query is logged',
  withSockets(async (service) => {
    const { client } = await opened(service, ROOM, 'ada');
    await service.open(ROOM, 'broken-secret').ended;
    await service.open(ROOM, 'wrong-secret').ended;
    await client.close();
    await service.sockets.close(1000);
    assert.ok(service.log.some((line) => line.includes('socket closed')));
    assert.not.match(service.log.join('\n'), /token=|secret|lobby/);
  }),
);

handshakes(
  'a path without a socket is answered with a problem document, as any other call is',
  withSockets(async (service) => {
    for (const path of [
      '/api/v1/ws',
      '/api/v1/ws/a/b/c',
      '/nowhere',
      `/api/v1/ws/${'x'.repeat(101)}`,
      '/api/v1/ws/%ff',
    ]) {
      const { status, headers, body } = await refusal(service, `${path}?token=secret`, { 'x-request-id': 'r-1' });
      assert.is(status, 404, path);
      assert.match(String(headers['content-type']), /^application\/problem\+json/);
      assert.is(headers['x-request-id'], 'r-1');
      assert.equal([body.code, body.status, body.instance, body.request_id], ['resource-not-found', 404, path, 'r-1']);
    }
  }),
);

handshakes(
  'a handshake that is none is answered with 426 and the version that is spoken',
  withSockets(async (service) => {
    const { status, headers, body } = await refusal(service, `${ROOM}?token=ada`, { 'sec-websocket-version': '7' });
    assert.equal([status, body.code], [426, 'upgrade-required']);
    assert.equal([headers['sec-websocket-version'], headers['upgrade']], ['13', 'websocket']);
    assert.match(String(headers['connection']), /close/);
  }),
);

handshakes(
  'pages of other origins are refused where origins are listed',
  withSockets(
    async (service) => {
      const { host } = new URL(service.url);
      for (const origin of ['https://app.example', `http://${host}`, 'https://clarity.example']) {
        assert.is((await opened(service, ROOM, 'ada', { headers: { origin } })).ack.user_id, ADA);
      }
      assert.is((await opened(service, ROOM, 'bob')).ack.user_id, BOB, 'not from a page');
      for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example']) {
        const { status, body } = await refusal(service, `${ROOM}?token=ada`, { origin });
        assert.equal([status, body.code], [403, 'authorization-denied'], origin);
      }
    },
    { corsOrigins: ['https://app.example'], publicUrl: 'https://clarity.example' },
  ),
);

handshakes(
  'where no origins are listed, every page may open a socket with its token',
  withSockets(async (service) => {
    const { ack } = await opened(service, ROOM, 'ada', { headers: { origin: 'https://any.example' } });
    assert.is(ack.user_id, ADA);
  }),
);

handshakes(
  'a fourth connection of a person is closed, whichever sockets the others are on, until one of them ends',
  withSockets(async (service) => {
    const { client } = await opened(service, ROOM, 'ada');
    await opened(service, '/api/v1/ws/other', 'ada');
    await opened(service, OWN, 'ada');
    assert.equal(await service.open(ROOM, 'ada').ended, { code: 1008, reason: 'Too many connections' });
    assert.is((await opened(service, ROOM, 'bob')).ack.user_id, BOB);
    await client.close();
    await opened(service, ROOM, 'ada');
  }),
);

handshakes(
  'the token is looked at again when it expires',
  withSockets(
    async (service) => {
      const { client } = await opened(service, ROOM, 'ada');
      service.timers.advance(TOKEN_MS - 1);
      assert.is((await client.nextOf('heartbeat')).type, 'heartbeat');
      assert.is(client.socket.readyState, client.socket.OPEN);
      service.timers.advance(1);
      assert.equal(await client.ended, { code: 4003, reason: 'Token expired' });
    },
    { settings: { recheckMs: TOKEN_MS, idleMs: 10 * TOKEN_MS, mostMissedPings: 1000 } },
  ),
);

handshakes(
  'a token that is good for nobody any more ends its connection within a minute',
  withSockets(async (service) => {
    const { client } = await opened(service, OWN, 'ada');
    service.timers.advance(59_999);
    service.revoked.add('ada');
    assert.is(client.socket.readyState, client.socket.OPEN);
    service.timers.advance(1);
    assert.equal(await client.ended, { code: 4003, reason: 'Authentication failed' });
  }),
);

handshakes(
  'a call that offers another protocol is served as if it did not, with its body, on a connection that stays',
  withSockets(async (service) => {
    const said = await exchange(
      service,
      'POST /first?a=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
        'HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 11\r\n\r\nhello',
      ' world',
      'GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    assert.match(said, /POST \/first\?a=1 hello world/);
    assert.match(said, /GET \/second /);
    assert.is(said.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  }),
);

handshakes('a client that has gone while its token was verified harms nobody', async () => {
  const verifications = new EventEmitter();
  const service = await startSockets({
    authenticate: () =>
      ResultAsync.fromSafePromise(
        new Promise<Principal>((resolve) => {
          verifications.emit('begun', resolve);
        }),
      ),
  });
  try {
    const begun = once(verifications, 'begun');
    const gone = service.open(ROOM, 'ada');
    const [verify] = (await begun) as [(principal: Principal) => void];
    gone.socket.terminate();
    assert.match(String(await gone.ended.catch((cause: unknown) => cause)), /closed before/);
    verify(PRINCIPAL);
    verifications.on('begun', (verifyAtOnce: typeof verify) => {
      verifyAtOnce(PRINCIPAL);
    });
    assert.is((await opened(service, ROOM, 'ada')).ack.user_id, ADA);
  } finally {
    await service.close();
  }
});

handshakes.run();
