import * as t from 'io-ts';
import { errAsync, okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryAuditPseudonyms } from '../../../adapters/memory/audit-pseudonyms.ts';
import { MemoryAuditStore } from '../../../adapters/memory/audit-store.ts';
import { MemoryErasedOwners } from '../../../adapters/memory/erased-owners.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { object } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { text } from '../../../contracts/scalars.ts';
import { entryContent } from '../../../core/audit/entry-text.ts';
import type { AuditEvent } from '../../../core/audit/model.ts';
import { auditedPseudonyms, recordEvent } from '../../../core/audit/record-event.ts';
import { rememberErased } from '../../../core/account/erased-owners.ts';
import { notFound, portUnavailable } from '../../../core/kernel/errors.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { contractRouter, type RouterDeps } from '../../../hosts/express/http/router.ts';
import { headSigner, trailOver } from '../audit-events.ts';
import { countingIds, replacing, SettableClock } from '../memory-world.ts';
import { valueOf } from '../result-values.ts';
import { kernelApp, type KernelApp, type KernelOperation } from './kernel-app.ts';

const test = suite('calls that are written down');

const ADA = userId('ada');
const BOB = userId('bob');
const TOKEN = { authorization: 'Bearer ada:patient' };
const CANARY = 'canary-4711';

const Thing = object('Thing', { name: t.string }, { access_token: t.string });
const COMMON = {
  method: 'GET',
  auth: 'read-own-data',
  audit: { action: 'read', dataTypes: ['metrics'] },
  tag: 'Test',
  summary: 'A test',
  problems: ['resource-not-found'],
  responses: { 200: { kind: 'json', codec: Thing, description: 'It.' } },
} as const;
const REPLY = { status: 200, body: { name: CANARY, access_token: null } };

const operation = (
  route: Partial<RouteDefinition> & { readonly path: string },
  endpoint: KernelOperation['endpoint'] = () => okAsync(REPLY as never),
): KernelOperation => ({ route: { ...COMMON, ...route }, endpoint });

/** What is audited, and the log that it is written to. */
async function audited(
  operations: Readonly<Record<string, KernelOperation>>,
  check: (world: {
    readonly app: KernelApp;
    readonly events: () => Promise<readonly AuditEvent[]>;
    readonly pseudonyms: MemoryAuditPseudonyms;
    readonly recording: ReturnType<typeof recordingOver>;
  }) => Promise<void>,
  store = new MemoryAuditStore(),
): Promise<void> {
  const pseudonyms = new MemoryAuditPseudonyms();
  const recording = recordingOver(store, pseudonyms);
  const app = await kernelApp(operations, {
    auditor: {
      pseudonyms: auditedPseudonyms(recording),
      known: (user) => pseudonyms.known(user),
      record: recordEvent(recording),
      authenticate: (token) =>
        token === 'good'
          ? okAsync({
              userId: ADA,
              email: null,
              emailVerified: true,
              sessionId: 'session',
              roles: ['patient'],
              issuedAtMs: 0,
              expiresAtMs: 0,
            })
          : errAsync({ kind: 'invalid-token' }),
    },
  });
  const events = async (): Promise<readonly AuditEvent[]> => {
    const found: AuditEvent[] = [];
    for (const { day } of valueOf(await store.days())) {
      for (const { text } of valueOf(await store.entries(day, 0, 1000))) {
        assert.not.match(text, CANARY);
        found.push(entryContent(text)!.event);
      }
    }
    return found;
  };
  try {
    await check({ app, events, pseudonyms, recording });
  } finally {
    await app.close();
  }
}

const recordingOver = (store: MemoryAuditStore, auditPseudonyms: MemoryAuditPseudonyms) => ({
  auditTrail: trailOver(store, headSigner()),
  auditPseudonyms,
  erasedOwners: new MemoryErasedOwners(),
  digest: nodeDigest,
  clock: new SettableClock(),
  ids: countingIds(),
});

test('a call makes one entry, that names nobody and holds nothing of what was said', async () => {
  await audited({ readThings: operation({ path: '/things' }) }, async ({ app, events, pseudonyms }) => {
    const { status, headers } = await app.send('GET', '/things', { headers: TOKEN });
    assert.is(status, 200);
    const ada = valueOf(await pseudonyms.known(ADA));
    const [event, ...others] = await events();
    assert.equal(others, []);
    const { id, atMs, ...rest } = event!;
    assert.type(id, 'string');
    assert.type(atMs, 'number');
    assert.equal(rest, {
      actor: ada,
      actorRoles: ['patient'],
      onBehalfOf: null,
      action: 'read',
      operation: 'readThings',
      subject: ada,
      dataTypes: ['metrics'],
      outcome: 'done',
      problem: null,
      requestId: headers['x-request-id'],
    });
    await app.send('GET', '/things', { headers: TOKEN });
    assert.equal(
      (await events()).map(({ subject }) => subject),
      [ada, ada],
    );
  });
});

test('what was refused or has failed says why', async () => {
  const body = { kind: 'json', codec: Thing } as const;
  const operations = {
    missing: operation({ path: '/missing' }, () => errAsync(notFound('metric', CANARY))),
    unreadable: operation({ path: '/unreadable', method: 'POST', body }),
    down: operation({ path: '/down' }, () => errAsync(portUnavailable('MetricStore', 'list', CANARY))),
    bug: operation({ path: '/bug' }, () => {
      throw new Error('planted');
    }),
  };
  await audited(operations, async ({ app, events }) => {
    const statuses = [
      (await app.send('GET', '/missing', { headers: TOKEN })).status,
      (await app.send('POST', '/unreadable', { headers: TOKEN, body: `{"${CANARY}"` })).status,
      (await app.send('GET', '/down', { headers: TOKEN })).status,
      (await app.send('GET', '/bug', { headers: TOKEN })).status,
    ];
    assert.equal(statuses, [404, 422, 503, 500]);
    assert.equal(
      (await events()).map(({ operation: called, outcome, problem }) => [called, outcome, problem]),
      [
        ['missing', 'refused', 'resource-not-found'],
        ['unreadable', 'refused', 'malformed-json'],
        ['down', 'failed', 'service-unavailable'],
        ['bug', 'failed', 'internal-server-error'],
      ],
    );
  });
});

for (const method of ['end', 'extend'] as const) {
  test(`a call that cannot be written down fails, and answers nothing (${method})`, async () => {
    const broken = replacing(new MemoryAuditStore(), {
      [method]: () => errAsync(portUnavailable('AuditStore', method, 'planted')),
    });
    let done = 0;
    const count = (): ReturnType<KernelOperation['endpoint']> => {
      done += 1;
      return okAsync(REPLY as never);
    };
    await audited(
      { readThings: operation({ path: '/things' }, count) },
      async ({ app }) => {
        const { status, json, text, headers } = await app.send('GET', '/things', { headers: TOKEN });
        assert.equal([status, json['code']], [503, 'service-unavailable']);
        assert.match(headers['retry-after'] ?? '', /^\d+$/);
        assert.not.match(text, CANARY);
        assert.is(done, 1);
      },
      broken,
    );
  });
}

test('whoever is turned away at the door, and what is nobody’s data, is not written down', async () => {
  const operations = {
    readThings: operation({ path: '/things' }),
    health: operation({ path: '/health', auth: 'none', audit: 'none' }),
  };
  await audited(operations, async ({ app, events }) => {
    assert.is((await app.send('GET', '/things')).status, 401);
    assert.is((await app.send('GET', '/things', { headers: { authorization: 'Bearer nobody:patient' } })).status, 401);
    assert.is((await app.send('GET', '/health')).status, 200);
    assert.equal(await events(), []);
  });
});

test('no store is asked for what is no id of anybody, and the call is not in the name of its caller', async () => {
  const audit = { action: 'read', dataTypes: ['metrics'], subject: 'user_id' } as const;
  const params = object('Params', { user_id: text(1, 200) });
  const operations = { readOf: operation({ path: '/people/{user_id}', audit, params }, () => okAsync(REPLY as never)) };
  await audited(operations, async ({ app, events, pseudonyms }) => {
    const known = pseudonyms.known.bind(pseudonyms);
    // SQLite is asked for no text with a NUL in it.
    pseudonyms.known = (user) =>
      user.includes('\u0000') ? errAsync(portUnavailable('AuditPseudonyms', 'known', 'planted')) : known(user);
    for (const name of ['%00', 'a%00b', 'x'.repeat(201)]) {
      assert.is((await app.send('GET', `/people/${name}`, { headers: TOKEN })).status, 422, name);
    }
    assert.equal(
      (await events()).map(({ subject, problem }) => [subject, problem]),
      Array.from({ length: 3 }, () => [null, 'validation-error']),
    );
  });
});

test('whoever is named by the path is the subject, and nobody is made up', async () => {
  const audit = { action: 'read', dataTypes: ['metrics'], subject: 'user_id' } as const;
  const params = object('Params', { user_id: t.string });
  const operations = {
    readOf: operation({ path: '/people/{user_id}', audit, params }, ({ url }) =>
      /\/(?:carol|ada)$/.test(url.pathname) ? okAsync(REPLY as never) : errAsync(notFound('user', '')),
    ),
  };
  await audited(operations, async ({ app, events, pseudonyms }) => {
    const bob = valueOf(await pseudonyms.assign(BOB, 'p_bob' as never));
    for (const name of ['bob', 'nobody', 'carol', 'ada']) {
      await app.send('GET', `/people/${name}`, { headers: TOKEN });
    }
    assert.is(valueOf(await pseudonyms.known(userId('nobody'))), null);
    const [ada, carol] = [valueOf(await pseudonyms.known(ADA)), valueOf(await pseudonyms.known(userId('carol')))];
    assert.ok(carol !== null && carol !== ada);
    assert.equal(
      (await events()).map(({ actor, subject, outcome }) => [actor, subject, outcome]),
      [
        [ada, bob, 'refused'],
        [ada, null, 'refused'],
        [ada, carol, 'done'],
        [ada, ada, 'done'],
      ],
    );
  });
});

test('whoever signs in is the actor, and whoever cannot is nobody', async () => {
  const route = { method: 'POST', auth: 'none', audit: { action: 'login', dataTypes: ['account'] } } as const;
  const operations = {
    login: operation({ ...route, path: '/login' }, () =>
      okAsync({ ...REPLY, body: { name: '', access_token: 'good' } } as never),
    ),
    wrong: operation({ ...route, path: '/wrong' }, () => errAsync({ kind: 'invalid-credentials' })),
  };
  await audited(operations, async ({ app, events, pseudonyms }) => {
    await app.send('POST', '/login');
    await app.send('POST', '/wrong');
    const ada = valueOf(await pseudonyms.known(ADA));
    assert.ok(ada !== null);
    assert.equal(
      (await events()).map(({ actor, actorRoles, subject, outcome, problem }) => [
        actor,
        actorRoles,
        subject,
        outcome,
        problem,
      ]),
      [
        [ada, ['patient'], ada, 'done', null],
        [null, [], null, 'refused', 'invalid-credentials'],
      ],
    );
  });
});

test('a request id that the client has chosen is kept as a hash', async () => {
  await audited({ readThings: operation({ path: '/things' }) }, async ({ app, events }) => {
    await app.send('GET', '/things', { headers: { ...TOKEN, 'x-request-id': CANARY } });
    assert.match((await events())[0]?.requestId ?? '', /^sha256-[0-9a-f]{32}$/);
  });
});

test('the call by which somebody is forgotten is written down, and nothing leads from it to them', async () => {
  const known: unknown[] = [];
  const pseudonyms = new MemoryAuditPseudonyms();
  const store = new MemoryAuditStore();
  const recording = recordingOver(store, pseudonyms);
  const forget = operation({ path: '/me', method: 'DELETE', audit: { action: 'erase', dataTypes: ['account'] } }, () =>
    pseudonyms.known(ADA).andThen((before) => {
      known.push(before);
      return rememberErased(recording)(ADA)
        .andThen(() => pseudonyms.eraseOwner(ADA))
        .map(() => REPLY as never);
    }),
  );
  const app = await kernelApp(
    { forget, readThings: operation({ path: '/things' }) },
    {
      auditor: {
        pseudonyms: auditedPseudonyms(recording),
        known: (user) => pseudonyms.known(user),
        record: recordEvent(recording),
        authenticate: () => errAsync({ kind: 'invalid-token' }),
      },
    },
  );
  assert.is((await app.send('DELETE', '/me', { headers: TOKEN })).status, 200);
  // A token that another process still takes for good.
  assert.is((await app.send('GET', '/things', { headers: TOKEN })).status, 200);
  await app.close();
  assert.is(valueOf(await pseudonyms.known(ADA)), null);
  const entries = valueOf(await store.entries(valueOf(await store.days())[0]!.day, 0, 10));
  const [erased, later, ...others] = entries.map(({ text }) => entryContent(text)!.event);
  assert.equal(others, []);
  assert.equal([erased?.action, erased?.subject], ['erase', known[0]]);
  assert.ok(later?.subject !== null && later?.subject !== erased?.subject);
});

test('a table with a route that does not say how it is audited is not served', () => {
  const { audit: _, ...rest } = COMMON;
  const table = { readThings: { ...rest, path: '/things' } } as unknown as Record<string, RouteDefinition>;
  assert.throws(() => contractRouter({ endpoints: {}, settings: {} } as unknown as RouterDeps, table), /is audited/);
});

test('a table with a route that does not say who may call it is not served', () => {
  const { auth: _, ...rest } = COMMON;
  const table = { readThings: { ...rest, path: '/things' } } as unknown as Record<string, RouteDefinition>;
  assert.throws(() => contractRouter({ endpoints: {}, settings: {} } as unknown as RouterDeps, table), /may call it/);
});

const NOT_AUDITED = [
  'root',
  'liveness',
  'health',
  'healthDetailed',
  'ready',
  'openApi',
  'openApiOfVersion',
  'docs',
  'docsOfVersion',
  'problemIndex',
  'problemPage',
  'apiInfo',
  'redoc',
  'modelHealth',
  'modelMetrics',
  'metrics',
  'apiMetrics',
  'authHealth',
  // Is gone, and answers nothing.
  'queryHealthData',
  'healthDataHealth',
  'modelsInfo',
  'patHealth',
  'insightStatus',
  // Numbers of rooms and people alone.
  'roomStats',
  // Answer that a socket is wanted; the sockets are written down as what they are.
  'openRoom',
  'openHealthAnalysis',
];

test('every operation of the contract is audited but for those that touch nobody’s data', () => {
  const routes = Object.entries<RouteDefinition>(ROUTES);
  assert.equal(
    routes
      .filter(([, { audit }]) => audit === 'none')
      .map(([id]) => id)
      .toSorted(),
    NOT_AUDITED.toSorted(),
  );
  for (const [id, { audit, path }] of routes) {
    if (audit === 'none') continue;
    assert.ok(audit.dataTypes.length > 0, id);
    if (typeof audit.subject === 'string') assert.ok(path.includes(`{${audit.subject}}`), id);
  }
});

test.run();
