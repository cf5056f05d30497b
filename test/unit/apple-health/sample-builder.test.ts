import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SampleColumnsBuilder } from '../../../core/health-data/sample-builder.ts';
import type { SampleType } from '../../../core/health-data/sample-types.ts';
import type { SampleColumns, SampleSource } from '../../../core/health-data/samples.ts';

const source = (key: string): SampleSource => ({ key, name: key, device: 'other', model: null });
const row = fc.record(
  {
    type: fc.constantFrom<SampleType>('heart_rate', 'step_count', 'sleep_stage'),
    startMs: fc.integer(),
    endMs: fc.integer(),
    value: fc.integer(),
    offsetMinutes: fc.integer({ min: -720, max: 840 }),
    key: fc.constantFrom('a', 'b', 'c'),
  },
  { noNullPrototype: true },
);

function rowsOf(batches: readonly SampleColumns[]) {
  return batches.flatMap((columns) =>
    Array.from(columns.startMs, (startMs, at) => ({
      type: columns.type,
      startMs,
      endMs: columns.endMs[at],
      value: columns.value[at],
      offsetMinutes: columns.offsetMinutes[at],
      key: columns.sources[columns.source[at] as number]?.key,
    })),
  );
}

test('gives back every sample, in order within its type, once', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), fc.nat({ max: 60 }), (rows, split) => {
      const builder = new SampleColumnsBuilder();
      const taken: SampleColumns[] = [];
      rows.forEach((r, at) => {
        if (at === split) taken.push(...builder.take());
        builder.add(r.type, r.startMs, r.endMs, r.value, r.offsetMinutes, source(r.key));
      });
      taken.push(...builder.take());
      assert.is(builder.size, 0);
      assert.equal(builder.take(), []);
      for (const type of ['heart_rate', 'step_count', 'sleep_stage']) {
        assert.equal(
          rowsOf(taken).filter((r) => r.type === type),
          rows.filter((r) => r.type === type),
        );
      }
    }),
  );
});

test('what was taken does not change when more is added', () => {
  const builder = new SampleColumnsBuilder();
  builder.add('heart_rate', 1, 2, 60, 0, source('a'));
  const [first] = builder.take();
  builder.add('heart_rate', 3, 4, 70, 60, source('b'));
  assert.equal(
    rowsOf(builder.take()).map((r) => r.key),
    ['b'],
  );
  assert.equal(rowsOf(first === undefined ? [] : [first]), [
    { type: 'heart_rate', startMs: 1, endMs: 2, value: 60, offsetMinutes: 0, key: 'a' },
  ]);
});

test('grows past its first capacity', () => {
  const builder = new SampleColumnsBuilder();
  for (let n = 0; n < 5000; n += 1) builder.add('step_count', n, n + 1, n * 2, n % 60, source('a'));
  assert.is(builder.size, 5000);
  const [columns] = builder.take();
  assert.is(columns?.startMs[4999], 4999);
  assert.is(columns?.value[4999], 9998);
  assert.is(columns?.sources.length, 1);
});

test('starts another batch when a type has more sources than an index can tell apart', () => {
  const builder = new SampleColumnsBuilder();
  for (let n = 0; n < 65_540; n += 1) builder.add('step_count', n, n, n, 0, source(`source ${String(n)}`));
  const batches = builder.take();
  assert.equal(
    batches.map(({ sources }) => sources.length),
    [65_536, 4],
  );
  const rows = rowsOf(batches);
  assert.ok(rows.every(({ key, value }) => key === `source ${String(value)}`));
  assert.is(rows.length, 65_540);
});

test.run();
