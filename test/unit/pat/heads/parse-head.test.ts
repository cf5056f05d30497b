import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { featureNames, headText } from '../../../../core/pat/heads/head.ts';
import { parseHead } from '../../../../core/pat/heads/parse-head.ts';
import { errorOf, valueOf } from '../../result-values.ts';
import { embeddingHead, rhythmHead } from './training-samples.ts';

const RHYTHM = headText(rhythmHead());
const EMBEDDING = headText(
  embeddingHead({ weeksSetAside: [{ reason: 'no label is known for the week', weeks: 3 }], lambdas: [0.1, 1] }),
);

/** The text with the value at the pointer exchanged; `undefined` takes the field away. */
function changed(text: string, pointer: string, value: unknown): string {
  const root = JSON.parse(text) as Record<string, unknown>;
  const path = pointer.split('/').slice(1);
  const last = path.pop()!;
  const holder = path.reduce((at, key) => at[key] as Record<string, unknown>, root);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = value;
  return JSON.stringify(root);
}

/** Pointers to every value in the text, containers too. */
function pointersIn(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  const inner = Object.entries(value).flatMap(([key, part]) => pointersIn(part, `${pointer}/${key}`));
  return pointer === '' ? inner : [pointer, ...inner];
}

for (const [what, text] of [
  ['rhythm', RHYTHM],
  ['an embedding', EMBEDDING],
] as const) {
  test(`a head on ${what} is read as it was written`, () => {
    const head = valueOf(parseHead(text));
    assert.is(headText(head), text);
    assert.is(head.coefficients.length, featureNames(head.features).length);
  });

  test(`no field of a head on ${what} may be of another type or missing`, () => {
    for (const pointer of pointersIn(JSON.parse(text))) {
      assert.is(errorOf(parseHead(changed(text, pointer, [[]]))).kind, 'head-unreadable', pointer);
      if (!/\/\d+$/.test(pointer)) {
        assert.equal(
          errorOf(parseHead(changed(text, pointer, undefined))),
          { kind: 'head-unreadable', pointer, reason: 'is missing' },
          pointer,
        );
      }
    }
  });
}

test('a field that is not known is refused wherever it stands', () => {
  for (const pointer of ['/extra', '/requires/extra', '/card/extra', '/card/auc/extra', '/features/extra']) {
    const error = errorOf(parseHead(changed(EMBEDDING, pointer, 1)));
    assert.is(error.pointer, pointer.replace('/extra', ''));
    assert.is(error.reason, 'has a field that is not known, "extra"');
  }
});

const refusals: readonly [string, string, string, unknown, string, string][] = [
  ['another schema', RHYTHM, '/schema', 'clarity.head/2', '/schema', 'expected clarity.head/1'],
  [
    'a task with a path in it',
    RHYTHM,
    '/task',
    '../x',
    '/task',
    'expected lower-case letters, digits, - and _, a letter first',
  ],
  ['a deviation of 0', RHYTHM, '/standardisation/sd/2', 0, '/standardisation/sd/2', 'expected a number above 0'],
  ['a coefficient that is text', RHYTHM, '/coefficients/0', '1', '/coefficients/0', 'expected a finite number'],
  ['a coefficient too few', RHYTHM, '/coefficients', [1, 2, 3], '/coefficients', 'has 3 numbers for 4 features'],
  [
    'a mean too many',
    RHYTHM,
    '/standardisation/mean',
    [1, 2, 3, 4, 5],
    '/standardisation/mean',
    'has 5 numbers for 4 features',
  ],
  [
    'a calibration that turns ranks round',
    RHYTHM,
    '/calibration/slope',
    -1,
    '/calibration/slope',
    'expected a number from 0 on',
  ],
  [
    'a feature that there is not',
    RHYTHM,
    '/features/rhythm/0',
    'mood',
    '/features/rhythm/0',
    'expected interdaily_stability or',
  ],
  [
    'a feature named twice',
    RHYTHM,
    '/features/rhythm/0',
    'intradaily_variability',
    '/features/rhythm',
    'names a feature twice',
  ],
  ['no feature at all', RHYTHM, '/features/rhythm', [], '/features', 'ask for neither embedding nor rhythm'],
  [
    'an embedding without an encoder',
    EMBEDDING,
    '/requires/encoder',
    null,
    '/requires/encoder',
    'is needed with an embedding',
  ],
  [
    'rhythm alone with a scaling',
    RHYTHM,
    '/requires/scaling',
    'per-person',
    '/requires/scaling',
    'has no part in a head without an embedding',
  ],
  [
    'a population without its name',
    EMBEDDING,
    '/requires/reference_population',
    null,
    '/requires/reference_population',
    'goes with the scaling population, and with it alone',
  ],
  [
    'a population with the scaling per person',
    EMBEDDING,
    '/requires/scaling',
    'per-person',
    '/requires/reference_population',
    'goes with the scaling population, and with it alone',
  ],
  [
    'another size of encoder',
    EMBEDDING,
    '/requires/encoder/size',
    'XL',
    '/requires/encoder/size',
    'expected S or M or L',
  ],
  ['half a day', RHYTHM, '/requires/days', 0.5, '/requires/days', 'expected a whole number from 1 on'],
  [
    'a hash in upper case',
    RHYTHM,
    '/card/weeks_sha256',
    'A'.repeat(64),
    '/card/weeks_sha256',
    'expected a SHA-256 in lower-case hexadecimal',
  ],
  [
    'a card of another encoder',
    EMBEDDING,
    '/card/encoder_sha256',
    'e'.repeat(64),
    '/card/encoder_sha256',
    'is not the hash of the required encoder',
  ],
  ['a card without an intended use', RHYTHM, '/card/intended_use', ' ', '/card/intended_use', 'expected a text'],
  [
    'a date that there is not',
    RHYTHM,
    '/card/trained_at',
    '2025-13-01T00:00:00Z',
    '/card/trained_at',
    'expected an instant that exists',
  ],
  [
    'a local time',
    RHYTHM,
    '/card/trained_at',
    '2025-01-01T00:00:00+01:00',
    '/card/trained_at',
    'expected an instant such as',
  ],
  ['an area above 1', RHYTHM, '/card/auc/high', 1.1, '/card/auc/high', 'expected a number from 0 to 1'],
  [
    'an interval the wrong way round',
    RHYTHM,
    '/card/auc/high',
    0,
    '/card/auc/low',
    'is above the high end of the interval',
  ],
  ['another confidence', RHYTHM, '/card/auc/confidence', 0.9, '/card/auc/confidence', 'expected 0.95'],
  [
    'a curve of other weeks',
    RHYTHM,
    '/card/calibration_curve',
    [],
    '/card/calibration_curve',
    'does not have 60 weeks in all',
  ],
  ['more people than weeks', RHYTHM, '/card/n_people', 61, '/card/n_people', 'are more than there are weeks'],
  ['positive weeks alone', RHYTHM, '/card/n_positive/weeks', 60, '/card/n_positive/weeks', 'leave no negative week'],
  [
    'more positive people than people',
    RHYTHM,
    '/card/n_positive/people',
    31,
    '/card/n_positive/people',
    'are more than there are',
  ],
  ['a penalty that was not in the grid', RHYTHM, '/lambda', 0.2, '/lambda', 'is not in the lambda_grid'],
  ['a seed with a fraction', RHYTHM, '/seed', 1.5, '/seed', 'expected a whole number from 0 on'],
];
for (const [what, text, pointer, value, at, reason] of refusals) {
  test(`${what} is refused`, () => {
    const error = errorOf(parseHead(changed(text, pointer, value)));
    assert.is(error.pointer, at);
    assert.ok(error.reason.startsWith(reason), error.reason);
  });
}

test('what is not JSON, or no object, is refused', () => {
  assert.equal(errorOf(parseHead('{"schema":')), { kind: 'head-unreadable', pointer: '', reason: 'is not JSON' });
  for (const json of ['null', '[]', '"clarity.head/1"', '7']) {
    assert.is(errorOf(parseHead(json)).reason, 'expected an object');
  }
  assert.equal(errorOf(parseHead('{}')), { kind: 'head-unreadable', pointer: '/schema', reason: 'is missing' });
});

test('a number that JSON can write but no double hold is refused', () => {
  assert.is(errorOf(parseHead(RHYTHM.replace(/"intercept": [^,]+,/, '"intercept": 1e999,'))).pointer, '/intercept');
});

test('a field named like what every object has is not taken for one', () => {
  assert.match(errorOf(parseHead(RHYTHM.replace('{', '{"__proto__":{"schema":1},'))).reason, 'not known');
  assert.is(errorOf(parseHead('{"__proto__":{"schema":"clarity.head/1"}}')).reason, 'is missing');
});

test.run();
