import { once } from 'node:events';
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { callerOf, startProcess } from './running-service.ts';

const shutdown = suite('stopping');

/** Resolves once the port takes no connection any more: the process has begun to stop. */
async function untilRefused(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'taken'),
      once(socket, 'error').then(() => 'refused'),
    ]).catch(() => 'refused');
    socket.destroy();
    if (outcome === 'refused') return;
  }
}

/** Sends the head of a request, and resolves once the service has read it and waits for the body. */
async function begun(url: string, token: string, body: Buffer, agent: Agent): Promise<ClientRequest> {
  const request = httpRequest(`${url}/api/v1/health-data`, {
    agent,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  request.flushHeaders();
  await once(request, 'continue');
  return request;
}

shutdown(
  'what was in flight is answered, a stream of events is ended, nobody new is let in, and the process ends well',
  async () => {
    const service = await startProcess({ STORAGE: 'memory' });
    const { url } = service;
    const call = callerOf(url);
    const { json } = await call('POST', '/api/v1/auth/register', {
      json: { email: 'ada@example.org', password: 'Correct-horse-7' },
    });
    const token = String(json.access_token);
    const me = await call('GET', '/api/v1/auth/me', { token });
    const body = Buffer.from(
      JSON.stringify({
        user_id: me.json.user_id as string,
        upload_source: 'test',
        client_timestamp: '2025-01-06T08:00:00Z',
        metrics: [
          { metric_type: 'heart_rate', biometric_data: { heart_rate: 60 }, created_at: '2025-01-06T08:00:00Z' },
        ],
      }),
    );
    const agent = new Agent({ keepAlive: true });
    const inFlight = await Promise.all(Array.from({ length: 20 }, () => begun(url, token, body, agent)));
    const events = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    assert.is(events.status, 200);
    const stopped = service.stop();
    await untilRefused(url);
    const answers = await Promise.all(
      inFlight.map(async (request) => {
        request.end(body);
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        response.resume();
        await once(response, 'end');
        return response.statusCode;
      }),
    );
    assert.equal([...new Set(answers)], [201]);
    await events.text();
    assert.is(await stopped, 0);
    agent.destroy();
  },
);

shutdown.run();
