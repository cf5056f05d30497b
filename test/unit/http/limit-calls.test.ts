import * as t from 'io-ts';
import { okAsync } from 'neverthrow';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRateCounters } from '../../../adapters/memory/rate-counters.ts';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { object } from '../../../contracts/codec.ts';
import type { RouteDefinition } from '../../../contracts/route.ts';
import { DEFAULT_RATE_LIMITS } from '../../../core/limits/model.ts';
import { RateLimiter } from '../../../core/limits/rate-limiter.ts';
import { addressText } from '../../../hosts/express/http/client-address.ts';
import { SettableClock } from '../memory-world.ts';
import { withKernel, type KernelAnswer, type KernelOperation } from './kernel-app.ts';

const limits = suite('limits of calls over HTTP');

const Thing = object('Thing', { name: t.string });

const COMMON = {
  auth: 'none',
  audit: 'none',
  tag: 'Test',
  summary: 'A test',
  problems: [],
  responses: { 200: { kind: 'json', codec: Thing, description: 'It.' } },
} as const;

const operation = (route: Partial<RouteDefinition>): KernelOperation => ({
  route: { ...COMMON, method: 'GET', path: '/things', ...route },
  endpoint: () => okAsync({ status: 200, body: { name: 'it' } } as never),
});

const operations = () => ({
  readThings: operation({}),
  mine: operation({ path: '/mine', auth: 'read-own-data' }),
  makeThing: operation({ method: 'POST', path: '/things', body: { kind: 'json', codec: Thing } }),
  liveness: operation({ path: '/health', rateLimit: 'none' }),
});

const clock = new SettableClock();
const limiter = (): RateLimiter =>
  new RateLimiter({
    counters: new MemoryRateCounters(),
    clock,
    digest: nodeDigest,
    limits: { ...DEFAULT_RATE_LIMITS, default: { calls: 3, windowMs: 60_000 } },
  });

const told = ({ headers }: KernelAnswer): readonly unknown[] =>
  ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'ratelimit-policy', 'retry-after'].map(
    (name) => headers[name],
  );

limits(
  'every answer of a limited operation tells how the counter stands, and the one too many when to come again',
  withKernel(
    operations,
    async ({ send }) => {
      const json = { 'content-type': 'application/json' };
      assert.equal(told(await send('GET', '/things')), ['3', '2', '20', '3;w=60', undefined]);
      const invalid = await send('POST', '/things', { headers: json, body: '{' });
      assert.equal([invalid.status, ...told(invalid)], [422, '3', '1', '40', '3;w=60', undefined]);
      const unacceptable = await send('GET', '/things', { headers: { accept: 'image/png' } });
      assert.equal([unacceptable.status, ...told(unacceptable)], [406, '3', '0', '60', '3;w=60', undefined]);
      const refused = await send('GET', '/things');
      assert.equal([refused.status, ...told(refused)], [429, '3', '0', '60', '3;w=60', '20']);
      assert.is(refused.json['code'], 'rate-limit-exceeded');
      assert.is(refused.headers['content-type'], 'application/problem+json; charset=utf-8');
      clock.nowMs += 20_000;
      assert.is((await send('GET', '/things')).status, 200);
      assert.is((await send('GET', '/things')).status, 429);
    },
    { limiter: limiter() },
  ),
);

limits(
  'what is not limited says nothing and is answered always',
  withKernel(
    operations,
    async ({ send }) => {
      for (let i = 0; i < 10; i++) {
        const answer = await send('GET', '/health');
        assert.equal([answer.status, ...told(answer)], [200, ...Array<undefined>(5).fill(undefined)]);
      }
    },
    { limiter: limiter() },
  ),
);

limits(
  'whoever cannot show who they are is counted by address, also on operations of people',
  withKernel(
    operations,
    async ({ send }) => {
      for (let i = 0; i < 3; i++) {
        const answer = await send('GET', '/mine', { headers: { authorization: 'Bearer nobody' } });
        assert.equal([answer.status, answer.headers['ratelimit-remaining']], [401, String(2 - i)]);
      }
      assert.is((await send('GET', '/mine', { headers: { authorization: 'Bearer nobody' } })).status, 429);
      assert.is((await send('GET', '/mine')).status, 429);
      // Who can is counted for themselves, though they share the address.
      const ada = await send('GET', '/mine', { headers: { authorization: 'Bearer ada:patient' } });
      assert.equal([ada.status, ada.headers['ratelimit-remaining']], [200, '2']);
    },
    { limiter: limiter() },
  ),
);

limits(
  'a call too many is refused before its body is read',
  withKernel(
    operations,
    async ({ send }) => {
      for (let i = 0; i < 3; i++) await send('GET', '/things');
      const { status, json } = await send('POST', '/things', {
        headers: { 'content-type': 'application/json' },
        body: '{ not read',
      });
      assert.equal([status, json['code']], [429, 'rate-limit-exceeded']);
    },
    { limiter: limiter() },
  ),
);

limits(
  'behind a trusted proxy the client is the one that the proxy names, and nothing that the client says itself',
  withKernel(
    operations,
    async ({ send }) => {
      const from = (forwarded: string) => send('GET', '/things', { headers: { 'x-forwarded-for': forwarded } });
      for (let i = 0; i < 3; i++) assert.is((await from(`10.9.9.${i}, 192.0.2.1`)).status, 200);
      assert.is((await from('10.9.9.9, 192.0.2.1')).status, 429);
      assert.is((await from('192.0.2.2')).status, 200);
    },
    { limiter: limiter(), trustedProxies: 1 },
  ),
);

limits(
  'without a trusted proxy nobody is believed',
  withKernel(
    operations,
    async ({ send }) => {
      const from = (forwarded: string) => send('GET', '/things', { headers: { 'x-forwarded-for': forwarded } });
      for (let i = 0; i < 3; i++) assert.is((await from(`192.0.2.${i}`)).status, 200);
      assert.is((await from('192.0.2.9')).status, 429);
    },
    { limiter: limiter() },
  ),
);

limits('an address has one form, and an IPv6 network is one client', () => {
  for (const [given, address] of [
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', null],
    ['', null],
    [undefined, null],
  ] as const) {
    assert.is(addressText(given), address, given);
  }
});

limits.run();
