import { shapeOf } from '../../contracts/codec.ts';
import type { RouteDefinition } from '../../contracts/route.ts';
import { randomStream, type RandomStream } from '../../core/simulation/random.ts';
import { filledCall, TABLE, type Values } from '../loops/filled-call.ts';
import { AWKWARD_TEXTS, mutatedJson, pick, randomJson, randomText } from './json-values.ts';
import { requestBytes, type RawCall } from './raw-call.ts';

/** Whom hostile calls speak for, and what that person has. */
export interface Speaker {
  readonly token: string;
  readonly ids: Values;
}

const ID = '5f0c7a52-8d3c-4c0b-9f5e-3a8f1f6f0c11';
const NOBODY_HAS: Values = { pseudonym: ID, slug: 'weak-password', room_id: 'lobby' };

/** Values for whatever parameters a path has. */
const valuesOf = ({ path }: RouteDefinition, { ids }: Speaker): Values => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, ID] as const);
  return { ...Object.fromEntries(names), ...NOBODY_HAS, ...ids };
};

const bearer = (speaker: Speaker): readonly (readonly [string, string])[] => [
  ['Authorization', `Bearer ${speaker.token}`],
];

/** Every route that reads a JSON body. */
export const JSON_ROUTES = TABLE.filter(([, { body }]) => body?.kind === 'json');

/** A call of the route with a body that somebody has been at: as JSON, or as the bytes of it. */
export function hostileBody(
  id: string,
  route: RouteDefinition,
  speaker: Speaker,
  seed: number,
  number: number,
): RawCall {
  const random = randomStream(seed, id, number);
  const { where, json } = filledCall(id, route, valuesOf(route, speaker));
  const value = random.chance(0.1) ? randomJson(random) : mutatedJson(random, json);
  const body = random.chance(0.15) ? brokenText(random, JSON.stringify(value)) : Buffer.from(jsonText(random, value));
  const type = random.chance(0.95) ? 'application/json' : pick(random, AWKWARD_TYPES);
  const headers = [...bearer(speaker), ['Content-Type', type] as const];
  return { bytes: requestBytes(route.method, where, headers, body), isWhole: true };
}

const AWKWARD_TYPES = [
  'text/plain',
  'application/json; charset=utf-7',
  'application/x+json',
  'multipart/form-data',
  '/',
  '',
];

/** JSON text; sometimes with numbers and names that only a text can have. */
function jsonText(random: RandomStream, value: unknown): string {
  const text = JSON.stringify(value);
  if (random.chance(0.9)) return text;
  return text.replace(/-?\d+(?:\.\d+)?/, () =>
    pick(random, ['1e999', '-1e999', '1E-400', '9'.repeat(400), '0.1e+1', '-0']),
  );
}

const BROKEN_ENDS = [
  'NaN',
  '{"__proto__":{"roles":["admin"]}}',
  '[',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '{"a":/**/1}',
  '"\\ud800"',
  '',
];

/** Bytes that are no JSON, or none any more. */
function brokenText(random: RandomStream, text: string): Buffer {
  if (random.chance(0.3)) return Buffer.from(pick(random, BROKEN_ENDS));
  if (random.chance(0.1)) return Buffer.from('['.repeat(random.wholeBetween(1, 100_000)));
  const bytes = Buffer.from(text);
  for (let i = random.wholeBetween(1, 4); i > 0 && bytes.length > 0; i--) {
    bytes[random.wholeBetween(0, bytes.length - 1)] = random.wholeBetween(0, 255);
  }
  return random.chance(0.3) ? bytes.subarray(0, random.wholeBetween(0, bytes.length)) : bytes;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH'];
const HEADERS = [
  ...[
    'Accept',
    'Accept-Encoding',
    'If-None-Match',
    'Idempotency-Key',
    'X-Request-ID',
    'Last-Event-ID',
    'X-Confirm-Delete',
  ],
  ...[
    'Origin',
    'Range',
    'Content-Type',
    'Content-Encoding',
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'Cookie',
  ],
  ...[
    'X-Forwarded-Host',
    'Access-Control-Request-Method',
    'Authorization',
    'User-Agent',
    'Referer',
    'X-HTTP-Method-Override',
  ],
  ...['If-Match', 'If-Modified-Since', 'Via', 'Prefer', 'X-Original-URL'],
];
const AWKWARD_VALUES = [
  ...[
    '*/*;q=0',
    'gzip;q=1.5',
    'W/"',
    '"*"',
    '*',
    'bytes=0-',
    'bytes=5-1',
    'null',
    'file://',
    '-',
    'a'.repeat(8000),
    'identity',
  ],
  ...[
    'for="[::1]:4711"',
    '1.2.3.4, 5.6.7.8',
    '999.1.1.1',
    '::1',
    'text/event-stream',
    'application/json;',
    ';;;,,,',
    'zstd',
  ],
  ...['Bearer', 'Bearer a.b.c', 'Basic YTpi', `Bearer ${'e'.repeat(9000)}`, 'POST', 'Thu, 01 Jan 1970 00:00:00 GMT'],
];

/** A header may hold any byte but those that end it. */
const headerText = (random: RandomStream): string =>
  (random.chance(0.6) ? pick(random, AWKWARD_VALUES) : randomText(random).slice(0, 4000)).replaceAll(/\p{Cc}/gu, ' ');

/** One part of a path, escaped in one way or another. */
function pathPart(random: RandomStream): string {
  const text = random.chance(0.5) ? pick(random, AWKWARD_TEXTS) : randomText(random);
  const escaped = Buffer.from(text.slice(0, 2000)).toString('hex').replaceAll(/../g, '%$&');
  return pick(random, [
    escaped,
    encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '?')),
    '%',
    '%ff%fe',
    '%2e%2e',
    '..',
    '%00',
    'a'.repeat(3000),
  ]);
}

function targetOf(random: RandomStream, id: string, route: RouteDefinition, speaker: Speaker): string {
  const filled = filledCall(id, route, valuesOf(route, speaker)).where;
  if (random.chance(0.05))
    return pick(random, ['*', '//', '/../', 'http://evil.example/health', '/\\evil', '/api/v1/%', '/.']);
  let [path = ''] = filled.split('?');
  const parts = path.split('/');
  if (random.chance(0.25)) parts[random.wholeBetween(1, parts.length - 1)] = pathPart(random);
  path = parts.join('/') + pick(random, ['', '', '', '/', '//', ';a=b', '.json']);
  const names =
    route.query === undefined
      ? []
      : Object.keys({ ...shapeOf(route.query)?.required, ...shapeOf(route.query)?.optional });
  const known = new URLSearchParams(filled.split('?')[1] ?? '');
  if (random.chance(0.7)) {
    for (const name of names)
      if (random.chance(0.5))
        known.append(
          name,
          randomText(random)
            .slice(0, 2000)
            .replaceAll(/\p{Surrogate}/gu, '?'),
        );
  }
  const raw = random.chance(0.2)
    ? pick(random, ['&&&', '=&=', '%zz', 'a[]=1&a[b]=2', '__proto__[x]=1', '?', '%00=%00'])
    : '';
  const query = [known.toString(), raw].filter((part) => part !== '').join('&');
  return `${path}${query === '' ? '' : `?${query}`}`;
}

/** A call with a random method, path, query and headers, near one of the contract; a few are no HTTP any more. */
export function hostileCall(speaker: Speaker, seed: number, number: number): RawCall {
  const random = randomStream(seed, 'http', number);
  const [id, route] = pick(random, TABLE);
  const method = random.chance(0.85) ? route.method : pick(random, METHODS);
  const headers: (readonly [string, string])[] = random.chance(0.85) ? [...bearer(speaker)] : [];
  for (let i = random.wholeBetween(0, 5); i > 0; i--) headers.push([pick(random, HEADERS), headerText(random)]);
  const target = targetOf(random, id, route, speaker).replaceAll(/[\r\n ]/g, '+');
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.from(random.chance(0.5) ? '{}' : '');
  const bytes = requestBytes(method, target, headers, body);
  return random.chance(0.05) ? damaged(random, bytes) : { bytes, isWhole: true };
}

const FRAMING = [
  'Content-Length: 99999999',
  'Transfer-Encoding: chunked',
  'Content-Length: -1',
  'Expect: 100-continue',
];

/** Bytes turned, or a head that promises what does not come. */
function damaged(random: RandomStream, bytes: Buffer): RawCall {
  if (random.chance(0.5)) {
    const text = bytes.toString('latin1').replace('Connection: close', pick(random, FRAMING));
    return { bytes: Buffer.from(text, 'latin1'), isWhole: false };
  }
  const turned = Buffer.from(bytes);
  for (let i = random.wholeBetween(1, 8); i > 0; i--) {
    turned[random.wholeBetween(0, turned.length - 1)] = random.wholeBetween(0, 255);
  }
  return { bytes: turned, isWhole: false };
}
