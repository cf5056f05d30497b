import type * as t from 'io-ts';
import { pino } from 'pino';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PasswordHashes } from '../../../adapters/local-identity/password-hashes.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { insightRoutes } from '../../../contracts/http/insights.ts';
import { startService } from '../../../hosts/express/service.ts';
import { readConfig } from '../../../hosts/wiring/config.ts';
import { memoryStorage } from '../../../hosts/wiring/storage.ts';
import { CHEAP_ARGON2 } from '../../integration/local-identity/local-installation.ts';
import { WEEK_COUNTS } from '../analysis/recordings.ts';
import { valueOf } from '../result-values.ts';

const insights = suite('the routes of insights, over HTTP');

type Json = Readonly<Record<string, unknown>>;
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}
type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>;

interface Person {
  readonly id: string;
  readonly ask: Ask;
}

const asking =
  (url: string, token: string | null): Ask =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
  };

/** Runs the work against a whole service on memory stores. */
async function withService(
  work: (service: { readonly stranger: Ask; readonly person: (name: string) => Promise<Person> }) => Promise<void>,
): Promise<void> {
  const config = valueOf(
    readConfig({
      ENVIRONMENT: 'testing',
      STORAGE: 'memory',
      HOST: '127.0.0.1',
      PORT: '0',
      RUN_JOBS: 'false',
      PAT_MODEL_BASE_DIR: '/nowhere/clarity-without-models',
    }),
  );
  const service = await startService({
    config,
    logger: pino({ level: 'silent' }),
    storage: memoryStorage(),
    passwords: new PasswordHashes({ cost: CHEAP_ARGON2 }),
  });
  const stranger = asking(service.url, null);
  const person = async (name: string): Promise<Person> => {
    const account = { email: `${name}@example.org`, password: 'Correct1horse-battery' };
    const registered = await stranger('POST', '/api/v1/auth/register', account);
    const ask = asking(service.url, String(registered.json['access_token']));
    return { id: String((await ask('GET', '/api/v1/auth/me')).json['user_id']), ask };
  };
  try {
    await work({ stranger, person });
  } finally {
    await service.stop();
  }
}

const held = ({ status, json }: Reply, id: keyof typeof insightRoutes): { data: Json; metadata: Json } => {
  assert.is(status, 200, JSON.stringify(json));
  const response = (insightRoutes[id] as RouteDefinition).responses[200];
  const codec: t.Mixed | null = response?.kind === 'json' ? response.codec : null;
  assert.is(codec?.is(json), true, `${id} answers ${JSON.stringify(json)}`);
  assert.is(json['success'], true);
  const metadata = json['metadata'] as Json;
  assert.match(String(metadata['request_id']), /^req_insights_[0-9a-f]{8}$/);
  assert.equal([metadata['service'], metadata['generator']], ['clarity-insights', 'rules']);
  return { data: json['data'] as Json, metadata };
};

const RESULTS = { analysis_results: { sleep_efficiency: 81.4, total_sleep_time: 6.5 }, insight_type: 'sleep' };

const FIRST_MS = Date.UTC(2025, 0, 6);
const COUNTS = {
  data_points: Array.from(WEEK_COUNTS.subarray(0, 2880), (value, i) => ({
    timestamp: new Date(FIRST_MS + i * 60_000).toISOString(),
    value,
  })),
};

insights('results that are sent become an insight, which is read and listed', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    for (const path of ['/api/v1/insights', '/api/v1/insights/']) {
      const made = held(await ada.ask('POST', path, RESULTS), 'generateInsight');
      assert.match(String(made.data['narrative']), '81 % of the time in bed');
      assert.equal(
        [made.data['user_id'], made.data['insight_type'], made.data['processing_id'], made.data['generator']],
        [ada.id, 'sleep', null, 'rules'],
      );
      assert.equal(made.data['facts'], [
        { name: 'total_sleep_time', value: 6.5, unit: 'h', origin: 'client', proxy: false },
        { name: 'sleep_efficiency', value: 81.4, unit: '%', origin: 'client', proxy: false },
      ]);
      assert.match(String(made.data['insight_id']), /^insight_[0-9a-f]{32}$/);
      assert.is(made.metadata['insight_id'], made.data['insight_id']);
      assert.type(made.metadata['processing_time_ms'], 'number');
      const read = held(await ada.ask('GET', `/api/v1/insights/${String(made.data['insight_id'])}`), 'readInsight');
      assert.equal(read.data, made.data);
    }
    const { data } = held(await ada.ask('GET', `/api/v1/insights/history/${ada.id}`), 'insightHistory');
    const [newest] = data['insights'] as readonly Json[];
    assert.is(data['total_count'], 2);
    assert.is(String(newest?.['narrative']).length, 203);
    assert.match(String(newest?.['narrative']), /\.\.\.$/);
    assert.equal([newest?.['key_insights_count'], newest?.['recommendations_count']], [2, 2]);
  });
});

insights('a stored analysis becomes an insight by its processing id', async () => {
  await withService(async ({ person }) => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    const analysed = await ada.ask('POST', '/api/v1/pat/analysis', COUNTS);
    const id = String(analysed.json['analysis_id']);
    const { data } = held(await ada.ask('POST', '/api/v1/insights', { processing_id: id }), 'generateInsight');
    assert.is(data['processing_id'], id);
    assert.is(data['insight_type'], 'comprehensive');
    assert.ok((data['facts'] as readonly Json[]).every(({ origin }) => origin === 'analysis'));
    const [theirs, unknown] = [
      await bob.ask('POST', '/api/v1/insights', { processing_id: id }),
      await bob.ask('POST', '/api/v1/insights', { processing_id: 'never-was' }),
    ];
    assert.equal([theirs.status, theirs.json['code']], [404, 'resource-not-found']);
    assert.equal({ ...theirs.json, request_id: null }, { ...unknown.json, request_id: null });
  });
});

insights('an upload that is not analysed yet is a conflict', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const sent = await ada.ask('POST', '/api/v1/health-data', {
      user_id: ada.id,
      upload_source: 'test',
      client_timestamp: '2025-01-06T08:00:00Z',
      metrics: [{ metric_type: 'heart_rate', biometric_data: { heart_rate: 60 }, created_at: '2025-01-06T07:00:00Z' }],
    });
    assert.is(sent.status, 201, JSON.stringify(sent.json));
    const reply = await ada.ask('POST', '/api/v1/insights', { processing_id: sent.json['processing_id'] });
    assert.equal([reply.status, reply.json['code']], [409, 'analysis-not-ready']);
  });
});

insights('a sleep efficiency that is no number is set aside, and said', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const body = { analysis_results: { sleep_efficiency: 'good' }, context: 'hello', language: 'de' };
    const { data } = held(await ada.ask('POST', '/api/v1/insights', body), 'generateInsight');
    assert.is(data['confidence_score'], null);
    assert.equal(
      (data['not_computed'] as readonly Json[]).map(({ field }) => field),
      ['sleep_efficiency', 'language', 'context', 'confidence_score'],
    );
    assert.not.match(JSON.stringify(data), 'hello');
  });
});

insights('recommendations are left out where they are not wanted', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const body = { ...RESULTS, include_recommendations: false };
    const { data } = held(await ada.ask('POST', '/api/v1/insights', body), 'generateInsight');
    assert.equal(data['recommendations'], []);
  });
});

insights('exactly one source of numbers is needed, and other fields are refused by name', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    for (const [body, pointer, code] of [
      [{}, '/analysis_results', 'missing'],
      [{ analysis_results: null, processing_id: null }, '/analysis_results', 'missing'],
      [{ ...RESULTS, processing_id: 'x' }, '/processing_id', 'conflict'],
      [{ ...RESULTS, mood: 1 }, '/mood', 'unknown_property'],
      [{ analysis_results: [1] }, '/analysis_results', 'invalid'],
      [{ ...RESULTS, include_recommendations: 'yes' }, '/include_recommendations', 'invalid'],
      [{ ...RESULTS, insight_type: '' }, '/insight_type', 'invalid'],
    ] as const) {
      const { status, json } = await ada.ask('POST', '/api/v1/insights', body);
      assert.equal([status, json['code']], [422, 'validation-error'], JSON.stringify(body));
      const [error] = json['errors'] as readonly Json[];
      assert.equal([error?.['pointer'], error?.['code']], [pointer, code]);
    }
    assert.is((await ada.ask('POST', '/api/v1/insights', '{')).json['code'], 'malformed-json');
  });
});

insights('the same call with the same key is one insight', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const call = () => ada.ask('POST', '/api/v1/insights', RESULTS, { 'idempotency-key': 'once' });
    const [first, second] = [await call(), await call()];
    assert.equal([first.status, second.status], [200, 200]);
    assert.equal(second.json, first.json);
    const { data } = held(await ada.ask('GET', `/api/v1/insights/history/${ada.id}`), 'insightHistory');
    assert.is(data['total_count'], 1);
  });
});

insights('the history is paged, and its counts are right on every page', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const made: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { metadata } = held(await ada.ask('POST', '/api/v1/insights', RESULTS), 'generateInsight');
      made.push(String(metadata['insight_id']));
    }
    const page = async (query: string) =>
      held(await ada.ask('GET', `/api/v1/insights/history/${ada.id}${query}`), 'insightHistory').data;
    const seen: string[] = [];
    for (const [query, count, more, pagination] of [
      ['?limit=2', 2, true, { limit: 2, offset: 0, current_page: 1, total_pages: 3 }],
      ['?limit=2&offset=2', 2, true, { limit: 2, offset: 2, current_page: 2, total_pages: 3 }],
      ['?limit=2&offset=4', 1, false, { limit: 2, offset: 4, current_page: 3, total_pages: 3 }],
      ['?limit=2&offset=6', 0, false, { limit: 2, offset: 6, current_page: 4, total_pages: 3 }],
    ] as const) {
      const data = await page(query);
      const listed = (data['insights'] as readonly Json[]).map(({ id }) => String(id));
      assert.equal([listed.length, data['has_more'], data['total_count']], [count, more, 5], query);
      assert.equal(data['pagination'], pagination);
      seen.push(...listed);
    }
    assert.equal([...seen].sort(), [...made].sort());
    assert.equal((await page(''))['pagination'], { limit: 10, offset: 0, current_page: 1, total_pages: 1 });
    for (const query of ['limit=0', 'limit=101', 'limit=-1', 'limit=x', 'offset=-1']) {
      const refused = await ada.ask('GET', `/api/v1/insights/history/${ada.id}?${query}`);
      assert.equal([refused.status, refused.json['code']], [422, 'validation-error'], query);
    }
  });
});

insights("somebody else's insights are as unknown ones", async () => {
  await withService(async ({ person }) => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    const { metadata } = held(await ada.ask('POST', '/api/v1/insights', RESULTS), 'generateInsight');
    const bodyOf = async (path: string): Promise<Json> => {
      const { status, json } = await bob.ask('GET', path);
      assert.is(status, 404);
      return { ...json, request_id: null, instance: null };
    };
    const unknown = await bodyOf('/api/v1/insights/insight_00000000000000000000000000000000');
    assert.equal(await bodyOf(`/api/v1/insights/${String(metadata['insight_id'])}`), unknown);
    assert.equal(await bodyOf(`/api/v1/insights/history/${ada.id}`), unknown);
    assert.equal(await bodyOf('/api/v1/insights/history/nobody'), unknown);
    const own = held(await bob.ask('GET', `/api/v1/insights/history/${bob.id}`), 'insightHistory').data;
    assert.equal([own['insights'], own['total_count'], own['has_more']], [[], 0, false]);
  });
});

insights('the status names the narrator that is used, and is no insight’s id', async () => {
  await withService(async ({ person }) => {
    const ada = await person('ada');
    const { data } = held(await ada.ask('GET', '/api/v1/insights/status'), 'insightStatus');
    assert.equal([data['service'], data['status'], data['generator']], ['clarity-insights', 'healthy', 'rules']);
    assert.equal(data['model'], {
      model_name: 'rules',
      project_id: null,
      initialized: true,
      capabilities: ['sleep_insights', 'circadian_insights', 'activity_insights'],
    });
  });
});

insights('nobody is answered without a token', async () => {
  await withService(async ({ stranger }) => {
    for (const [method, path] of [
      ['POST', '/api/v1/insights'],
      ['GET', '/api/v1/insights/status'],
      ['GET', '/api/v1/insights/x'],
      ['GET', '/api/v1/insights/history/x'],
    ] as const) {
      const { status, json } = await stranger(method, path, method === 'POST' ? RESULTS : undefined);
      assert.equal([status, json['code']], [401, 'authentication-required'], path);
    }
  });
});

insights.run();
