import * as fc from 'fast-check';
import * as E from 'fp-ts/Either';
import type * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { issuesOf, type TolerantItems } from '../../../contracts/codec.ts';
import { HealthKitUpload } from '../../../contracts/http/healthkit.ts';
import { HealthDataUpload, metricType } from '../../../contracts/http/health-data.ts';
import { ROUTES } from '../../../contracts/routes.ts';
import { METRIC_TYPES } from '../../../core/health-data/model.ts';
import { REQUEST_CODECS, RESPONSE_CODECS, type NamedCodec } from './route-codecs.ts';
import { wireOf } from './wire-values.ts';

function decoded(codec: t.Mixed, value: unknown): unknown {
  const result = codec.decode(value);
  if (E.isLeft(result))
    throw new Error(`refused: ${JSON.stringify(issuesOf(result.left))} in ${JSON.stringify(value)}`);
  return result.right as unknown;
}

/** Without the item as it came, which a tolerant list keeps beside what it reads. */
function withoutWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWire);
  if (typeof value !== 'object' || value === null) return value;
  if ('accepted' in value && Array.isArray(value.accepted)) {
    const { accepted, rejected } = value as TolerantItems<unknown>;
    return { accepted: accepted.map(({ index, value: item }) => ({ index, item: withoutWire(item) })), rejected };
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutWire(member)]));
}

const all: readonly NamedCodec[] = [...REQUEST_CODECS, ...RESPONSE_CODECS];

/** What a client sends to the codec; in a query numbers are written out. */
const sentTo = ({ name, codec }: NamedCodec): fc.Arbitrary<unknown> =>
  name.endsWith(' query')
    ? wireOf(codec).map((query) => {
        const written = Object.entries(query as object).map(([key, value]: [string, unknown]) => [
          key,
          typeof value === 'number' ? String(value) : value,
        ]);
        return Object.fromEntries(written) as unknown;
      })
    : wireOf(codec);

for (const named of all) {
  const { name, codec } = named;
  test(`${name}: what its schema describes is accepted, and survives being written and read again`, () => {
    fc.assert(
      fc.property(sentTo(named), (wire) => {
        const value = decoded(codec, wire);
        const again = decoded(codec, JSON.parse(JSON.stringify(codec.encode(value))));
        assert.equal(withoutWire(again), withoutWire(value));
      }),
      { numRuns: 60 },
    );
  });
}

test('no JSON makes a codec throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...all), (value, { codec }) => {
      const result = codec.decode(value);
      if (E.isLeft(result)) assert.ok(issuesOf(result.left).length > 0);
    }),
    { numRuns: 4000 },
  );
});

type Path = readonly (string | number)[];

/** Every place below the value. */
const pathsOf = (value: unknown): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [[]]
    : [
        [],
        ...Object.entries(value).flatMap(([key, member]) =>
          pathsOf(member).map((path) => [Array.isArray(value) ? Number(key) : key, ...path]),
        ),
      ];

function replacedAt(value: unknown, [first, ...rest]: Path, patch: unknown): unknown {
  if (first === undefined) return patch;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[first] = replacedAt(copy[first], rest, patch);
  return copy;
}

/** Whether the pointer names a place of the value, or a member that its object lacks. */
function isPlaceOf(value: unknown, pointer: string): boolean {
  const keys = pointer.split('/').slice(1);
  let at = value;
  for (const [depth, key] of keys.entries()) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null) return false;
    if (!Object.hasOwn(at, name)) return depth === keys.length - 1;
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}

test('a request that is wrong in one place is accepted or refused at places that it has', () => {
  const damaged = fc
    .constantFrom(...REQUEST_CODECS)
    .chain((named) => sentTo(named).map((wire) => ({ ...named, wire })))
    .chain(({ name, codec, wire }) =>
      fc
        .tuple(fc.constantFrom(...pathsOf(wire)), fc.jsonValue({ maxDepth: 2 }))
        .map(([path, patch]) => ({ name, codec, wire: replacedAt(wire, path, patch) })),
    );
  fc.assert(
    fc.property(damaged, ({ codec, wire }) => {
      const result = codec.decode(wire);
      if (E.isRight(result)) return;
      for (const issue of issuesOf(result.left)) {
        assert.ok(isPlaceOf(wire, issue.pointer), `${issue.pointer} is no place of ${JSON.stringify(wire)}`);
      }
    }),
    { numRuns: 3000 },
  );
});

test('the contract accepts the thirteen metric types of the core, no more and no fewer', () => {
  for (const type of METRIC_TYPES) assert.ok(metricType.is(type), type);
  assert.is(metricType.name, `one of ${METRIC_TYPES.join(', ')}`);
});

const METRIC = {
  metric_type: 'heart_rate',
  biometric_data: { heart_rate: 61 },
  created_at: '2025-01-06T08:30:00+01:00',
};
const UPLOAD = {
  user_id: '11111111-1111-4111-8111-111111111111',
  metrics: [METRIC],
  upload_source: 'apple_health',
  client_timestamp: '2025-01-06T08:30:00Z',
};

test('a metric out of its range is set aside with its place, and the others are taken', () => {
  const upload = decoded(HealthDataUpload, {
    ...UPLOAD,
    metrics: [METRIC, { ...METRIC, biometric_data: { heart_rate: 301 } }, { ...METRIC, metric_type: 'karma' }],
  }) as t.TypeOf<typeof HealthDataUpload>;
  assert.is(upload.metrics.accepted.length, 1);
  assert.equal(
    upload.metrics.rejected.map(({ index, issues }) => [index, issues.map(({ pointer }) => pointer)]),
    [
      [1, ['/biometric_data/heart_rate']],
      [2, ['/metric_type']],
    ],
  );
});

test('an upload without metrics is refused', () => {
  const result = HealthDataUpload.decode({ ...UPLOAD, metrics: [] });
  assert.ok(E.isLeft(result));
  assert.is(E.isLeft(result) && issuesOf(result.left)[0]?.pointer, '/metrics');
});

test('a HealthKit sample without a value is set aside at its value', () => {
  const upload = decoded(HealthKitUpload, {
    user_id: 'u',
    quantity_samples: [
      { identifier: 'x', type: 'y', value: null, start_date: '2025-01-06T08:30Z', end_date: '2025-01-06T08:30Z' },
    ],
  }) as t.TypeOf<typeof HealthKitUpload>;
  assert.equal(
    upload.quantity_samples?.rejected[0]?.issues.map(({ pointer }) => pointer),
    ['/value'],
  );
});

test('more readings than two weeks of minutes are refused', () => {
  const { codec } = ROUTES.analyzeSteps.body;
  const timestamps = Array.from({ length: 20_161 }, () => '2025-01-06T08:30Z');
  const many = { step_counts: timestamps.map(() => 1), timestamps };
  const result = codec.decode(many);
  assert.equal(E.isLeft(result) && issuesOf(result.left).map(({ pointer }) => pointer), [
    '/step_counts',
    '/timestamps',
  ]);
  const most = { step_counts: many.step_counts.slice(1), timestamps: timestamps.slice(1) };
  assert.ok(E.isRight(codec.decode(most)));
  assert.ok(E.isLeft(codec.decode({ step_counts: [], timestamps: [] })));
});

test.run();
