import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { userId } from '../../core/kernel/ids.ts';
import { contentOf } from '../unit/account/account-content.ts';
import { untilProcessed, type Answer, type Call } from './running-service.ts';
import { withService, type Registered } from './in-process-service.ts';

/** What people do with what they have sent: page through it, look at it over time, delete it, delete themselves. */
const own = suite('one’s own data over HTTP');

const refused = (answer: Answer, status: number, code: string): void => {
  assert.is(answer.status, status, answer.text);
  assert.equal([answer.json.code, answer.json.status], [code, status]);
};

const NOON = Date.parse('2025-03-03T12:00:00Z');

const heartRate = (minute: number, rate: number) => ({
  metric_type: 'heart_rate',
  biometric_data: { heart_rate: rate },
  created_at: new Date(NOON + minute * 60_000).toISOString(),
});

async function send(call: Call, who: Registered, metrics: readonly object[], source = 'watch'): Promise<string> {
  const json = { user_id: who.id, upload_source: source, client_timestamp: '2025-03-03T12:00:00Z', metrics };
  const answer = await call('POST', '/api/v1/health-data', { token: who.token, json });
  assert.is(answer.status, 201, answer.text);
  const id = String(answer.json.processing_id);
  await untilProcessed(call, who.token, id);
  return id;
}

/** Path and query of a link. */
const pathOf = (link: string): string => {
  const { pathname, search } = new URL(link);
  return pathname + search;
};

const ratesOf = ({ json }: Answer): readonly number[] =>
  json.data.map((metric: any) => metric.biometric_data.heart_rate);

own('a list is read page by page in both directions, whatever arrives meanwhile', async () => {
  await withService(async ({ call, ada }) => {
    const { token } = ada;
    await send(
      call,
      ada,
      [10, 20, 30, 40, 50, 60].map((minute) => heartRate(minute, 100 + minute)),
    );
    const list = '/api/v1/health-data?limit=2&data_type=heart_rate&source=watch';
    const first = await call('GET', list, { token });
    assert.equal(ratesOf(first), [160, 150]);
    assert.equal([first.json.pagination.has_next, first.json.pagination.has_previous], [true, false]);
    assert.equal([first.json.pagination.previous_cursor, first.json.links.previous], [null, null]);
    // Before, at and after the place that the reader has come to.
    await send(call, ada, [heartRate(70, 170), heartRate(50, 151), heartRate(35, 135)]);
    const second = await call('GET', pathOf(first.json.links.next), { token });
    const all: number[] = [...ratesOf(first), ...ratesOf(second)];
    let page = second;
    while (page.json.pagination.has_next) {
      page = await call('GET', pathOf(page.json.links.next), { token });
      all.push(...ratesOf(page));
    }
    assert.is(new Set(all).size, all.length, 'nothing comes twice');
    for (const rate of [110, 120, 130, 140, 150, 160]) assert.ok(all.includes(rate), 'nothing is missed');
    assert.ok(all.includes(135) && !all.includes(170));
    assert.is(page.json.pagination.next_cursor, null);
    // And back again, from the last page to the newest.
    const back: number[] = [...ratesOf(page)];
    while (page.json.pagination.has_previous) {
      page = await call('GET', pathOf(page.json.links.previous), { token });
      back.unshift(...ratesOf(page));
    }
    const everything = ratesOf(await call('GET', '/api/v1/health-data', { token }));
    assert.equal(back, everything);
  });
});

own('links keep the filters, and an offset still works', async () => {
  await withService(async ({ call, ada }) => {
    const { token } = ada;
    await send(
      call,
      ada,
      [1, 2, 3, 4, 5].map((minute) => heartRate(minute, 100 + minute)),
    );
    const query = 'data_type=heart_rate&start_date=2025-03-03T00:00:00Z&end_date=2025-03-04T00:00:00Z&source=watch';
    const { json } = await call('GET', `/api/v1/health-data/?offset=2&limit=2&${query}`, { token });
    assert.equal(json.data.length, 2);
    const links: Record<string, string | null> = json.links;
    assert.is(links['last'], null);
    for (const name of ['self', 'first', 'next', 'previous']) {
      const search = new URL(links[name] ?? '').searchParams;
      for (const [key, value] of new URLSearchParams(query)) assert.is(search.get(key), value, name);
      assert.is(search.get('limit'), '2');
    }
    const offsetIn = (name: string) => new URL(links[name] ?? '').searchParams.get('offset');
    assert.equal(['self', 'first', 'previous', 'next'].map(offsetIn), ['2', null, null, null]);
    assert.equal(ratesOf(await call('GET', pathOf(links['next'] ?? ''), { token })), [101]);
    assert.equal(ratesOf(await call('GET', pathOf(links['previous'] ?? ''), { token })), [105, 104]);
    const cursor = String(json.pagination.previous_cursor);
    assert.equal(ratesOf(await call('GET', `/api/v1/health-data?limit=2&cursor=${cursor}`, { token })), [105, 104]);
    const far = await call('GET', '/api/v1/health-data?offset=3&limit=1', { token });
    assert.is(new URL(far.json.links.previous).searchParams.get('offset'), '2');
  });
});

own('a page whose metrics were deleted still leads back and on', async () => {
  await withService(async ({ call, ada }) => {
    const { token } = ada;
    await send(call, ada, [heartRate(30, 130)]);
    const middle = await send(call, ada, [heartRate(20, 120)]);
    await send(call, ada, [heartRate(10, 110)]);
    const first = await call('GET', '/api/v1/health-data?limit=1', { token });
    const second = await call('GET', pathOf(first.json.links.next), { token });
    const third = await call('GET', pathOf(second.json.links.next), { token });
    assert.equal([ratesOf(second), ratesOf(third)], [[120], [110]]);
    const beforeMiddle = await call('GET', pathOf(second.json.links.previous), { token });
    assert.equal([ratesOf(beforeMiddle), beforeMiddle.json.pagination.has_next], [[130], true]);
    // Everything at and beyond the reader's place goes.
    for (const { processing_id } of (await call('GET', '/api/v1/health-data', { token })).json.data) {
      if (processing_id !== middle) await call('DELETE', `/api/v1/health-data/${String(processing_id)}`, { token });
    }
    const empty = await call('GET', pathOf(second.json.links.next), { token });
    assert.equal([empty.json.data, empty.json.pagination.has_next], [[], false]);
    assert.equal(ratesOf(await call('GET', pathOf(empty.json.links.previous), { token })), [120]);
    const emptyToo = await call('GET', pathOf(second.json.links.previous), { token });
    assert.equal([emptyToo.json.data, emptyToo.json.pagination.has_previous], [[], false]);
    assert.equal(ratesOf(await call('GET', pathOf(emptyToo.json.links.next), { token })), [120]);
  });
});

own('a cursor that was not given out is refused, and one tells nothing of whose list it is', async () => {
  await withService(async ({ call, ada, bob }) => {
    await send(call, ada, [heartRate(1, 101), heartRate(2, 102)]);
    await send(call, bob, [heartRate(1, 61), heartRate(2, 62)]);
    for (const cursor of ['', 'garbage', 'WzFd', 'x'.repeat(2000)]) {
      refused(await call('GET', `/api/v1/health-data?cursor=${cursor}`, { token: ada.token }), 400, 'invalid-cursor');
    }
    const cursorOf = async ({ token }: Registered) =>
      String((await call('GET', '/api/v1/health-data?limit=1', { token })).json.pagination.next_cursor);
    const theirs = await call('GET', `/api/v1/health-data?cursor=${await cursorOf(bob)}`, { token: ada.token });
    assert.equal(theirs.status, 200);
    for (const rate of ratesOf(theirs)) assert.ok(rate > 100);
  });
});

own('a list that has not changed need not be sent again', async () => {
  await withService(async ({ url, call, ada }) => {
    await send(call, ada, [heartRate(1, 101)]);
    const get = (etag?: string) =>
      fetch(`${url}/api/v1/health-data`, {
        headers: {
          authorization: `Bearer ${ada.token}`,
          // Left out, `fetch` would ask that nothing be remembered.
          'cache-control': 'max-age=0',
          ...(etag === undefined ? {} : { 'if-none-match': etag }),
        },
      });
    const etag = (await get()).headers.get('etag') ?? '';
    assert.ok(etag !== '');
    assert.is((await get(etag)).status, 304);
    await send(call, ada, [heartRate(2, 102)]);
    assert.is((await get(etag)).status, 200);
  });
});

own('the endpoint that was removed says what to use instead', async () => {
  await withService(async ({ call, ada }) => {
    const answer = await call('GET', '/api/v1/health-data/query', { token: ada.token });
    refused(answer, 410, 'gone');
    const { migration, removed_date: removedDate } = answer.json;
    assert.is(migration.new_endpoint, 'GET /api/v1/health-data');
    assert.match(migration.documentation, /\/docs$/);
    assert.equal([migration.benefits.length, removedDate], [4, '2025-06-11']);
    refused(await call('GET', '/api/v1/health-data/query'), 401, 'authentication-required');
  });
});

own('an upload is deleted by its owner alone, with what was made of it', async () => {
  await withService(async ({ call, storage, ada, bob }) => {
    const kept = await send(call, ada, [heartRate(5, 105)]);
    const id = await send(call, ada, [heartRate(1, 101), heartRate(2, 102)]);
    const where = `/api/v1/health-data/${id}`;
    const foreign = await call('DELETE', where, { token: bob.token });
    const unknown = await call('DELETE', '/api/v1/health-data/nothing', { token: bob.token });
    for (const answer of [foreign, unknown]) refused(answer, 404, 'resource-not-found');
    assert.equal({ ...foreign.json, request_id: 0, instance: 0 }, { ...unknown.json, request_id: 0, instance: 0 });
    const { status, json } = await call('DELETE', where, { token: ada.token });
    assert.is(status, 200);
    assert.equal([json.message, json.processing_id], ['Health data deleted successfully', id]);
    assert.equal(json.deleted, {
      samples: 0,
      metrics: 2,
      analyses: json.deleted.analyses,
      insights: 0,
      raw_objects: 1,
    });
    assert.ok(Date.parse(json.deleted_at) > 0);
    refused(await call('DELETE', where, { token: ada.token }), 404, 'resource-not-found');
    refused(await call('GET', `/api/v1/health-data/processing/${id}`, { token: ada.token }), 404, 'resource-not-found');
    refused(await call('GET', `/api/v1/pat/analysis/${id}`, { token: ada.token }), 404, 'resource-not-found');
    assert.equal(ratesOf(await call('GET', '/api/v1/health-data', { token: ada.token })), [105]);
    const keys = (await storage.objects.list(userId(ada.id))).unwrapOr([]);
    assert.ok(keys.length === 1 && keys[0]?.includes(kept) === true);
    const told = (await storage.ownerEvents.after(userId(ada.id), null, 100)).unwrapOr([]);
    assert.equal(
      told.filter(({ upload }) => upload === id).map(({ type, data }) => [type, data['metrics']]),
      [['data.deleted', 2]],
    );
  });
});

own('an account is not deleted by a token alone', async () => {
  await withService(async ({ call, ada, bob }) => {
    await send(call, ada, [heartRate(1, 101)]);
    for (const query of ['', '?confirm=', '?confirm=yes', `?confirm=${bob.id}`]) {
      const answer = await call('DELETE', `/api/v1/me${query}`, { token: ada.token });
      refused(answer, 422, 'confirmation-required');
      assert.match(answer.json.detail, 'X-Confirm-Delete');
      assert.is(answer.json.errors[0].pointer, '/header/X-Confirm-Delete');
    }
    refused(await call('DELETE', `/api/v1/me?confirm=${ada.id}`), 401, 'authentication-required');
    assert.is((await call('GET', '/api/v1/health-data', { token: ada.token })).json.data.length, 1);
  });
});

own('a deleted account leaves nothing, its token is worth nothing, and the neighbour keeps everything', async () => {
  await withService(async ({ url, call, storage, ada, bob }) => {
    await send(call, ada, [heartRate(1, 101)]);
    await send(call, bob, [heartRate(1, 61)]);
    const before = await contentOf(storage, userId(bob.id), []);
    // A look by the same person a moment ago does not help them.
    assert.is((await call('GET', '/api/v1/health-data', { token: ada.token })).status, 200);
    const response = await fetch(`${url}/api/v1/me`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ada.token}`, 'X-Confirm-Delete': ada.id },
    });
    const body = (await response.json()) as { readonly message: string; readonly deleted_at: string };
    assert.equal([response.status, body.message], [200, 'Account deleted successfully']);
    assert.ok(Date.parse(body.deleted_at) > 0);
    const isGone = async (): Promise<boolean> =>
      Object.values(await contentOf(storage, userId(ada.id), [])).every(({ length }) => length === 0);
    assert.ok(await isGone());
    const json = {
      user_id: ada.id,
      upload_source: 'watch',
      client_timestamp: '2025-03-03T12:00:00Z',
      metrics: [heartRate(2, 102)],
    };
    refused(await call('POST', '/api/v1/health-data', { token: ada.token, json }), 401, 'authentication-required');
    refused(await call('PUT', '/api/v1/auth/me', { token: ada.token, json: {} }), 401, 'authentication-required');
    refused(await call('DELETE', `/api/v1/me?confirm=${ada.id}`, { token: ada.token }), 401, 'authentication-required');
    refused(await call('GET', '/api/v1/auth/me', { token: ada.token }), 401, 'authentication-required');
    const refresh = { refresh_token: ada.refreshToken };
    refused(await call('POST', '/api/v1/auth/refresh', { json: refresh }), 401, 'invalid-refresh-token');
    assert.ok(await isGone());
    assert.equal(await contentOf(storage, userId(bob.id), []), before);
    assert.is((await call('GET', '/api/v1/health-data', { token: bob.token })).json.data.length, 1);
    const again = { email: 'ada@example.org', password: 'Correct-horse-7' };
    assert.is((await call('POST', '/api/v1/auth/register', { json: again })).status, 201);
  });
});

own.run();
