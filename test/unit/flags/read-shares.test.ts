import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVERYTHING_ON } from '../../../core/flags/model.ts';
import { readShares, writtenShares } from '../../../core/flags/read-shares.ts';
import { errorOf, valueOf } from '../result-values.ts';

test('a list and a JSON object say the same', () => {
  const expected = { auth: 100, data: 100, analysis: 25, insights: 0 };
  for (const text of [
    'auth:on,data:on,analysis:25%,insights:off',
    ' insights : off , analysis: 25% ',
    '{"analysis":"25%","insights":"off"}',
    '{"auth":true,"data":100,"analysis":25,"insights":false}',
  ]) {
    assert.equal(valueOf(readShares(text)), expected, text);
  }
});

test('what is not named is on', () => {
  assert.equal(valueOf(readShares('data:0%')), { ...EVERYTHING_ON, data: 0 });
  assert.equal(valueOf(readShares('{}')), EVERYTHING_ON);
});

test('what is not understood is refused, and the part is told', () => {
  for (const [text, part] of [
    ['', ''],
    ['auth', 'auth'],
    ['auth:on,', ''],
    ['dta:off', 'dta:off'],
    ['toString:off', 'toString:off'],
    ['data:maybe', 'data:maybe'],
    ['data:25', 'data:25'],
    ['data:101%', 'data:101%'],
    ['data:-1%', 'data:-1%'],
    ['data:1e1%', 'data:1e1%'],
    ['data:on:off', 'data:on:off'],
    ['data:on,data:off', 'data:off'],
    ['{"data":null}', 'data:null'],
    ['{"data":{"on":true}}', 'data:{"on":true}'],
    ['{"data":', '{"data":'],
    ['[]', '[]'],
  ] as const) {
    assert.equal(errorOf(readShares(text)), { kind: 'shares-malformed', part }, text);
  }
  assert.is(errorOf(readShares('x'.repeat(1000))).part.length, 60);
});

test('shares are read back as they were written', () => {
  const share = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  fc.assert(
    fc.property(fc.record({ auth: share, data: share, analysis: share, insights: share }), (shares) => {
      assert.equal(valueOf(readShares(writtenShares(shares))), { ...shares });
    }),
  );
});

test.run();
