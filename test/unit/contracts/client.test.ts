import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createClient, type ClientOptions } from '../../../contracts/client.ts';

const client = suite('the typed client');

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A service that answers everything the same, and what it was sent. */
function answering(answer: () => Response): {
  readonly fetch: NonNullable<ClientOptions['fetch']>;
  readonly sent: Sent[];
} {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: (url, init) => {
      sent.push({
        url: url instanceof Request ? url.url : String(url),
        method: init?.method ?? '',
        headers: new Headers(init?.headers),
        body: init?.body,
      });
      return Promise.resolve(answer());
    },
  };
}

const json =
  (status: number, body: unknown, type = 'application/json') =>
  () =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });

client('a call goes to the path of its operation, with its token, its query and its body', async () => {
  const { fetch, sent } = answering(json(200, { insights: [] }));
  const { listHealthData, readProcessing, uploadHealthData } = createClient({
    baseUrl: 'http://clarity.example',
    token: () => 'secret',
    fetch,
  });
  await listHealthData({ query: { limit: 5, data_type: 'heart_rate', cursor: null } });
  await listHealthData();
  await readProcessing({ params: { processing_id: 'a/b' } });
  const body = {
    user_id: 'ada',
    upload_source: 'test',
    client_timestamp: '2025-01-06T08:00:00Z',
    metrics: [],
  } as const;
  await uploadHealthData({ body, idempotencyKey: 'k' });
  assert.equal(
    sent.map(({ method, url }) => `${method} ${url}`),
    [
      'GET http://clarity.example/api/v1/health-data?limit=5&data_type=heart_rate',
      'GET http://clarity.example/api/v1/health-data',
      'GET http://clarity.example/api/v1/health-data/processing/a%2Fb',
      'POST http://clarity.example/api/v1/health-data',
    ],
  );
  assert.ok(sent.every(({ headers }) => headers.get('authorization') === 'Bearer secret'));
  assert.equal(JSON.parse(String(sent[3]?.body)), body);
  assert.is(sent[3]?.headers.get('idempotency-key'), 'k');
  assert.is(sent[3]?.headers.get('content-type'), 'application/json');
});

client('an operation for everybody is not sent a token', async () => {
  const { fetch, sent } = answering(json(200, { status: 'healthy' }));
  const answer = await createClient({ baseUrl: '', token: () => 'secret', fetch }).liveness();
  assert.is(sent[0]?.headers.get('authorization'), null);
  assert.equal([answer.ok, answer.status, answer.ok && answer.body], [true, 200, { status: 'healthy' }]);
});

client('a problem is an answer, not an exception', async () => {
  const problem = { code: 'resource-not-found', status: 404, detail: 'no' };
  const { fetch } = answering(json(404, problem, 'application/problem+json'));
  const answer = await createClient({ baseUrl: '', fetch }).readProcessing({ params: { processing_id: 'x' } });
  assert.is(answer.ok, false);
  assert.equal(answer.ok ? null : [answer.status, answer.problem], [404, problem]);
});

client('what something in front of the service answers is told from the service', async () => {
  const { fetch } = answering(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
  const answer = await createClient({ baseUrl: '', fetch }).liveness();
  assert.equal(answer.ok ? null : [answer.status, answer.problem.code, answer.problem.request_id], [
    502,
    'service-unavailable',
    '',
  ]);
});

client('a list that has not changed is an empty success', async () => {
  const { fetch, sent } = answering(() => new Response(null, { status: 304 }));
  const { openApi } = createClient({ baseUrl: '', fetch });
  const answer = await openApi({ headers: { 'if-none-match': 'W/"x"' } });
  assert.equal([answer.ok, answer.status, sent[0]?.headers.get('if-none-match')], [true, 304, 'W/"x"']);
});

client('a text is given as text', async () => {
  const { fetch } = answering(() => new Response('<p>', { headers: { 'content-type': 'text/html' } }));
  const answer = await createClient({ baseUrl: '', fetch }).docs();
  assert.is(answer.ok && answer.body, '<p>');
});

client('a file is sent as it is, or as a form', async () => {
  const { fetch, sent } = answering(json(202, {}));
  const { uploadHealthKitExport } = createClient({ baseUrl: '', fetch });
  const content = new Uint8Array([1, 2]);
  await uploadHealthKitExport({ file: { mediaType: 'application/zip', content } });
  const form = new FormData();
  form.set('file', new Blob([content]));
  await uploadHealthKitExport({ file: form });
  assert.is(sent[0]?.body, content);
  assert.is(sent[0]?.headers.get('content-type'), 'application/zip');
  assert.is(sent[1]?.body, form);
  assert.is(sent[1]?.headers.get('content-type'), null);
});

client.run();
