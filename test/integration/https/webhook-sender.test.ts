import { once } from 'node:events';
import { createServer, Server, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpsWebhookSender, type HttpsWebhookSenderOptions } from '../../../adapters/https/webhook-sender.ts';
import type { SendOutcome } from '../../../core/webhooks/ports.ts';
import { errorOf, valueOf } from '../../unit/result-values.ts';
import { madeCertificate } from './made-certificate.ts';

const BODY = '{"type":"webhook.test","name":"用户"}';
const HEADERS = { 'content-type': 'application/json', 'webhook-id': 'msg_1' };

/** Servers that listen on this machine and go when `work` has ended. */
async function withServers<T>(servers: readonly NetServer[], work: (...ports: number[]) => Promise<T>): Promise<T> {
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  try {
    return await work(...ports);
  } finally {
    for (const server of servers) {
      if (server instanceof Server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver that keeps what it got and answers as the test says. */
function receiver(answer: RequestListener) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      got.push({ method, url, headers, body: Buffer.concat(parts).toString() });
      answer(request, response);
    });
  });
  return { server, got };
}

const answering = (status: number, headers: Record<string, string> = {}) =>
  receiver((_request, response) => {
    response.writeHead(status, headers).end('thank you');
  });

const senderOf = (options: Partial<HttpsWebhookSenderOptions> = {}): HttpsWebhookSender =>
  new HttpsWebhookSender({ allowedHosts: [], userAgent: 'Clarity-Webhooks/test', ...options });

const sent = async (sender: HttpsWebhookSender, url: string): Promise<SendOutcome> =>
  valueOf(await sender.send({ url, headers: HEADERS, body: BODY }));

test('the body and the headers arrive as they are', async () => {
  const { server, got } = answering(204);
  await withServers([server], async (port) => {
    const sender = senderOf({ allowedHosts: [`127.0.0.1:${String(port)}`] });
    assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/hook?a=1`), { status: 204, error: null });
  });
  const [message, ...more] = got;
  assert.equal(more, []);
  assert.equal([message?.method, message?.url, message?.body], ['POST', '/hook?a=1', BODY]);
  const { host: _host, ...headers } = message!.headers;
  assert.equal(headers, {
    ...HEADERS,
    'user-agent': 'Clarity-Webhooks/test',
    'content-length': String(Buffer.byteLength(BODY)),
    connection: 'close',
  });
});

test('an answer other than 2xx is a status, and a redirect that changes the method is none that is followed', async () => {
  for (const status of [301, 302, 303, 304, 400, 410, 500, 503]) {
    const { server } = answering(status, { location: '/elsewhere' });
    await withServers([server], async (port) => {
      const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
      assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status, error: 'status' });
    });
  }
});

test('the name is looked up once, and the connection goes to the address that was judged', async () => {
  const { server, got } = answering(200);
  await withServers([server], async (port) => {
    const asked: string[] = [];
    const sender = senderOf({
      allowedHosts: [`hooks.example:${String(port)}`],
      resolve: (name) => {
        asked.push(name);
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      },
    });
    assert.is((await sent(sender, `http://hooks.example:${String(port)}/`)).status, 200);
    assert.equal(asked, ['hooks.example']);
    assert.is(got[0]?.headers.host, `hooks.example:${String(port)}`);
  });
});

test('a name that changes its meaning after it was checked leads nowhere', async () => {
  const { server, got } = answering(200);
  await withServers([server], async (port) => {
    let looks = 0;
    const sender = senderOf({
      resolve: () => Promise.resolve([{ address: looks++ === 0 ? '93.184.216.34' : '127.0.0.1', family: 4 as const }]),
    });
    const url = `https://rebinding.example:${String(port)}/`;
    valueOf(await sender.check(url));
    assert.equal(await sent(sender, url), { status: null, error: 'refused-target' });
    assert.equal(errorOf(await sender.check(url)).kind, 'target-refused');
    assert.is(looks, 3);
  });
  assert.equal(got, []);
});

test('redirects that keep the method are followed, at most three, and lose their fragment', async () => {
  const { server, got } = receiver((request, response) => {
    const [, step = '0', end = '0'] = /^\/(\d+)\/(\d+)$/.exec(request.url ?? '') ?? [];
    if (step === end) response.writeHead(202).end();
    else {
      const code = Number(step) % 2 === 0 ? 307 : 308;
      response.writeHead(code, { location: `/${String(Number(step) + 1)}/${end}#there` }).end();
    }
  });
  await withServers([server], async (port) => {
    const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
    const url = (steps: number) => `http://127.0.0.1:${String(port)}/0/${String(steps)}`;
    assert.equal(await sent(sender, url(3)), { status: 202, error: null });
    assert.ok(got.every(({ method, body }) => method === 'POST' && body === BODY));
    assert.is(got.length, 4);
    assert.equal(await sent(sender, url(4)), { status: null, error: 'too-many-redirects' });
    assert.is(got.length, 8);
  });
});

test('a redirect without a place to go to is a status', async () => {
  const { server } = receiver((request, response) => {
    response.writeHead(307, request.url === '/bad' ? { location: 'http://[' } : {}).end();
  });
  await withServers([server], async (port) => {
    const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
    for (const path of ['/none', '/bad']) {
      assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}${path}`), { status: 307, error: 'status' });
    }
  });
});

test('a redirect to an address that is not listed is refused, whatever names it', async () => {
  const secret = answering(200);
  for (const location of [
    (port: number) => `http://127.0.0.1:${String(port)}/`,
    (port: number) => `https://127.0.0.1:${String(port)}/`,
    (port: number) => `https://localhost:${String(port)}/`,
    (port: number) => `//[::1]:${String(port)}/`,
    () => 'https://169.254.169.254/latest/meta-data',
    () => 'file:///etc/passwd',
  ]) {
    let secretPort = 0;
    const open = receiver((_request, response) => {
      response.writeHead(307, { location: location(secretPort) }).end();
    });
    await withServers([open.server, secret.server], async (port, other) => {
      secretPort = other;
      const sender = senderOf({ allowedHosts: [`127.0.0.1:${String(port)}`] });
      const outcome = await sent(sender, `http://127.0.0.1:${String(port)}/`);
      assert.equal(outcome, { status: null, error: 'refused-target' }, location(other));
    });
  }
  assert.equal(secret.got, []);
});

test('a receiver that does not answer is given up when the time is over', async () => {
  const deadline = new AbortController();
  const { server } = receiver(() => {
    deadline.abort();
  });
  await withServers([server], async (port) => {
    const sender = senderOf({ allowedHosts: ['127.0.0.1'], deadline: () => deadline.signal });
    assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status: null, error: 'timeout' });
  });
});

test('a receiver whose answer never ends, or breaks off, has answered', async () => {
  for (const [length, breaks] of [
    [1024, false],
    [10, true],
  ] as const) {
    const { server } = receiver((_request, response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(length), () => {
        if (breaks) response.destroy();
      });
    });
    await withServers([server], async (port) => {
      const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
      assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status: 200, error: null });
    });
  }
});

test('of a huge answer a little is read, and the line is cut', async () => {
  let written = 0;
  const { server } = receiver((_request, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(64 * 1024);
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
    };
    response.on('drain', pump);
    pump();
  });
  await withServers([server], async (port) => {
    const closed = once(server, 'connection').then(
      ([socket]) =>
        new Promise((resolve) => {
          (socket as Socket).on('error', () => undefined).once('close', resolve);
        }),
    );
    const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
    assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status: 200, error: null });
    await closed;
  });
  assert.ok(written < 64 * 1024 * 1024);
});

test('a name that takes too long to look up is a timeout, and one that fails is a name', async () => {
  const deadline = new AbortController();
  const never = senderOf({
    resolve: () => {
      deadline.abort();
      return new Promise(() => undefined);
    },
    deadline: () => deadline.signal,
  });
  assert.equal(await sent(never, 'https://slow.example/'), { status: null, error: 'timeout' });
  const { kind } = errorOf(await never.check('https://slow.example/'));
  assert.is(kind, 'port-unavailable');
  const failing = senderOf({ resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })) });
  assert.equal(await sent(failing, 'https://away.example/'), { status: null, error: 'name' });
  assert.is(errorOf(await failing.check('https://away.example/')).kind, 'port-unavailable');
});

test('a line that breaks, and nobody listening, is a connection', async () => {
  const breaking = createRawServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.resetAndDestroy());
  });
  const sender = senderOf({ allowedHosts: ['127.0.0.1'] });
  let port = 0;
  await withServers([breaking], async (bound) => {
    port = bound;
    assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status: null, error: 'connection' });
  });
  assert.equal(await sent(sender, `http://127.0.0.1:${String(port)}/`), { status: null, error: 'connection' });
});

test('over TLS, the certificate must be trusted and be of the name', async () => {
  const { key, cert } = madeCertificate('hooks.example');
  const server = createTlsServer({ key, cert }, (request, response) => {
    request.resume();
    response.writeHead(200).end();
  });
  server.on('tlsClientError', () => undefined);
  await withServers([server], async (port) => {
    const at = (name: string): string => `https://${name}:${String(port)}/`;
    const options = {
      allowedHosts: ['hooks.example', 'other.example', '127.0.0.1'],
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]),
    };
    assert.equal(await sent(senderOf(options), at('hooks.example')), { status: null, error: 'tls' });
    const trusting = senderOf({ ...options, authorities: cert });
    assert.equal(await sent(trusting, at('hooks.example')), { status: 200, error: null });
    assert.equal(await sent(trusting, at('other.example')), { status: null, error: 'tls' });
    assert.equal(await sent(trusting, at('127.0.0.1')), { status: null, error: 'tls' });
  });
});

test('a target is checked without sending anything', async () => {
  const sender = senderOf({ resolve: () => Promise.resolve([{ address: '93.184.216.34', family: 4 }]) });
  valueOf(await sender.check('https://public.example/'));
  assert.equal(errorOf(await sender.check('http://public.example/')), {
    kind: 'target-refused',
    reason: 'must be https',
  });
});

test.run();
