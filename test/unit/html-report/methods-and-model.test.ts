import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entryOf, fieldName, generalField, methodPurpose } from '../../../adapters/html-report/field-names.ts';
import { reference } from '../../../adapters/html-report/methods.ts';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  drawingOf,
  elementsIn,
  gridOf,
  parsed,
  rendered,
  sampleDocument,
  walking,
  withClass,
  withId,
  wordsOf,
} from './sample-report.ts';
import type { Element } from './sample-report.ts';

const week = gridOf(datesFrom('2025-06-02', 7), walking);

const sectionOf = (id: string, change: (document: AnalysisDocument) => AnalysisDocument): Element =>
  withId(parsed(rendered(change(sampleDocument(week)), week)), id);

const linksOf = (text: string): readonly (readonly [string, string])[] =>
  elementsIn(parsed(`<p>${reference(text).toString()}</p>`))
    .filter((element) => element.name === 'a')
    .map((element) => [wordsOf(element), element.attributes['href'] ?? ''] as const);

test('DOIs and arXiv numbers become links to doi.org, without the punctuation that follows them', () => {
  assert.equal(linksOf('Theor Biol Med Model 2014;11:16. doi:10.1186/1742-4682-11-16.'), [
    ['doi:10.1186/1742-4682-11-16', 'https://doi.org/10.1186/1742-4682-11-16'],
  ]);
  assert.equal(linksOf('(Witting 1990, https://doi.org/10.1016/0006-3223(90)90523-5)'), [
    ['https://doi.org/10.1016/0006-3223(90)90523-5', 'https://doi.org/10.1016/0006-3223(90)90523-5'],
  ]);
  assert.equal(linksOf('Ruan FJ et al. arXiv:2411.15240 (2024). Weights: CC BY 4.0.'), [
    ['arXiv:2411.15240', 'https://doi.org/10.48550/arXiv.2411.15240'],
  ]);
});

test('a reference without a number stays text, and no other address becomes a link', () => {
  for (const text of [
    'Cole RJ et al. Sleep 1992;15:461-469.',
    'https://example.org/x',
    'javascript:alert(1)',
    'doi:10.1/x',
    '',
  ]) {
    assert.equal(linksOf(text), [], text);
    assert.is(wordsOf(parsed(`<p>${reference(text).toString()}</p>`)), text);
  }
  assert.equal(linksOf('doi:10.1000/a"onclick="x'), [['doi:10.1000/a', 'https://doi.org/10.1000/a']]);
});

test('methods are listed with name, version and reference', () => {
  const section = sectionOf('methods', (document) => document);
  const words = wordsOf(section);
  assert.match(words, 'Fitted 24-hour wave Single-component 24-hour cosinor 1.0.0 Cornelissen G.');
});

test('fields have plain names, known or made from their path', () => {
  assert.is(fieldName('rhythm.interdaily_stability'), 'interdaily stability (IS)');
  assert.is(fieldName('sleep.nights[].waso_minutes'), 'time awake after falling asleep (WASO)');
  assert.is(fieldName('sleep.nights.12.waso_minutes'), fieldName('sleep.nights[3].waso_minutes'));
  assert.is(fieldName('some.new_field.4.of_mine'), 'some new field of mine');
  assert.is(fieldName('constructor'), 'constructor');
  assert.is(methodPurpose('pat_encoder'), 'embedding');
  assert.is(methodPurpose('a_new_method'), 'a new method');
  assert.is(generalField('activity.daily[0].total'), 'activity.daily.*.total');
  assert.equal(['sleep.nights.3.stages', 'sleep.nights[].stages', 'x[1].y', 'rhythm.l5'].map(entryOf), [
    'night',
    null,
    'entry',
    null,
  ]);
});

test('what was not computed is listed in plain words, together where the reason is one', () => {
  const section = sectionOf('missing', (document) => ({
    ...document,
    not_computed: [
      { field: 'rhythm.interdaily_stability', reason: 'every clock hour must be seen on two days' },
      { field: 'sleep.nights.0.waso_minutes', reason: 'the source does not tell' },
      { field: 'sleep.nights.4.waso_minutes', reason: 'the source does not tell' },
      { field: 'sleep.nights.4.stages', reason: 'the source does not tell' },
      { field: 'risk.depression', reason: 'no trained head is installed' },
    ],
  }));
  const rows = elementsIn(section)
    .filter((element) => element.name === 'tr')
    .slice(1)
    .map(wordsOf);
  assert.equal(rows, [
    'Interdaily stability (IS) Every clock hour must be seen on two days.',
    'Time awake after falling asleep (WASO) (2 nights); sleep stages (1 night) The source does not tell.',
    'Depression risk No trained head is installed.',
  ]);
  assert.match(wordsOf(sectionOf('missing', (document) => ({ ...document, not_computed: [] }))), 'could be computed');
});

test('a missing model says what is missing and who can install it', () => {
  const words = wordsOf(sectionOf('model', (document) => document));
  assert.match(words, 'Status its weights are not installed here');
  assert.match(words, 'Not computed. The weights are not installed.');
  assert.match(words, 'Whoever runs this installation can install them');
});

test('a depression risk that is not there is said not to be, with the reason', () => {
  const words = wordsOf(sectionOf('model', (document) => document));
  assert.match(words, 'Depression risk Not computed. No trained head is installed.');
});

test('a risk score is never passed off as a diagnosis', () => {
  const words = wordsOf(sectionOf('model', (document) => ({ ...document, risk: { depression: 0.412 } })));
  assert.match(
    words,
    /score is 0\.41 on a scale from 0 to 1\. It is a research score, not a probability of illness and not a diagnosis/,
  );
});

test('an embedding is drawn as columns above and below zero', () => {
  const base = sampleDocument(week);
  const model = {
    status: 'ready',
    name: 'PAT-S',
    engine: 'an engine',
    scaling: 'a scaling',
    embedding: [1, -2, 0, 0.5],
  };
  const page = parsed(rendered({ ...base, model }, week));
  const drawing = drawingOf(page, 'embedding', 'wide');
  const columns = (withClass(drawing, 'activity')[0]?.attributes['d'] ?? '')
    .split('M')
    .filter((column) => column !== '');
  const heights = columns.map((column) => {
    const ys = column
      .replace('Z', '')
      .split('L')
      .map((point) => Number(point.split(',')[1]));
    return Math.max(...ys) - Math.min(...ys);
  });
  assert.equal(
    heights.map((height) => Math.round(height)),
    [18, 36, 0, 9],
  );
  const words = wordsOf(withId(page, 'model'));
  assert.match(words, 'Model PAT-S');
  assert.not.match(words, 'can install them');
});

test('a model that is ready but gave nothing says why', () => {
  const words = wordsOf(
    sectionOf('model', (document) => ({
      ...document,
      model: { status: 'ready', name: 'PAT-S', engine: 'an engine', scaling: null, embedding: null },
      not_computed: [{ field: 'model.embedding', reason: 'day 3 has 540 of the 600 valid minutes it needs' }],
    })),
  );
  assert.match(words, 'Not computed. Day 3 has 540 of the 600 valid minutes it needs.');
});

test.run();
