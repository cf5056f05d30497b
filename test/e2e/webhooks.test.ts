import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook as Receiver } from 'standardwebhooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { userId } from '../../core/kernel/ids.ts';
import { EVENT_TOKENS } from '../../hosts/wiring/events-module.ts';
import { valueOf } from '../unit/result-values.ts';
import { startInProcess, type InProcessService } from './in-process-service.ts';

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Somebody's own server: it keeps what it gets, and answers with the next of the statuses, or 200. */
async function startReceiver() {
  const messages: Message[] = [];
  const statuses: number[] = [];
  let arrived: () => void = () => undefined;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      messages.push({ headers: request.headers as Message['headers'], body: Buffer.concat(parts).toString() });
      response.writeHead(statuses.shift() ?? 200).end();
      arrived();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    host,
    url: `http://${host}/hook`,
    messages,
    statuses,
    /** The first so many messages. */
    got: async (count: number): Promise<readonly Message[]> => {
      while (messages.length < count) await new Promise<void>((resolve) => (arrived = resolve));
      return messages.slice(0, count);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

type Hook = Awaited<ReturnType<typeof startReceiver>>;

const withBoth = (work: (service: InProcessService, hook: Hook) => Promise<void>) => async (): Promise<void> => {
  const hook = await startReceiver();
  const service = await startInProcess({ WEBHOOK_ALLOWED_HOSTS: hook.host });
  const runner = service.get(EVENT_TOKENS.webhookRunner);
  runner.start();
  try {
    await work(service, hook);
  } finally {
    await runner.stop(10_000);
    await service.close();
    await hook.close();
  }
};

/** Asks until the delivery is not pending, or has been tried so often. */
async function tried({ call }: InProcessService, token: string, at: string, attempts: number) {
  for (;;) {
    const { json } = await call('GET', at, { token });
    if (json.attempt_count >= attempts) return json;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test(
  'an event goes to the webhook that wants it, signed, and the log tells of it',
  withBoth(async (service, hook) => {
    const { call, get } = service;
    const { token, id } = await service.person('ada@example.org');
    const made = await call('POST', '/api/v1/webhooks', {
      token,
      json: { url: hook.url, event_types: ['analysis.completed'], description: 'mine' },
    });
    assert.is(made.status, 201);
    const { webhook_id: webhook, secret } = made.json;
    assert.is(made.headers.get('location'), `/api/v1/webhooks/${String(webhook)}`);
    const event = { atMs: Date.now(), upload: null, subject: 'an analysis', data: {} } as const;
    const tell = get(EVENT_TOKENS.tell);
    valueOf(await tell(userId(id), { ...event, type: 'processing.completed' }));
    valueOf(await tell(userId(id), { ...event, type: 'analysis.completed' }));
    const [message] = await hook.got(1);
    const verified = new Receiver(String(secret)).verify(message!.body, { ...message!.headers });
    assert.equal(verified, {
      type: 'analysis.completed',
      timestamp: new Date(event.atMs).toISOString(),
      data: { processing_id: null, analysis_id: 'an analysis' },
    });
    const at = `/api/v1/webhooks/${String(webhook)}/deliveries`;
    const one = `${at}/${message!.headers['webhook-id'] ?? ''}`;
    const delivery = await tried(service, token, one, 1);
    assert.equal(
      [delivery.status, delivery.event_type, delivery.attempts[0].status, delivery.next_attempt_at],
      ['delivered', 'analysis.completed', 200, null],
    );
    assert.equal(delivery.payload, verified);
    const log = await call('GET', at, { token });
    assert.equal(
      log.json.data.map(({ delivery_id: each }: { delivery_id: string }) => each),
      [message!.headers['webhook-id']],
    );
    assert.is(hook.messages.length, 1);
    const shown = await call('GET', `/api/v1/webhooks/${String(webhook)}`, { token });
    assert.is(shown.json.secret, undefined);
    assert.not.match((await call('GET', '/api/v1/webhooks', { token })).text, String(secret));
  }),
);

test(
  'a failed delivery waits for its next attempt, and can be replayed under its old id',
  withBoth(async (service, hook) => {
    const { call } = service;
    const { token } = await service.person('ada@example.org');
    const { webhook_id: webhook } = (await call('POST', '/api/v1/webhooks', { token, json: { url: hook.url } })).json;
    hook.statuses.push(500);
    const test = await call('POST', `/api/v1/webhooks/${String(webhook)}/test`, { token });
    assert.equal([test.status, test.json.event_type, test.json.status], [202, 'webhook.test', 'pending']);
    const one = `/api/v1/webhooks/${String(webhook)}/deliveries/${String(test.json.delivery_id)}`;
    const failed = await tried(service, token, one, 1);
    assert.equal([failed.status, failed.attempts[0].status, failed.attempts[0].error], ['pending', 500, 'status']);
    assert.type(failed.next_attempt_at, 'string');
    const replayed = await call('POST', `${one}/replay`, { token });
    assert.equal([replayed.status, replayed.json.delivery_id], [202, test.json.delivery_id]);
    const done = await tried(service, token, one, 2);
    assert.equal([done.status, done.attempts.length], ['delivered', 2]);
    const [first, second] = await hook.got(2);
    assert.is(first?.headers['webhook-id'], second?.headers['webhook-id']);
    assert.is(first?.body, second?.body);
    hook.statuses.push(410);
    await call('POST', `${one}/replay`, { token });
    await tried(service, token, one, 3);
    assert.is((await call('GET', `/api/v1/webhooks/${String(webhook)}`, { token })).json.enabled, false);
  }),
);

test(
  'webhooks are listed, changed, given another secret and removed',
  withBoth(async ({ call, person }, hook) => {
    const { token } = await person('ada@example.org');
    const { json: made } = await call('POST', '/api/v1/webhooks', { token, json: { url: hook.url, enabled: false } });
    const { secret, ...shown } = made;
    const at = `/api/v1/webhooks/${String(made.webhook_id)}`;
    assert.equal([shown.enabled, shown.event_types, shown.description], [false, null, null]);
    const list = await call('GET', '/api/v1/webhooks', { token });
    assert.equal(list.json, { data: [shown] });
    assert.ok(list.headers.get('etag'));
    const put = await call('PUT', at, { token, json: { url: hook.url, enabled: true, event_types: ['data.deleted'] } });
    assert.equal([put.status, put.json], [200, { ...shown, enabled: true, event_types: ['data.deleted'] }]);
    const rotated = await call('POST', `${at}/rotate-secret`, { token });
    assert.is(rotated.status, 200);
    assert.match(rotated.json.secret, /^whsec_/);
    assert.is.not(rotated.json.secret, secret);
    assert.is((await call('DELETE', at, { token })).status, 204);
    assert.is((await call('DELETE', at, { token })).status, 404);
    assert.equal((await call('GET', '/api/v1/webhooks', { token })).json, { data: [] });
  }),
);

test(
  'deliveries are paged from the newest to the oldest',
  withBoth(async ({ call, person }, hook) => {
    const { token } = await person('ada@example.org');
    const { json: made } = await call('POST', '/api/v1/webhooks', { token, json: { url: hook.url } });
    const at = `/api/v1/webhooks/${String(made.webhook_id)}`;
    const sent: string[] = [];
    for (let i = 0; i < 5; i++) sent.unshift((await call('POST', `${at}/test`, { token })).json.delivery_id);
    const pages: string[][] = [];
    let query = '?limit=2';
    for (;;) {
      const { json } = await call('GET', `${at}/deliveries${query}`, { token });
      pages.push(json.data.map(({ delivery_id: each }: { delivery_id: string }) => each));
      if (json.pagination.next_cursor === null) {
        assert.is(json.pagination.has_next, false);
        break;
      }
      query = `?limit=2&cursor=${String(json.pagination.next_cursor)}`;
    }
    assert.equal(
      pages.map(({ length }) => length),
      [2, 2, 1],
    );
    // Tests of one millisecond have no order among themselves.
    assert.equal(pages.flat().sort(), [...sent].sort());
    assert.equal(pages.flat(), [...pages.flat()].sort().reverse());
    for (const cursor of ['x', Buffer.from('msg_1').toString('base64url')]) {
      assert.is((await call('GET', `${at}/deliveries?cursor=${cursor}`, { token })).json.code, 'invalid-cursor');
    }
  }),
);

test(
  'a target that is not public, not https or nowhere is refused by name',
  withBoth(async ({ call, person }, hook) => {
    const { token } = await person('ada@example.org');
    for (const [url, reason] of [
      ['http://93.184.216.34/', 'must be https'],
      ['https://127.0.0.1/', 'is, or resolves to, an address that is not public (loopback)'],
      ['https://169.254.169.254/latest', 'is, or resolves to, an address that is not public (link local)'],
      ['https://[::ffff:10.0.0.1]/', 'is, or resolves to, an address that is not public (private)'],
      [`${hook.url}#there`, 'must not have a fragment'],
      ['https://ada:secret@93.184.216.34/', 'must not name a user or a password'],
      ['nonsense', 'is no URL'],
    ] as const) {
      const refused = await call('POST', '/api/v1/webhooks', { token, json: { url } });
      assert.equal([refused.status, refused.json.errors[0].pointer], [422, '/url'], url);
      assert.is(refused.json.errors[0].message, reason);
    }
    const unknown = await call('POST', '/api/v1/webhooks', {
      token,
      json: { url: hook.url, event_types: ['what.else'] },
    });
    assert.equal([unknown.status, unknown.json.errors[0].pointer], [422, '/event_types/0']);
    for (let i = 0; i < 10; i++) await call('POST', '/api/v1/webhooks', { token, json: { url: hook.url } });
    const eleventh = await call('POST', '/api/v1/webhooks', { token, json: { url: hook.url } });
    assert.equal([eleventh.status, eleventh.json.code], [409, 'limit-reached']);
  }),
);

test(
  "another person's webhook is as if it were not there, for every operation",
  withBoth(async ({ call, person }, hook) => {
    const ada = await person('ada@example.org');
    const bob = await person('bob@example.org');
    const { json: made } = await call('POST', '/api/v1/webhooks', { token: ada.token, json: { url: hook.url } });
    const at = `/api/v1/webhooks/${String(made.webhook_id)}`;
    const { json: test } = await call('POST', `${at}/test`, { token: ada.token });
    const operations: readonly (readonly [string, string, unknown?])[] = [
      ['GET', ''],
      ['PUT', '', { url: hook.url, enabled: false }],
      ['DELETE', ''],
      ['POST', '/rotate-secret'],
      ['POST', '/test'],
      ['GET', '/deliveries'],
      ['GET', `/deliveries/${String(test.delivery_id)}`],
      ['POST', `/deliveries/${String(test.delivery_id)}/replay`],
    ];
    for (const [method, below, json] of operations) {
      const foreign = await call(method, at + below, { token: bob.token, json });
      const absent = await call(method, `/api/v1/webhooks/wh_none${below}`, { token: ada.token, json });
      assert.equal([foreign.status, absent.status], [404, 404], `${method} ${below}`);
      const plain = ({ instance: _i, request_id: _r, ...problem }: Record<string, unknown>) => problem;
      assert.equal(plain(foreign.json), plain(absent.json));
    }
    assert.equal((await call('GET', '/api/v1/webhooks', { token: bob.token })).json, { data: [] });
    assert.is((await call('GET', at, { token: ada.token })).status, 200);
  }),
);

test(
  'a webhook is made once for a call that is sent twice with a key',
  withBoth(async (service, hook) => {
    const { token } = await service.person('ada@example.org');
    const make = async () => {
      const response = await fetch(`${service.url}/api/v1/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: JSON.stringify({ url: hook.url }),
      });
      return await response.json();
    };
    assert.equal(await make(), await make());
    assert.is((await service.call('GET', '/api/v1/webhooks', { token })).json.data.length, 1);
  }),
);

test.run();
