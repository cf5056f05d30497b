import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { increments, readSeries, type Series } from '../../../adapters/prometheus/series.ts';

test('what prom-client writes is read back', async () => {
  const registry = new Registry();
  const counter = new Counter({
    name: 'calls_total',
    help: 'a "help"\nof two lines',
    labelNames: ['a', 'b'],
    registers: [registry],
  });
  counter.inc({ a: 'GET', b: '/things/{thing_id}' }, 3);
  counter.inc({ a: 'quote " backslash \\ line \n comma , brace }', b: '' }, 0.5);
  new Gauge({ name: 'now', help: 'none', registers: [registry] }).set(-1.5e-7);
  new Histogram({ name: 'took', help: 'none', buckets: [0.5], registers: [registry] }).observe(0.1);
  assert.equal(readSeries(await registry.metrics()), [
    { name: 'calls_total', labels: { a: 'GET', b: '/things/{thing_id}' }, value: 3 },
    { name: 'calls_total', labels: { a: 'quote " backslash \\ line \n comma , brace }', b: '' }, value: 0.5 },
    { name: 'now', labels: {}, value: -1.5e-7 },
    { name: 'took_bucket', labels: { le: '0.5' }, value: 1 },
    { name: 'took_bucket', labels: { le: '+Inf' }, value: 1 },
    { name: 'took_sum', labels: {}, value: 0.1 },
    { name: 'took_count', labels: {}, value: 1 },
  ]);
});

test('label values of any kind are read back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
      const registry = new Registry();
      new Counter({ name: 'calls_total', help: 'none', labelNames: ['a'], registers: [registry] }).inc({ a: value });
      // Prometheus knows one line break, and trims lines.
      fc.pre(!/[\r\u0085\u2028\u2029]/.test(value));
      assert.equal(readSeries(await registry.metrics())?.[0]?.labels, { a: value });
    }),
    { numRuns: 200 },
  );
});

test('a time stamp is passed over, and infinity is a number', () => {
  assert.equal(readSeries('a 1 1395066363000\nb{x="y",} +Inf\n'), [
    { name: 'a', labels: {}, value: 1 },
    { name: 'b', labels: { x: 'y' }, value: Number.POSITIVE_INFINITY },
  ]);
});

test('what is none of the format is no series', () => {
  for (const text of ['<!doctype html>', 'a', 'a one', 'a{x=y} 1', 'a{x="y} 1', '{"a":1}']) {
    assert.is(readSeries(text), null, text);
  }
  assert.equal(readSeries('# HELP a b\n\n'), []);
});

test('growth is what was added, from zero where a process began anew or a series is new', () => {
  const series = (name: string, value: number, labels: Series['labels'] = {}): Series => ({ name, labels, value });
  assert.equal(
    increments(
      [series('a', 5, { x: '1', y: '2' }), series('b', 9), series('gone', 1)],
      [series('a', 7, { y: '2', x: '1' }), series('b', 4), series('c', 3)],
    ).map(({ name, value }) => [name, value]),
    [
      ['a', 2],
      ['b', 4],
      ['c', 3],
    ],
  );
});

test.run();
