import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  datesFrom,
  elementsIn,
  encodedDocument,
  gridOf,
  nightOf,
  parsed,
  rendered,
  sampleDocument,
  sampleEncoding,
  sharesOf,
  walking,
  wordsOf,
} from './sample-report.ts';

const week = gridOf(datesFrom('2025-06-02', 7), walking);

test('nothing is loaded from anywhere and nothing can run', () => {
  const page = rendered(encodedDocument(week), week);
  const elements = elementsIn(parsed(page));
  const forbidden = new Set([
    'script',
    'link',
    'img',
    'image',
    'iframe',
    'object',
    'embed',
    'base',
    'form',
    'video',
    'audio',
    'foreignObject',
    'animate',
    'set',
  ]);
  assert.equal(
    elements.filter((element) => forbidden.has(element.name)),
    [],
  );
  for (const { name, attributes } of elements) {
    for (const [attribute, value] of Object.entries(attributes)) {
      assert.not.match(attribute, /^(on|src$|srcset$|xlink:|style$|ping$|action$|poster$)/);
      if (attribute !== 'href') continue;
      assert.match(value, name === 'a' ? /^(#|https:\/\/doi\.org\/10\.)/ : /^#/);
    }
  }
  const style = elements
    .filter((element) => element.name === 'style')
    .map(wordsOf)
    .join('');
  assert.not.match(style, /url\(|@import|expression|http/i);
});

test('the page carries a policy of its own that forbids all but its style sheet', () => {
  const metas = elementsIn(parsed(rendered(sampleDocument(week), week))).filter((element) => element.name === 'meta');
  const policy = metas.find((meta) => meta.attributes['http-equiv'] === 'Content-Security-Policy');
  assert.match(policy?.attributes['content'] ?? '', /^default-src 'none'; style-src 'unsafe-inline';/);
  assert.is(metas.find((meta) => meta.attributes['name'] === 'referrer')?.attributes['content'], 'no-referrer');
});

test('text from the data never becomes markup, wherever it comes from', () => {
  const hostile = `</title></style></svg>"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;]]>\u202E\u0000`;
  const base = sampleDocument(week);
  const document = {
    ...base,
    schema: hostile as 'clarity.analysis/1',
    window: { ...base.window, timezone: hostile, start: hostile },
    input: {
      ...base.input,
      sha256: hostile,
      sources: [
        {
          name: hostile,
          device: 'watch' as const,
          signal: hostile,
          samples: 1,
          used: 1,
          set_aside: 1,
          reason: hostile,
        },
      ],
    },
    data_quality: { ...base.data_quality, wear_rule: hostile, gaps: [{ start: hostile, end: hostile, minutes: 5 }] },
    sleep: {
      ...base.sleep,
      method: hostile,
      nights: [nightOf('2025-06-02', { source: hostile }), nightOf('2025-06-03', { date: hostile, source: 'b' })],
    },
    activity: { ...base.activity, unit: hostile, daily: [{ date: hostile, total: 1, valid_minutes: 1440 }] },
    model: {
      status: hostile,
      name: hostile,
      engine: hostile,
      scaling: hostile,
      embedding: [1, -1],
      encoding: {
        ...sampleEncoding(week),
        model_id: hostile,
        weights_sha256: hostile,
        signal: hostile as 'steps',
        reference_population: hostile,
        first_day: hostile,
        length_note: hostile,
        missing_minutes: { imputed: 1, most: 2, policy: hostile },
        importance: { method: hostile, patch_minutes: 18, per_patch: sharesOf(560) },
      },
    },
    risk: { depression: 0.5, scores: [{ task: hostile, score: 0.5, card_id: hostile }] },
    algorithms: { [hostile]: { name: hostile, version: hostile, reference: `${hostile} doi:10.1000/${hostile}` } },
    not_computed: [{ field: hostile, reason: hostile }],
  };
  const root = parsed(rendered(document, { ...week, dates: week.dates.map((date, i) => (i === 0 ? hostile : date)) }));
  const elements = elementsIn(root);
  assert.equal(
    elements.filter((element) => ['script', 'img'].includes(element.name)),
    [],
  );
  assert.is(elements.filter((element) => element.name === 'style').length, 1);
  assert.is(
    elements.filter((element) => Object.keys(element.attributes).some((name) => name.startsWith('on'))).length,
    0,
  );
  assert.match(wordsOf(root), '<script>alert(1)</script>');
  assert.not.ok(/\u202E|\0/.test(wordsOf(root)));
});

test('a status that is the name of an object’s own method is only a status', () => {
  const base = sampleDocument(week);
  for (const status of ['constructor', '__proto__', 'toString']) {
    const encoding = sampleEncoding(week, { signal: status as 'steps', reference_population: status });
    const document = {
      ...base,
      model: { ...base.model, status, scaling: status, encoding },
      not_computed: [{ field: status, reason: 'why' }],
      algorithms: { [`x_${status}`]: { name: status, version: '1', reference: '' } },
    };
    assert.not.match(rendered(document, week), 'function');
  }
});

test('names of any length leave the page small', () => {
  const base = sampleDocument(week);
  const endless = 'x'.repeat(200_000);
  const source = {
    name: endless,
    device: 'other' as const,
    signal: endless,
    samples: 1,
    used: 1,
    set_aside: 0,
    reason: endless,
  };
  const document = {
    ...base,
    window: { ...base.window, timezone: endless },
    input: { ...base.input, sources: Array.from({ length: 500 }, () => source) },
    data_quality: { ...base.data_quality, wear_rule: endless },
    model: {
      ...base.model,
      name: endless,
      encoding: {
        ...sampleEncoding(week),
        model_id: endless,
        weights_sha256: endless,
        signal: endless as 'steps',
        reference_population: endless,
        length_note: endless,
        missing_minutes: { imputed: 1, most: 2, policy: endless },
      },
    },
    risk: {
      depression: null,
      scores: Array.from({ length: 5000 }, () => ({ task: endless, score: 0.5, card_id: endless })),
    },
    not_computed: [{ field: endless, reason: endless }],
  };
  assert.ok(rendered(document, week).length < 250_000);
});

test('28 days fill less than 700 kB, even with a gap at every other bar and all nights in stages', () => {
  const grid = gridOf(datesFrom('2025-06-02', 28), (day, minute) =>
    Math.floor(minute / 5) % 2 === 0 ? NaN : (minute * 31 + day * 17) % 900,
  );
  assert.ok(Buffer.byteLength(rendered(sampleDocument(grid), grid)) < 700_000);
});

for (const [days, patchMinutes, limit] of [
  [7, 18, 45_000],
  [14, 9, 75_000],
] as const) {
  test(`${days} encoded days in patches of ${patchMinutes} minutes, no two alike, add less than ${limit} bytes`, () => {
    const grid = gridOf(datesFrom('2025-06-02', 14), walking);
    const shares = sharesOf((days * 1440) / patchMinutes);
    const encoded = encodedDocument(grid, {
      days,
      importance: { method: 'attention', patch_minutes: patchMinutes, per_patch: shares },
    });
    const { encoding: _, ...model } = encoded.model;
    const without = Buffer.byteLength(rendered({ ...encoded, model }, grid));
    const added = Buffer.byteLength(rendered(encoded, grid)) - without;
    assert.ok(added > shares.length * 10 && added < limit, String(added));
  });
}

test('a year fills less than 2 MB', () => {
  const grid = gridOf(datesFrom('2024-06-02', 366), (day, minute) => (minute * 7919 + day * 104_729) % 1013);
  assert.ok(Buffer.byteLength(rendered(sampleDocument(grid), grid)) < 2_000_000);
});

test.run();
