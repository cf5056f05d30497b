import * as E from 'fp-ts/Either';
import * as t from 'io-ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { issuesOf, MOST_ISSUES, object, tolerantList, type CodecIssue } from '../../../contracts/codec.ts';
import { integer, list, oneOf, text } from '../../../contracts/scalars.ts';

const decoded = <A>(codec: t.Type<A, unknown>, value: unknown): A => {
  const result = codec.decode(value);
  if (E.isLeft(result)) throw new Error(`refused: ${JSON.stringify(issuesOf(result.left))}`);
  return result.right;
};
const issues = (codec: t.Mixed, value: unknown): readonly CodecIssue[] => {
  const result = codec.decode(value);
  if (E.isRight(result)) throw new Error(`accepted: ${JSON.stringify(value)}`);
  return issuesOf(result.left);
};
const places = (codec: t.Mixed, value: unknown) => issues(codec, value).map(({ pointer, code }) => [pointer, code]);

const Night = object('Night', { minutes: integer(0, 1440) }, { quality: oneOf('good', 'bad') });
const Person = object(
  'Person',
  { name: text(1, 10), nights: list(Night, { min: 1, max: 3 }) },
  { age: integer(0, 150) },
);

test('an object keeps its required and optional properties', () => {
  const value = { name: 'Sam', nights: [{ minutes: 480, quality: 'good' }], age: 40 };
  assert.equal(decoded(Person, value), value);
});

test('an optional property may be absent or null, and stays what it was', () => {
  assert.equal(decoded(Night, { minutes: 1 }), { minutes: 1 });
  assert.equal(decoded(Night, { minutes: 1, quality: null }), { minutes: 1, quality: null });
  assert.equal(Night.encode({ minutes: 1, quality: null }), { minutes: 1, quality: null });
  assert.equal(Object.keys(Night.encode({ minutes: 1 })), ['minutes']);
});

test('a required property may be neither absent nor null', () => {
  assert.equal(issues(Night, {}), [
    { pointer: '/minutes', message: 'is required: expected a whole number from 0 to 1440', code: 'missing' },
  ]);
  assert.equal(places(Night, { minutes: null }), [['/minutes', 'invalid']]);
});

test('an unknown property is refused by its name', () => {
  assert.equal(issues(Night, { minutes: 1, qualty: 'good' }), [
    { pointer: '/qualty', message: 'is not a known property', code: 'unknown_property' },
  ]);
});

test('properties that every object inherits are unknown like any other', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.equal(places(Night, JSON.parse(`{"minutes":1,"${key}":2}`)), [[`/${key}`, 'unknown_property']], key);
  }
  assert.equal(places(Night, Object.create({ minutes: 1 })), [['/minutes', 'missing']]);
});

test('everything that is wrong is told at once, each with its pointer', () => {
  const value = { name: '', nights: [{ minutes: 1 }, { minutes: -1, quality: 'fair' }], age: 'old', extra: 1 };
  assert.equal(
    places(Person, value).map(([pointer]) => pointer),
    ['/extra', '/name', '/nights/1/minutes', '/nights/1/quality', '/age'],
  );
});

test('pointers escape what RFC 6901 demands', () => {
  assert.equal(places(Night, { minutes: 1, 'a/b~c': 1, '': 2 }), [
    ['/a~1b~0c', 'unknown_property'],
    ['/', 'unknown_property'],
  ]);
});

test('what is no object is refused as a whole', () => {
  for (const value of [null, [], 'text', 5, true]) {
    assert.equal(issues(Night, value), [{ pointer: '', message: 'expected Night (an object)', code: 'invalid' }]);
  }
  assert.equal(issues(Night, undefined), [{ pointer: '', message: 'expected Night (an object)', code: 'missing' }]);
});

test('an alternative of a union is no place in the input, and the union is what was expected', () => {
  const Choice = object('Choice', { value: t.union([t.number, t.string]) });
  assert.equal(issues(Choice, { value: null }), [
    { pointer: '/value', message: 'expected (number | string)', code: 'invalid' },
  ]);
  assert.equal(issues(t.union([t.number, t.string]), true), [
    { pointer: '', message: 'expected (number | string)', code: 'invalid' },
  ]);
  const deep = object('Deep', { night: t.union([Night, t.null]) });
  assert.equal(places(deep, { night: { minutes: -1 } }), [
    ['/night/minutes', 'invalid'],
    ['/night', 'invalid'],
  ]);
});

test('an object codec knows its own values', () => {
  assert.ok(Night.is({ minutes: 1 }));
  assert.not.ok(Night.is({ minutes: -1 }));
  assert.not.ok(Night.is(null));
});

test('an error without a context names no place', () => {
  assert.equal(issuesOf([{ value: 1, context: [] }]), [{ pointer: '', message: 'expected a value', code: 'invalid' }]);
});

const Nights = tolerantList('Nights', Night, { min: 1, max: 3 });

test('a tolerant list sets bad items aside with their issues, and keeps the others with their place', () => {
  const items = decoded(Nights, [{ minutes: 1 }, { minutes: 9999, qualty: 1 }, { minutes: 3, quality: null }]);
  assert.equal(items.accepted, [
    { index: 0, value: { minutes: 1 }, wire: { minutes: 1 } },
    { index: 2, value: { minutes: 3, quality: null }, wire: { minutes: 3, quality: null } },
  ]);
  assert.equal(
    items.rejected.map(({ index, issues: found, value }) => [index, found.map(({ pointer }) => pointer), value]),
    [[1, ['/qualty', '/minutes'], { minutes: 9999, qualty: 1 }]],
  );
});

test('a tolerant list of nothing but bad items is still a list', () => {
  const { accepted, rejected } = decoded(Nights, [1, null]);
  assert.equal([accepted.length, rejected.length], [0, 2]);
});

test('a tolerant list is refused as a whole for its length, or where it is no list', () => {
  assert.equal(issues(Nights, []), [{ pointer: '', message: 'has 0 items; expected 1 to 3', code: 'invalid' }]);
  assert.equal(places(Nights, [1, 2, 3, 4]), [['', 'invalid']]);
  assert.equal(issues(Nights, {}), [{ pointer: '', message: 'expected Nights (a list)', code: 'invalid' }]);
});

test('a tolerant list is written in the order it came, bad items included', () => {
  const wire = [{ minutes: 1 }, 'bad', { minutes: 3 }];
  assert.equal(Nights.encode(decoded(Nights, wire)), wire);
  assert.ok(Nights.is(decoded(Nights, wire)));
  assert.not.ok(Nights.is(wire));
});

test('of a plain list every item must be right, and its length', () => {
  const numbers = list(integer(0, 9), { min: 1, max: 2 });
  assert.equal(decoded(numbers, [1, 2]), [1, 2]);
  assert.equal(places(numbers, [1, 10]), [['/1', 'invalid']]);
  assert.equal(issues(numbers, [1, 2, 3]), [
    { pointer: '', message: 'has 3 items; expected a list of 1 to 2 items', code: 'invalid' },
  ]);
  assert.equal(places(numbers, 'text'), [['', 'invalid']]);
  assert.ok(numbers.is([1]) && !numbers.is(1));
});

test('however much is wrong, a hundred places are named, and twenty of an item that is set aside', () => {
  const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`unknown${String(i)}`, i]));
  assert.is(issues(Night, { minutes: 1, ...many }).length, MOST_ISSUES);
  const texts = list(text(1, 10), { min: 0, max: 200_000 });
  assert.is(issues(texts, Array(200_000).fill(7)).length, MOST_ISSUES);
  const people = object('People', { people: list(Person, { min: 0, max: 200_000 }) });
  const found = issues(people, { people: Array(100_000).fill({ name: '', nights: 1, age: -1 }) });
  assert.equal(
    [found.length, found[0]?.pointer, found.at(-1)?.pointer],
    [MOST_ISSUES, '/people/0/name', '/people/33/name'],
  );
  const { rejected } = decoded(Nights, [{ minutes: 1, ...many }]);
  assert.is(rejected[0]?.issues.length, 20);
});

test.run();
