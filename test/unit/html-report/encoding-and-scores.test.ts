import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entryOf, fieldName } from '../../../adapters/html-report/field-names.ts';
import type { AnalysisDocument, ModelEncoding, RiskResults } from '../../../core/analysis/document.ts';
import {
  datesFrom,
  elementsIn,
  encodedDocument,
  gridOf,
  parsed,
  rendered,
  sampleDocument,
  sharesOf,
  walking,
  withClass,
  withId,
  wordsOf,
} from './sample-report.ts';
import type { Element } from './sample-report.ts';

const week = gridOf(datesFrom('2025-06-02', 7), walking);

const sectionOf = (document: AnalysisDocument): Element => withId(parsed(rendered(document, week)), 'model');

/** The section's facts by their names. */
function factsOf(section: Element): ReadonlyMap<string, string> {
  const [list] = withClass(section, 'pairs', 'dl');
  const rows = (list?.children ?? []).flatMap((row) => (typeof row === 'string' ? [] : [row]));
  return new Map(rows.map((row) => [partOf(row, 'dt'), partOf(row, 'dd')] as const));
}

const partOf = (row: Element, name: string): string =>
  elementsIn(row)
    .filter((element) => element.name === name)
    .map(wordsOf)
    .join(' ');

const factsWith = (changes: Partial<ModelEncoding>, scaling = 'per-person'): ReadonlyMap<string, string> => {
  const document = encodedDocument(week, changes);
  return factsOf(sectionOf({ ...document, model: { ...document.model, scaling } }));
};

const withRisk = (risk: RiskResults, not_computed: AnalysisDocument['not_computed'] = []): Element =>
  sectionOf({ ...encodedDocument(week), risk, not_computed });

test('everything that has to be said about an embedding is said', () => {
  const facts = factsWith({});
  assert.equal(
    [...facts],
    [
      ['Status', 'ready'],
      ['Model', 'PAT-S'],
      ['Model id', 'PAT-S-14de20b7d86f'],
      ['SHA-256 of the weights', '14de20b7d86f234e…'],
      ['Engine', 'onnxruntime 1.30.0 (cpu)'],
      ['Signal', 'steps a minute, a proxy of the counts that the model was pretrained on'],
      [
        'Scaling of the input',
        'per-person: all minutes against the mean and deviation of this record itself, which takes the person’s overall level away',
      ],
      ['Encoded days', '7 local days, 2 – 8 June 2025'],
      [
        'Minutes filled in',
        '159 of 10,080 (1.6 %); with more than 1,008 nothing would have been encoded The mean of the same clock minute on the other days.',
      ],
      ['Attention', 'Attention received in the last block, mean over heads.'],
    ],
  );
});

test('the whole hash of the weights can be had from the shortened one', () => {
  const titles = elementsIn(sectionOf(encodedDocument(week))).flatMap((element) => element.attributes['title'] ?? []);
  assert.equal(titles, ['14de20b7d86f234e'.repeat(4)]);
});

test('a reference population is named, and counts are not called a proxy', () => {
  const facts = factsWith({ signal: 'counts', reference_population: 'nhanes-2013-wrist-mims' }, 'population');
  assert.match(facts.get('Scaling of the input') ?? '', 'against the reference population nhanes-2013-wrist-mims');
  assert.is(facts.get('Signal'), 'counts a minute');
});

test('a population without a name and a scaling of another kind are not passed over', () => {
  assert.match(factsWith({}, 'population').get('Scaling of the input') ?? '', 'that is not named');
  assert.is(factsWith({}, 'by-ear').get('Scaling of the input'), 'by-ear');
});

test('days that are not the seven of the pretraining come with their remark', () => {
  const three = factsWith({
    days: 3,
    length_note: '3 local days were encoded; PAT was pretrained on seven',
    importance: { method: 'attention', patch_minutes: 18, per_patch: sharesOf(240) },
  });
  assert.is(three.get('Length'), '3 local days were encoded; PAT was pretrained on seven.');
  assert.is(three.get('Encoded days'), '3 local days, 6 – 8 June 2025');
  assert.not.ok(factsWith({}).has('Length'));
});

test('facts that are no numbers or dates are said to be unknown', () => {
  const facts = factsWith({
    first_day: '',
    days: NaN,
    weights_sha256: '',
    missing_minutes: { imputed: NaN, most: Infinity, policy: '' },
  });
  assert.is(facts.get('Encoded days'), 'unknown local days, of an unknown date');
  assert.is(
    facts.get('Minutes filled in'),
    'unknown of unknown (unknown); with more than unknown nothing would have been encoded',
  );
  assert.is(facts.get('SHA-256 of the weights'), 'unknown');
});

test('a document from before there was an encoder shows what it always did', () => {
  const document = sampleDocument(week);
  const model = { status: 'ready', name: 'PAT-S', engine: 'tf 4', scaling: 'per-person (steps proxy)', embedding: [1] };
  for (const encoding of [undefined, null]) {
    const section = sectionOf({ ...document, model: encoding === undefined ? model : { ...model, encoding } });
    assert.equal(
      [...factsOf(section)],
      [
        ['Status', 'ready'],
        ['Model', 'PAT-S'],
        ['Engine', 'tf 4'],
        ['Scaling of the input', 'per-person (steps proxy)'],
      ],
    );
    const headings = elementsIn(section).filter((element) => element.name === 'h3');
    assert.equal(headings.map(wordsOf), ['Depression risk']);
    assert.equal(withClass(section, 'card'), []);
  }
});

test('an engine that does not load is another matter than weights that are not there', () => {
  const document = sampleDocument(week);
  const words = wordsOf(
    sectionOf({
      ...document,
      model: { ...document.model, status: 'engine_unavailable' },
      not_computed: [{ field: 'model.embedding', reason: 'no engine loads: onnx, tensorflow, wasm and cpu failed' }],
    }),
  );
  assert.match(words, 'Status no engine that could run it loads here');
  assert.match(words, 'Not computed. No engine loads: onnx, tensorflow, wasm and cpu failed.');
  assert.match(words, 'none of those that this software knows could be loaded');
  assert.not.match(words, 'weights are not installed');
});

test('each head’s score is there with its task and card, and is never passed off as a diagnosis', () => {
  const cards = withClass(sectionOf(encodedDocument(week)), 'card', 'li').map(wordsOf);
  assert.is(cards.length, 2);
  const expected = [
    ['depression', '0.41', 'depression-0d3f8a1c2b4e'],
    ['sleep disorder', '0.09', 'sleep-disorder-55fa8a1c2b4e'],
  ] as const;
  expected.forEach(([task, score, cardId], i) => {
    const words = cards[i] ?? '';
    assert.ok(words.startsWith(`${task} ${score} from 0 to 1`), words);
    assert.match(words, `Model card ${cardId}`);
    assert.match(words, 'A research score from a head that was trained by this installation’s operator.');
    assert.match(words, 'It is not a probability of illness and not a diagnosis.');
  });
});

test('the depression score stays where it was', () => {
  assert.match(
    wordsOf(sectionOf(encodedDocument(week))),
    'Depression risk The model’s score is 0.41 on a scale from 0 to 1. It is a research score, not a probability of illness and not a diagnosis.',
  );
});

test('heads that gave nothing say why, each reason once', () => {
  const reasons = [
    { field: 'risk.depression', reason: 'no trained head is installed' },
    { field: 'risk.scores', reason: 'the head sleep-1 takes counts' },
    { field: 'risk.scores.0', reason: 'the head sleep-1 takes counts' },
    { field: 'risk.scores[1].score', reason: 'the head mood-2 is of another encoder' },
    { field: 'risk.scores_of_old', reason: 'something else' },
  ];
  const none = wordsOf(withRisk({ depression: null, scores: [] }, reasons));
  assert.match(none, 'Depression risk Not computed. No trained head is installed.');
  assert.match(
    none,
    /Scores of trained heads Not computed\. The head sleep-1 takes counts\. Not computed\. The head mood-2 is of another encoder\.$/,
  );
  const one = withRisk({ depression: null, scores: [{ task: 'a task', score: 0.5, card_id: 'a-1' }] }, reasons);
  assert.is(withClass(one, 'card', 'li').length, 1);
  assert.match(wordsOf(one), /0\.50 .*Not computed\. The head sleep-1 takes counts\./);
});

test('no head and no reason is said, too', () => {
  const words = wordsOf(withRisk({ depression: null, scores: [] }));
  assert.match(words, /Scores of trained heads Not computed\. The analysis gives no reason\.$/);
});

test('a score that is no number is not shown as one', () => {
  for (const score of [NaN, Infinity, null as unknown as number]) {
    const [card] = withClass(withRisk({ depression: NaN, scores: [{ task: 't', score, card_id: 'c' }] }), 'card', 'li');
    assert.match(card === undefined ? '' : wordsOf(card), /^t unknown/);
  }
});

test('the new fields have plain names in the list of what was not computed', () => {
  assert.is(fieldName('model.encoding'), 'what the model encoded');
  assert.is(fieldName('model.encoding.importance'), 'where the model looked');
  assert.is(fieldName('risk.scores'), 'scores of trained heads');
  assert.is(fieldName('risk.scores[3]'), 'score of a trained head');
  assert.is(entryOf('risk.scores.3.score'), 'head');
});

test.run();
