import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { FEATURE_NAMES, type FeatureName } from '../../contracts/features.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { FEATURES } from '../../core/flags/model.ts';
import { startInProcess, type InProcessService } from '../e2e/in-process-service.ts';
import { askerOf } from './ask.ts';
import { TABLE } from './filled-call.ts';

/** What is turned off is not there, for whoever asks and however; what is not turned off is. */
const features = suite('features on every route');

/** The feature that a path belongs to, by how it begins; the first that fits. A change of the contract has to be made here too. */
const BELONGS_TO: readonly (readonly [RegExp, FeatureName | null])[] = [
  [/^\/api\/v1\/auth\//, 'auth'],
  [/^\/api\/v1\/(?:health-data|healthkit|events|webhooks|research)(?:\/|$)/, 'data'],
  [/^\/api\/v1\/me\/import$/, 'data'],
  [/^\/api\/v1\/patients\/\{patient_id\}\/analysis$/, 'analysis'],
  [/^\/api\/v1\/patients\/\{patient_id\}\/insights$/, 'insights'],
  [/^\/api\/v1\/patients(?:\/|$)/, 'data'],
  [/^\/api\/v1\/(?:pat\/|ws\/health-analysis\/)/, 'analysis'],
  [/^\/api\/v1\/(?:insights|ws)(?:\/|$)/, 'insights'],
  // What people decide about their data and learn of them, and what operators do, is always there.
  [/^\/api\/v1\/(?:me|me\/export|consents|audit|admin)(?:\/|$)/, null],
  [
    /^\/(?:$|health$|docs$|problems|openapi\.json$|metrics$|api\/v1(?:$|\/(?:health|docs|redoc|openapi\.json|metrics)))/,
    null,
  ],
];

function featureOf({ method, path }: RouteDefinition): FeatureName | null {
  const found = BELONGS_TO.find(([form]) => form.test(path));
  if (found === undefined) throw new Error(`${method} ${path}: nobody has written here which feature it belongs to`);
  return found[1];
}

const nameOf = ({ method, path }: RouteDefinition): string => `${method} ${path}`;

async function withFeatures(text: string, work: (service: InProcessService) => Promise<void>): Promise<void> {
  const service = await startInProcess({ FEATURES: text });
  try {
    await work(service);
  } finally {
    await service.close();
  }
}

/** What a handshake without a token is answered with; null where it is let in, to be sent away with a close code. */
const refusalOf = (service: InProcessService, path: string, token = ''): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}${path}?token=${token}`);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.once('close', () => {
      resolve(null);
    });
    socket.once('error', reject);
  });

const WEB_SOCKETS: readonly (readonly [string, FeatureName])[] = [
  ['/api/v1/ws/lobby', 'insights'],
  ['/api/v1/ws/health-analysis/ada', 'analysis'],
];

features('the contract and the core name the same features, and every route belongs where it is written here', () => {
  assert.equal([...FEATURE_NAMES], [...FEATURES]);
  assert.equal(
    TABLE.filter(([, route]) => (route.feature ?? null) !== featureOf(route)).map(([, route]) => nameOf(route)),
    [],
  );
  for (const name of FEATURES)
    assert.ok(
      TABLE.some(([, { feature }]) => feature === name),
      name,
    );
});

for (const off of FEATURES) {
  features(`without ${off}, its operations are gone from the service and from its document, and only they`, () =>
    withFeatures(`${off}:off`, async (service) => {
      const ask = askerOf(service.url);
      // Nobody has this token: what is gone is gone before it is looked at.
      const gaps: string[] = [];
      for (const [id, route] of TABLE) {
        const where = route.path.replaceAll(/\{\w+\}/g, 'any');
        for (const token of [null, 'none.of.ours']) {
          const { status, text } = await ask({ method: route.method, where, token });
          const isGone = status === 404 && text.includes('"feature-disabled"');
          if (isGone !== (featureOf(route) === off)) gaps.push(`${id}: ${String(status)} ${text.slice(0, 80)}`);
          if (isGone) assert.is((JSON.parse(text) as { readonly feature: string }).feature, off);
        }
      }
      assert.equal(gaps, []);

      const { paths } = JSON.parse((await ask({ method: 'GET', where: '/openapi.json' })).text) as {
        readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      };
      const documented = Object.entries(paths).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
      );
      const there = TABLE.filter(([, { feature }]) => feature !== off).map(([, route]) => nameOf(route));
      assert.equal(documented.sort(), there.sort());

      for (const [path, feature] of WEB_SOCKETS) {
        assert.is(await refusalOf(service, path), feature === off ? 404 : null, path);
      }
    }),
  );
}

features('a path of which everything is turned off does not tell which methods it knows', () =>
  withFeatures('insights:off', async ({ url }) => {
    const ask = askerOf(url);
    for (const method of ['PUT', 'OPTIONS', 'HEAD', 'DELETE']) {
      const { status, headers } = await ask({ method, where: '/api/v1/insights/some' });
      assert.equal([status, headers.get('allow')], [404, null], method);
    }
    assert.is((await ask({ method: 'PUT', where: '/api/v1/health-data' })).status, 405);
  }),
);

features('with a share, the person decides: after it is known who calls, and the same way each time', () =>
  withFeatures('data:50%,analysis:50%', async (service) => {
    const ask = askerOf(service.url);
    const { status, text } = await ask({ method: 'GET', where: '/api/v1/health-data' });
    assert.is(status, 401, text);
    const seen = new Set<string>();
    // Of the first twenty people at least one is in, and one is not; that they are not has a chance of one in 500,000.
    for (let i = 0; i < 20 && seen.size < 2; i++) {
      const { token, id } = await service.person(`share-${String(i)}@example.org`);
      const first = await ask({ method: 'GET', where: '/api/v1/health-data', token });
      const again = await ask({ method: 'GET', where: '/api/v1/health-data/series/types', token });
      assert.is(again.status, first.status, 'every operation of a feature answers alike');
      assert.ok(first.status === 200 || first.text.includes('is turned off for you'), first.text);
      seen.add(String(first.status));
      const path = `/api/v1/ws/health-analysis/${id}`;
      const isOn = (await ask({ method: 'GET', where: '/api/v1/pat/models/info', token })).status === 200;
      assert.is(await closeCodeOf(service, path, token), isOn ? 'open' : '4004');
      assert.is((await ask({ method: 'GET', where: '/api/v1/auth/me', token })).status, 200);
    }
    assert.equal([...seen].sort(), ['200', '404']);
    const { text: document } = await service.call('GET', '/openapi.json');
    assert.match(document, '"/api/v1/health-data"', 'what somebody has is documented');
  }),
);

/** The code with which a socket is closed; `open` where it is not, and says hello instead. */
const closeCodeOf = (service: InProcessService, path: string, token: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}${path}?token=${token}`);
    socket.once('close', (code) => {
      resolve(String(code));
    });
    socket.once('message', () => {
      socket.removeAllListeners('close');
      socket.terminate();
      resolve('open');
    });
    socket.once('error', reject);
  });

features('health tells which features are on', () =>
  withFeatures('analysis:25%,insights:off', async ({ call }) => {
    const { text } = await call('GET', '/api/v1/health/ready');
    const { checks } = JSON.parse(text) as {
      readonly checks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    assert.equal(
      [checks['features']?.['status'], checks['features']?.['message']],
      ['healthy', 'auth:on,data:on,analysis:25%,insights:off'],
    );
  }),
);

features.run();
