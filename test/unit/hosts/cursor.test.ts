import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCursor, readTimeCursor, writeCursor, writeTimeCursor } from '../../../hosts/express/endpoints/cursor.ts';

test('a cursor is read as it was written, and is safe in a URL', () => {
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('after' as const, 'before' as const),
      (createdAtMs, metricId, page) => {
        const cursor = writeCursor({ createdAtMs, metricId, page });
        assert.match(cursor, /^[A-Za-z0-9_-]+$/);
        assert.equal(readCursor(cursor), { createdAtMs, metricId, page });
      },
    ),
  );
});

const encoded = (value: string): string => Buffer.from(value).toString('base64url');

test('what this service did not write is no cursor', () => {
  for (const garbage of [
    '',
    'garbage',
    'AAAA',
    encoded('{}'),
    encoded('[]'),
    encoded('[1]'),
    encoded('[1,"a",2]'),
    encoded('[1,"a","after"]'),
    encoded('[1,"a","sideways"]'),
    encoded('[1,"a","before",1]'),
    encoded('["1","a"]'),
    encoded('[1.5,"a"]'),
    encoded('[1e300,"a"]'),
    encoded('[1,2]'),
    encoded('[1,null]'),
    encoded('null'),
    encoded('5'),
    encoded('[1, "a"]'),
    encoded('{"id":"x","timestamp":1}'),
  ]) {
    assert.is(readCursor(garbage), null, garbage);
  }
});

test('a cursor with something added, taken away or in another alphabet is none', () => {
  const cursor = writeCursor({ createdAtMs: 1736150400000, metricId: 'metric>?', page: 'after' });
  for (const changed of [`${cursor}!`, `${cursor}=`, ` ${cursor}`, cursor.slice(0, -1), `*${cursor}`]) {
    assert.is(readCursor(changed), null, changed);
  }
});

test('a cursor of an earlier version leads to the page that follows', () => {
  assert.equal(readCursor(encoded('[1736150400000,"m-1"]')), {
    createdAtMs: 1736150400000,
    metricId: 'm-1',
    page: 'after',
  });
});

test('an instant is read as it was written, and nothing else is', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (instantMs) => {
      assert.is(readTimeCursor(writeTimeCursor(instantMs)), instantMs);
    }),
  );
  const ofList = writeCursor({ createdAtMs: 1, metricId: 'a', page: 'after' });
  for (const garbage of ['', 'x', ofList, encoded('[1.5]'), encoded('["1"]'), encoded('[]'), encoded('[ 1]')]) {
    assert.is(readTimeCursor(garbage), null, garbage);
  }
});

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(encoded)), (text) => {
      const position = readCursor(text);
      if (position !== null) assert.is(writeCursor(position), text);
    }),
    { numRuns: 2000 },
  );
});

test.run();
