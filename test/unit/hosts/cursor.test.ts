import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCursor, writeCursor } from '../../../hosts/express/endpoints/cursor.ts';

test('a cursor is read as it was written, and is safe in a URL', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.string({ unit: 'binary' }), (createdAtMs, metricId) => {
      const cursor = writeCursor({ createdAtMs, metricId });
      assert.match(cursor, /^[A-Za-z0-9_-]+$/);
      assert.equal(readCursor(cursor), { createdAtMs, metricId });
    }),
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
  const cursor = writeCursor({ createdAtMs: 1736150400000, metricId: 'metric>?' });
  for (const changed of [`${cursor}!`, `${cursor}=`, ` ${cursor}`, cursor.slice(0, -1), `*${cursor}`]) {
    assert.is(readCursor(changed), null, changed);
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
