import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServiceMetrics } from '../../hosts/wiring/observe/service-metrics.ts';

/** What documents, alarms and the dashboard say of metrics is so. */
const observability = suite('documents about metrics');

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { shapes } = new ServiceMetrics();

observability('the table has every metric with its type and labels, and no other', () => {
  const rows = textOf('docs/observability.md')
    .split('\n')
    .map((line) => /^\| `(clarity_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$/.exec(line))
    .filter((row) => row !== null)
    .map(([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
    }));
  assert.ok(rows.length > 30, String(rows.length));
  const inCode = shapes.map(({ name, type, labels }) => ({ name, type, labels: [...labels].sort() }));
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
  assert.equal([...rows].sort(byName), [...inCode].sort(byName));
});

/** Series that there are: of the table, and of every Node process as far as they are used. */
const SERIES: ReadonlySet<string> = new Set([
  ...shapes.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  'nodejs_eventloop_lag_p99_seconds',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
]);

const LABELS: ReadonlyMap<string, readonly string[]> = new Map(
  shapes.flatMap(({ name, labels, type }): [string, readonly string[]][] => [
    [name, labels],
    [`${name}_bucket`, [...labels, 'le']],
    ...(type === 'histogram' ? [[`${name}_sum`, labels] as [string, readonly string[]]] : []),
  ]),
);

const seriesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:clarity|nodejs|process)_\w+/g)].map(([name]) => name);

const unknownIn = (text: string): readonly string[] => seriesIn(text).filter((name) => !SERIES.has(name));

/** Labels in braces behind a metric that it does not have; those of every target are its scraper's. */
const strayLabels = (text: string): readonly string[] =>
  [...text.matchAll(/\b(clarity_\w+)\{([^{}]*)\}/g)].flatMap(([, name = '', inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)]
      .map(([, label = '']) => label)
      .filter((label) => !['instance', 'job', ...(LABELS.get(name) ?? [])].includes(label))
      .map((label) => `${name}{${label}}`),
  );

for (const path of ['docs/prometheus/clarity-alerts.yml', 'docs/prometheus/clarity-alerts.test.yml']) {
  observability(`${path} uses metrics and labels that there are`, () => {
    const text = textOf(path);
    assert.ok(seriesIn(text).length > 10);
    assert.equal(unknownIn(text), []);
    assert.equal(strayLabels(text), []);
  });
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

observability('the dashboard shows every metric of the table, and only such as there are', () => {
  const { panels } = JSON.parse(textOf('docs/grafana/clarity.json')) as { readonly panels: readonly Panel[] };
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
  assert.equal(unknownIn(asked), []);
  assert.equal(strayLabels(asked), []);
  const shown = new Set(seriesIn(asked).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
  assert.equal(
    shapes.map(({ name }) => name).filter((name) => !shown.has(name)),
    [],
  );
});

observability('the panels of the dashboard have ids of their own and do not overlap', () => {
  const { panels } = JSON.parse(textOf('docs/grafana/clarity.json')) as { readonly panels: readonly Panel[] };
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${String(x + (i % w))},${String(y + Math.floor(i / w))}`),
  );
  assert.is(new Set(cells).size, cells.length);
  assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
});

observability('a metric or a label that is not there is found', () => {
  assert.equal(unknownIn('rate(clarity_http_requests_total[5m]) + clarity_made_up'), ['clarity_made_up']);
  assert.equal(strayLabels('clarity_http_requests_total{method="GET",person="x"}'), [
    'clarity_http_requests_total{person}',
  ]);
});

observability.run();
