import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analysisTable } from '../../../hosts/cli/analysis-table.ts';
import type { AnalysisDocument, ModelEncoding } from '../../../core/analysis/document.ts';
import { datesFrom, encodedDocument, gridOf, sampleDocument, walking } from '../html-report/sample-report.ts';

const week = gridOf(datesFrom('2025-06-02', 7), walking);

/** The lines under "Model", their blanks folded. */
function modelLines(document: AnalysisDocument): readonly string[] {
  const lines = analysisTable(document).split('\n');
  const from = lines.indexOf('Model') + 1;
  return lines.slice(from, lines.indexOf('', from)).map((line) => line.trim().replace(/ {2,}/g, ' | '));
}

const encoded = (changes: Partial<ModelEncoding>, scaling = 'per-person'): readonly string[] => {
  const document = encodedDocument(week, changes);
  return modelLines({ ...document, model: { ...document.model, scaling } });
};

test('the encoder is shown with its id, engine, signal, scaling, days and imputed minutes', () => {
  assert.equal(encoded({}).slice(0, 5), [
    'PAT encoder | PAT-S (PAT-S-14de20b7d86f, onnxruntime 1.30.0 (cpu))',
    'Encoded signal | steps a minute (a proxy of the counts PAT was pretrained on)',
    'Scaling | per-person',
    'Encoded days | 7 from 2025-06-02',
    'Imputed minutes | 159 (at most 1,008)',
  ]);
});

test('counts are no proxy, and a population is named beside its scaling', () => {
  const lines = encoded({ signal: 'counts', reference_population: 'nhanes-2013-wrist-mims' }, 'population');
  assert.is(lines[1], 'Encoded signal | counts a minute');
  assert.is(lines[2], 'Scaling | population (nhanes-2013-wrist-mims)');
});

test('a length that PAT was not pretrained on has its remark', () => {
  const lines = encoded({ days: 3, length_note: '3 local days were encoded' });
  assert.equal(lines.slice(3, 5), ['Encoded days | 3 from 2025-06-06', '3 local days were encoded']);
});

test('scores stand with their cards and with what they are not', () => {
  assert.equal(encoded({}).slice(5), [
    'Depression risk | 0.412',
    'Score: depression | 0.412 (card depression-0d3f8a1c2b4e)',
    'Score: sleep disorder | 0.087 (card sleep-disorder-55fa8a1c2b4e)',
    "a score is a research score of a head that this installation's operator trained,",
    'not a probability of illness and not a diagnosis',
  ]);
});

test('without heads nothing is said of scores', () => {
  const document = encodedDocument(week);
  for (const risk of [{ depression: null }, { depression: null, scores: [] }]) {
    assert.equal(modelLines({ ...document, risk }).slice(5), ['Depression risk | -']);
  }
});

test('a document from before there was an encoder keeps its line', () => {
  const document = sampleDocument(week);
  assert.equal(modelLines(document), ['PAT encoder | weights_not_installed', 'Depression risk | -']);
  const model = { status: 'ready', name: 'PAT-S', engine: 'tf 4', scaling: 'per-person (steps proxy)', embedding: [1] };
  for (const one of [model, { ...model, encoding: null }]) {
    assert.is(modelLines({ ...document, model: one })[0], 'PAT encoder | PAT-S (tf 4, per-person (steps proxy))');
  }
});

test('what was not computed is listed with its reason', () => {
  const document = encodedDocument(week);
  const table = analysisTable({
    ...document,
    not_computed: [
      { field: 'risk.depression', reason: 'no trained head is installed' },
      { field: 'risk.scores', reason: 'no trained head is installed' },
    ],
  });
  assert.match(table, '  risk.depression, risk.scores: no trained head is installed\n');
});

test.run();
