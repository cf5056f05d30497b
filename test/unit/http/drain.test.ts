import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pino } from 'pino';
import { drainOf, type Drain } from '../../../hosts/express/http/drain.ts';
import { httpServer } from '../../../hosts/express/http/http-server.ts';

interface Draining {
  readonly server: Server;
  readonly drain: Drain;
  /** Asks over a connection that is kept. */
  readonly ask: () => Promise<IncomingMessage>;
  /** The next call, once it has come. */
  readonly nextCall: () => Promise<ServerResponse>;
}

/** A server that answers what the test answers. */
async function withServer(work: (draining: Draining) => Promise<void>): Promise<void> {
  const server = createServer();
  const drain = drainOf(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (): Promise<IncomingMessage> => {
    const request = httpRequest({ host: '127.0.0.1', port, agent });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response;
  };
  const nextCall = async (): Promise<ServerResponse> =>
    ((await once(server, 'request')) as [unknown, ServerResponse])[1];
  try {
    await work({ server, drain, ask, nextCall });
  } finally {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  }
}

test('answers keep their connection until draining begins, and end it from then on', () =>
  withServer(async ({ server, drain, ask }) => {
    server.on('request', (_request, response: ServerResponse) => response.end());
    assert.is((await ask()).headers.connection, 'keep-alive');
    drain.begin();
    assert.is((await ask()).headers.connection, 'close');
    // Connections are still taken.
    assert.is((await ask()).statusCode, 200);
  }));

test('a call that is being worked on when draining begins is the last on its connection', () =>
  withServer(async ({ drain, ask, nextCall }) => {
    const call = nextCall();
    const asked = ask();
    const response = await call;
    drain.begin();
    response.end();
    assert.is((await asked).headers.connection, 'close');
  }));

test('an answer that has begun is left as it is', () =>
  withServer(async ({ drain, ask, nextCall }) => {
    const call = nextCall();
    const asked = ask();
    const response = await call;
    response.write('a part');
    drain.begin();
    response.end();
    assert.is((await asked).headers.connection, 'keep-alive');
  }));

test('finishing waits for what is in flight, and lets nobody in', () =>
  withServer(async ({ server, drain, ask, nextCall }) => {
    const call = nextCall();
    const asked = ask();
    const response = await call;
    drain.begin();
    const finished = drain.finish(60_000);
    assert.is(server.listening, false);
    response.end();
    assert.is((await asked).statusCode, 200);
    assert.is(await finished, true);
  }));

test('what does not end is cut off when the time is over', () =>
  withServer(async ({ drain, ask, nextCall }) => {
    const call = nextCall();
    const asked = ask().then(
      () => 'answered',
      () => 'cut off',
    );
    await call;
    drain.begin();
    assert.is(await drain.finish(0), false);
    assert.is(await asked, 'cut off');
  }));

test('an idle connection is kept for longer than load balancers keep theirs', async () => {
  const server = httpServer((_request, response) => response.end(), {
    logger: pino({ level: 'silent' }),
    production: false,
  });
  const mostOfBalancersMs = 60_000;
  assert.ok(server.keepAliveTimeout > mostOfBalancersMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const agent = new Agent({ keepAlive: true });
  const request = httpRequest({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  const [socket] = await connected;
  // What the server's socket waits for between two calls.
  assert.ok((socket.timeout ?? 0) > mostOfBalancersMs, String(socket.timeout));
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

test.run();
