/** Documents and grids of simulated people for the report's tests, and a reader for the pages made from them. */

import { SaxesParser } from 'saxes';
import { HtmlReportRenderer } from '../../../adapters/html-report/html-report-renderer.ts';
import type { AnalysisDocument, LocalDayGrid, ModelEncoding, NightResult } from '../../../core/analysis/document.ts';

export const GENERATED_AT_MS = Date.UTC(2025, 5, 30, 8, 15);

/** ISO dates from `first` on. */
export function datesFrom(first: string, days: number): string[] {
  return Array.from({ length: days }, (_, day) =>
    new Date(Date.parse(`${first}T00:00:00Z`) + day * 86_400_000).toISOString().slice(0, 10),
  );
}

/** A grid whose minute values are given by day and minute of the day. */
export function gridOf(dates: readonly string[], value: (day: number, minute: number) => number): LocalDayGrid {
  const values = new Float32Array(dates.length * 1440);
  for (let i = 0; i < values.length; i++) values[i] = value(Math.floor(i / 1440), i % 1440);
  return { dates, values };
}

/** Steps of somebody who walks a little from seven to eleven and sleeps at night; no two minutes quite alike. */
export function walking(day: number, minute: number): number {
  const awake = minute >= 420 && minute < 1380;
  return awake ? ((minute * 7919 + day * 104_729) % 97) * (minute % 3 === 0 ? 1 : 0) : 0;
}

export function nightOf(date: string, changes: Partial<NightResult> = {}): NightResult {
  const [next = date] = datesFrom(date, 2).slice(1);
  return {
    date,
    in_bed_start: `${date}T22:30:00+02:00`,
    in_bed_end: `${next}T06:30:00+02:00`,
    time_in_bed_minutes: 480,
    asleep_minutes: 420,
    efficiency_percent: 87.5,
    onset_latency_minutes: 15,
    waso_minutes: 45,
    stages: { awake: 60, core: 250, deep: 70, rem: 100, unspecified: 0 },
    source: 'Watch of a simulated person',
    ...changes,
  };
}

/** A complete document over whole days in Berlin's summer, with everything computed but the model and the risk. */
export function sampleDocument(grid: LocalDayGrid): AnalysisDocument {
  const dates = grid.dates;
  const last = dates.at(-1) ?? '2025-06-01';
  const end = datesFrom(last, 2)[1] ?? last;
  const daily = dates.map((date, day) => {
    const values = [...grid.values.subarray(day * 1440, (day + 1) * 1440)].filter((value) => !Number.isNaN(value));
    const total = values.reduce((sum, value) => sum + value, 0);
    return { date, total: values.length === 0 ? null : total, valid_minutes: values.length };
  });
  const valid = daily.reduce((sum, day) => sum + day.valid_minutes, 0);
  return {
    schema: 'clarity.analysis/1',
    window: {
      start: `${dates[0] ?? last}T00:00:00+02:00`,
      end: `${end}T00:00:00+02:00`,
      timezone: 'Europe/Berlin',
      minutes: dates.length * 1440,
    },
    input: {
      kind: 'healthkit',
      sha256: 'ab'.repeat(32),
      notices: [
        {
          code: 'unknown-type',
          message: 'HKQuantityTypeIdentifierDietaryWater is not kept.',
          count: 12,
          first_at: 'line 310',
        },
      ],
      sources: [
        {
          name: 'Watch of a simulated person',
          device: 'watch',
          signal: 'step_count',
          samples: 900,
          used: 60_000,
          set_aside: 0,
          reason: null,
        },
        {
          name: 'Phone of a simulated person',
          device: 'phone',
          signal: 'step_count',
          samples: 400,
          used: 1_200,
          set_aside: 33_000,
          reason: 'a preferred source counted the same minutes',
        },
      ],
    },
    data_quality: {
      valid_minutes: valid,
      valid_days: daily.filter((day) => day.valid_minutes >= 600).length,
      wear_fraction: valid / Math.max(1, dates.length * 1440),
      gaps: [],
      wear_rule: 'a minute without a step sample counts as zero where the watch was worn',
    },
    rhythm: {
      interdaily_stability: 0.61,
      intradaily_variability: 0.84,
      relative_amplitude: 0.97,
      l5: { mean: 0.4, onset_minute: 70 },
      m10: { mean: 21.3, onset_minute: 545 },
      cosinor: { mesor: 10.5, amplitude: 9.25, acrophase_minute: 888, r_squared: 0.083 },
    },
    sleep: {
      method: 'nights from the device’s own sleep intervals',
      scored_sleep_minutes: null,
      rescored_sleep_minutes: null,
      regularity_index: 78.4,
      nights: dates.slice(0, -1).map((date) => nightOf(date)),
    },
    activity: { unit: 'steps', daily, hourly_profile: Array.from({ length: 24 }, (_, hour) => hour) },
    model: { status: 'weights_not_installed', name: null, engine: null, scaling: null, embedding: null },
    risk: { depression: null },
    algorithms: {
      cosinor: {
        name: 'Single-component 24-hour cosinor',
        version: '1.0.0',
        reference: 'Cornelissen G. Theor Biol Med Model 2014;11:16. doi:10.1186/1742-4682-11-16.',
      },
    },
    not_computed: [
      { field: 'sleep.scored_sleep_minutes', reason: 'scoring rules are not run on steps' },
      { field: 'sleep.rescored_sleep_minutes', reason: 'scoring rules are not run on steps' },
      { field: 'model.embedding', reason: 'the weights are not installed' },
      { field: 'risk.depression', reason: 'no trained head is installed' },
    ],
  };
}

/** Shares that sum to 1, one a patch, no two quite alike. */
export function sharesOf(patches: number, weight = (patch: number) => 1 + ((patch * 7919) % 101) / 50): number[] {
  const weights = Array.from({ length: patches }, (_, patch) => weight(patch));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights.map((value) => value / total);
}

/** What an encoder says of the grid's last days, seven of them unless told otherwise. */
export function sampleEncoding(grid: LocalDayGrid, changes: Partial<ModelEncoding> = {}): ModelEncoding {
  const days = changes.days ?? Math.min(7, grid.dates.length);
  return {
    model_id: 'PAT-S-14de20b7d86f',
    weights_sha256: '14de20b7d86f234e'.repeat(4),
    signal: 'steps',
    reference_population: null,
    first_day: grid.dates[grid.dates.length - days] ?? '2025-06-02',
    days,
    length_note: null,
    missing_minutes: { imputed: 159, most: days * 144, policy: 'the mean of the same clock minute on the other days' },
    ...changes,
    importance: changes.importance ?? {
      method: 'attention received in the last block, mean over heads',
      patch_minutes: 18,
      per_patch: sharesOf(days * 80),
    },
  };
}

/** The sample document with an embedding of the grid's last days and the scores of two heads. */
export function encodedDocument(grid: LocalDayGrid, changes: Partial<ModelEncoding> = {}): AnalysisDocument {
  const base = sampleDocument(grid);
  return {
    ...base,
    model: {
      status: 'ready',
      name: 'PAT-S',
      engine: 'onnxruntime 1.30.0 (cpu)',
      scaling: 'per-person',
      embedding: Array.from({ length: 96 }, (_, i) => Math.sin(i * i)),
      encoding: sampleEncoding(grid, changes),
    },
    risk: {
      depression: 0.412,
      scores: [
        { task: 'depression', score: 0.412, card_id: 'depression-0d3f8a1c2b4e' },
        { task: 'sleep disorder', score: 0.0871, card_id: 'sleep-disorder-55fa8a1c2b4e' },
      ],
    },
    not_computed: base.not_computed.filter(({ field }) => field.startsWith('sleep')),
  };
}

/** A document of which nothing could be computed, over days without one recorded minute. */
export function emptyDocument(grid: LocalDayGrid): AnalysisDocument {
  const nothing = { mean: null, onset_minute: null };
  const base = sampleDocument(grid);
  return {
    ...base,
    input: { ...base.input, sources: [] },
    rhythm: {
      interdaily_stability: null,
      intradaily_variability: null,
      relative_amplitude: null,
      l5: nothing,
      m10: nothing,
      cosinor: { mesor: null, amplitude: null, acrophase_minute: null, r_squared: null },
    },
    sleep: { ...base.sleep, method: null, regularity_index: null, nights: null },
    activity: { ...base.activity, hourly_profile: Array.from({ length: 24 }, () => null) },
    not_computed: [
      { field: 'rhythm', reason: 'the window has no valid minute' },
      { field: 'sleep', reason: 'the window has no valid minute' },
      { field: 'risk.depression', reason: 'no trained head is installed' },
    ],
  };
}

/** The page for a document and its grid. */
export function rendered(document: AnalysisDocument, grid: LocalDayGrid): string {
  return new HtmlReportRenderer().render(document, grid, GENERATED_AT_MS);
}

/** An element of a parsed page. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parent: Element | null;
  readonly children: (Element | string)[];
}

/** Parses markup as XML and fails on anything that is not well-formed. */
export function parsed(text: string): Element {
  const root: Element = { name: '#root', attributes: {}, parent: null, children: [] };
  let open = root;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, parent: open, children: [] };
    open.children.push(element);
    open = element;
  });
  parser.on('closetag', () => {
    open = open.parent ?? root;
  });
  parser.on('text', (words) => {
    if (open !== root) open.children.push(words);
  });
  parser.write(text).close();
  return root;
}

/** All elements below, in document order. */
export function elementsIn(element: Element): Element[] {
  return element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elementsIn(child)]));
}

export function withId(element: Element, id: string): Element {
  const found = elementsIn(element).find((candidate) => candidate.attributes['id'] === id);
  if (found === undefined) throw new Error(`no element has the id ${id}`);
  return found;
}

/** Elements of that class, of that name where given. */
export function withClass(element: Element, className: string, name?: string): Element[] {
  return elementsIn(element).filter(
    (candidate) =>
      (candidate.attributes['class'] ?? '').split(' ').includes(className) &&
      (name === undefined || candidate.name === name),
  );
}

/** The words in an element, white space folded. */
export function wordsOf(element: Element): string {
  const collect = (part: Element | string): string =>
    typeof part === 'string' ? part : part.children.map(collect).join(' ');
  return collect(element).replace(/\s+/g, ' ').trim();
}

/** One of a chart's two drawings. */
export function drawingOf(page: Element, id: string, layout: 'wide' | 'narrow'): Element {
  const title = withId(page, `${id}-${layout}-t`);
  if (title.parent === null) throw new Error(`${id} has no drawing`);
  return title.parent;
}
