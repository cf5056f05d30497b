import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { goNoGoCommand } from '../../../hosts/cli/commands/go-no-go.ts';
import type { Judged } from '../../../core/release/model.ts';
import { ServiceMetrics } from '../../../hosts/wiring/observe/service-metrics.ts';

/** The command over HTTP, against metrics that the service's own recorder has made. */
const command = suite('clarity go-no-go');

interface Said {
  readonly code: number;
  readonly out: readonly string[];
  readonly notes: readonly string[];
}

let server: Server;
let url = '';
let answer: (path: string) => Promise<string> = () => Promise.resolve('');
const asked: string[] = [];

command.before(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    answer(path).then(
      (text) => response.end(text),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

command.after(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Runs the command; `meanwhile` happens between the two readings. */
async function run(args: readonly string[], meanwhile: () => void = () => undefined): Promise<Said> {
  const [out, notes]: [string[], string[]] = [[], []];
  const output = { out: (line: string) => out.push(line), note: (line: string) => notes.push(line), progress: null };
  const wait = (): Promise<void> => {
    meanwhile();
    return Promise.resolve();
  };
  const code = await goNoGoCommand(args, output, { fetchUrl: (where, init) => fetch(where, init), wait });
  return { code, out, notes };
}

/** What was said for a program. */
const told = (out: readonly string[]) =>
  JSON.parse(out.join('\n')) as {
    readonly phase: string;
    readonly verdict: string;
    readonly judged: readonly Judged[];
  };

const LIST = { method: 'GET', route: '/api/v1/health-data' };
const EXPORT = { method: 'POST', route: '/api/v1/healthkit/export' };
const LOGIN = { method: 'POST', route: '/api/v1/auth/login' };

type Call = typeof LIST;

const record = (metrics: ServiceMetrics, call: Call, status: number, count: number, seconds = 0.02): void => {
  for (let i = 0; i < count; i++) metrics.http.ended({ ...call, status, seconds });
};

const showing = (metrics: ServiceMetrics): void => {
  answer = () => metrics.text();
};

command('only what came during the window counts, and only of the phase', async () => {
  const metrics = new ServiceMetrics();
  record(metrics, LIST, 500, 1000, 10);
  showing(metrics);
  const { code, out } = await run(['--phase', 'data', '--url', url, '--window', '5min', '--json'], () => {
    record(metrics, LIST, 200, 980);
    record(metrics, LIST, 401, 15);
    record(metrics, LIST, 503, 5);
    record(metrics, LOGIN, 401, 1000, 5);
  });
  assert.is(code, 0);
  const { judged, ...rest } = told(out);
  assert.equal(rest, { phase: 'data', verdict: 'go', window_seconds: 300 });
  const p99 = judged[3]?.value ?? 0;
  assert.equal(
    judged.map(({ measure, value, holds }) => [measure, value, holds]),
    [
      ['requests', 1000, true],
      ['auth_failure_share', 0.015, true],
      ['error_share', 0.005, true],
      ['p99_seconds', p99, true],
    ],
  );
  assert.ok(p99 > 0.01 && p99 <= 0.025, 'the bucket of 20 ms');
});

for (const [what, status, count, seconds, line] of [
  ['failed logins', 401, 60, 0.02, /^answered 401 +5\.66 % +below 5\.00 % +does not hold$/],
  ['failures', 500, 11, 0.02, /^answered 5xx +1\.09 % +below 1\.00 % +does not hold$/],
  ['slow answers', 200, 30, 0.8, /^p99 +\d+\.\d ms +below 500\.0 ms +does not hold$/],
] as const) {
  command(`${what} are no-go, in a table`, async () => {
    const metrics = new ServiceMetrics();
    showing(metrics);
    const { code, out } = await run(['--phase', 'auth', '--url', url], () => {
      record(metrics, LOGIN, 200, 1000);
      record(metrics, LOGIN, status, count, seconds);
    });
    assert.is(code, 1);
    assert.ok(
      out.some((row) => line.test(row)),
      out.join('\n'),
    );
    assert.is(out.at(-1), 'auth: no-go');
  });
}

command('uploads of files take as long as they take', async () => {
  const metrics = new ServiceMetrics();
  showing(metrics);
  const { code, out } = await run(['--phase', 'data', '--url', url], () => {
    record(metrics, LIST, 200, 100);
    record(metrics, EXPORT, 201, 100, 14);
  });
  assert.is(code, 0, out.join('\n'));
});

command('too few calls are no-go, as many as are asked for are enough', async () => {
  const metrics = new ServiceMetrics();
  showing(metrics);
  const meanwhile = (): void => {
    record(metrics, LIST, 200, 99);
  };
  const few = await run(['--phase', 'data', '--url', url], meanwhile);
  assert.equal([few.code, few.out.at(-1)], [1, 'data: no-go: too few calls to tell']);
  assert.is((await run(['--phase', 'data', '--url', url, '--least-requests', '99'], meanwhile)).code, 0);
  const none = await run(['--phase', 'insights', '--url', url]);
  assert.equal([none.code, none.out.at(-1)], [1, 'insights: no-go: too few calls to tell']);
  assert.ok(none.out.some((row) => row.includes('nothing to measure')));
});

command('several processes are added up, and one that began anew has counted from zero', async () => {
  const [one, other, anew] = [new ServiceMetrics(), new ServiceMetrics(), new ServiceMetrics()];
  record(other, LIST, 200, 5000);
  let looks = 0;
  answer = (path) => (path === '/second' ? (looks++ === 0 ? other : anew) : one).text();
  const { code, out } = await run(['--phase', 'data', '--url', url, '--url', `${url}/second`, '--json'], () => {
    record(one, LIST, 200, 60);
    record(anew, LIST, 200, 50);
  });
  assert.is(told(out).judged[0]?.value, 110);
  assert.is(code, 0);
});

command('a Prometheus server is asked for the growth of both metrics', async () => {
  const vector = (result: readonly unknown[]): string =>
    JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  const labels = { method: 'GET', endpoint: '/api/v1/health-data', instance: 'a:9464' };
  const buckets = [
    ['0.25', '118.2'],
    ['0.5', '119.9'],
    ['+Inf', '120'],
  ];
  answer = (path) =>
    Promise.resolve(
      path.includes('bucket')
        ? vector(buckets.map(([le, count]) => ({ metric: { ...labels, le }, value: [1, count] })))
        : vector([{ metric: { ...labels, status_code: '200' }, value: [1, '120.0'] }]),
    );
  asked.length = 0;
  const { code, out } = await run(['--phase', 'data', '--prometheus', `${url}/`, '--window', '1h', '--json']);
  assert.is(code, 0, out.join('\n'));
  assert.equal(asked.map((path) => new URL(path, url).searchParams.get('query')).sort(), [
    'increase(clarity_http_request_duration_seconds_bucket[3600s])',
    'increase(clarity_http_requests_total[3600s])',
  ]);
  assert.is(told(out).judged[0]?.value, 120);
});

command('what cannot be told is exit code 2, with the reason', async () => {
  const reasonOf = async (...args: readonly string[]): Promise<string> => {
    const { code, notes, out } = await run(['--phase', 'data', '--json', ...args]);
    assert.is(code, 2, notes.join('\n'));
    assert.is(told(out).verdict, 'unknown');
    return notes.join('\n');
  };
  answer = () => Promise.resolve('<!doctype html>');
  assert.match(await reasonOf('--url', url), 'does not answer in Prometheus');
  assert.match(await reasonOf('--prometheus', url), 'it cannot be told');
  answer = () => Promise.resolve('node_cpu_seconds_total{cpu="0"} 1\n');
  assert.match(await reasonOf('--url', url), 'no metrics of Clarity');
  answer = () => Promise.reject(new Error('down'));
  assert.match(await reasonOf('--url', url), 'answers 503');
  assert.match(await reasonOf('--url', 'http://127.0.0.1:9'), 'does not answer');
  answer = () => Promise.resolve(JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } }));
  assert.match(await reasonOf('--prometheus', url), 'no metrics of Clarity');
});

command('arguments that do not fit are told of', async () => {
  for (const [args, expected] of [
    [['--url', url], '--phase is one of'],
    [['--phase', 'everything', '--url', url], '--phase is one of'],
    [['--phase', 'data'], 'expected --url or --prometheus'],
    [['--phase', 'data', '--url', url, '--prometheus', url], 'expected --url or --prometheus'],
    [['--phase', 'data', '--url', 'localhost:9464'], 'no http or https URL'],
    [['--phase', 'data', '--url', url, '--window', '0s'], '--window 0s'],
    [['--phase', 'data', '--url', url, '--window', '5 weeks'], '--window 5 weeks'],
    [['--phase', 'data', '--url', url, '--least-requests', '0'], '--least-requests 0'],
    [['now', '--phase', 'data', '--url', url], 'options alone'],
  ] as const) {
    const { code, notes } = await run(args);
    assert.is(code, 2);
    assert.match(notes.join('\n'), expected);
  }
  assert.is((await run(['--help'])).code, 0);
});

command.run();
