import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnalysisDocument } from '../../../core/analysis/document.ts';
import { cosinorNumbers, rhythmNumbers } from '../../../adapters/html-report/numbers.ts';
import { activityNumbers, sleepNumbers } from '../../../adapters/html-report/sleep-numbers.ts';
import {
  datesFrom,
  elementsIn,
  emptyDocument,
  gridOf,
  nightOf,
  parsed,
  rendered,
  sampleDocument,
  walking,
  withClass,
  withId,
  wordsOf,
} from './sample-report.ts';

const week = gridOf(datesFrom('2025-06-02', 7), walking);
const sample = sampleDocument(week);

const spaces = (text: string | null | undefined): string => (text ?? 'not computed').replace(/\u00a0/g, ' ');
const all = (document: AnalysisDocument) => [
  ...rhythmNumbers(document),
  ...cosinorNumbers(document),
  ...sleepNumbers(document),
  ...activityNumbers(document),
];
const cardOf = (document: AnalysisDocument, title: string) =>
  all(document).find((card) => card.title.startsWith(title));

test('every number comes with one sentence', () => {
  for (const card of all(sample)) {
    assert.match(card.sentence, /^[A-Z].*\.$/, card.title);
    assert.not.match(card.sentence.slice(0, -1), /[.!?] [A-Z]/, card.title);
  }
});

test('numbers are shown with their units', () => {
  const shown = (title: string): string => {
    const card = cardOf(sample, title);
    return `${spaces(card?.value)} ${card?.unit ?? ''}`.trim();
  };
  assert.is(shown('Interdaily stability'), '0.61');
  assert.is(shown('Intradaily variability'), '0.84');
  assert.is(shown('Relative amplitude'), '0.97');
  assert.is(shown('Least active'), '0.40 steps a minute');
  assert.is(shown('Most active'), '21.3 steps a minute');
  assert.is(shown('Mesor'), '10.5 steps a minute');
  assert.is(shown('Amplitude'), '9.25 steps a minute');
  assert.is(shown('Acrophase'), '14:48 local clock time');
  assert.is(shown('Share described'), '8.3 %');
  assert.is(shown('Sleep regularity'), '78 of 100');
  assert.is(shown('Time in bed'), '8 h over 6 nights');
  assert.is(shown('Sleep efficiency'), '87.5 % over 6 nights');
});

test('a null is shown as not computed with the reason of its field or of the part that holds it', () => {
  const document = emptyDocument(gridOf(datesFrom('2025-06-02', 7), () => NaN));
  for (const card of [...rhythmNumbers(document), ...cosinorNumbers(document), ...sleepNumbers(document)]) {
    assert.is(card.value, null, card.title);
    assert.is(card.sentence, 'The window has no valid minute.', card.title);
  }
});

test('values that are no numbers are not computed either', () => {
  const rhythm = { ...sample.rhythm, interdaily_stability: NaN, l5: { mean: Infinity, onset_minute: NaN } };
  const document = { ...sample, rhythm };
  assert.is(cardOf(document, 'Interdaily')?.value, null);
  assert.is(cardOf(document, 'Least active')?.value, null);
  assert.is(cardOf(document, 'Interdaily')?.sentence, 'The analysis gives no reason.');
});

test('means leave out the nights that do not tell, and say how many do', () => {
  const nights = [
    nightOf('2025-06-02', { onset_latency_minutes: 10 }),
    nightOf('2025-06-03', { onset_latency_minutes: 20 }),
    nightOf('2025-06-04', { onset_latency_minutes: null }),
  ];
  const latency = cardOf({ ...sample, sleep: { ...sample.sleep, nights } }, 'Time to fall asleep');
  assert.is(`${spaces(latency?.value)} ${latency?.unit ?? ''}`, '15 min over 2 nights');
});

test('a number that no night tells gives the reason listed for the nights', () => {
  const document = {
    ...sample,
    sleep: { ...sample.sleep, nights: [nightOf('2025-06-02', { waso_minutes: null })] },
    not_computed: [{ field: 'sleep.nights[].waso_minutes', reason: 'in 1 of 1 nights the source does not tell it' }],
  };
  assert.is(cardOf(document, 'Awake after')?.sentence, 'In 1 of 1 nights the source does not tell it.');
  assert.is(cardOf({ ...document, not_computed: [] }, 'Awake after')?.sentence, 'No night in these data tells it.');
});

test('the mean of a day counts valid days only', () => {
  const daily = [
    { date: '2025-06-02', total: 4000, valid_minutes: 1440 },
    { date: '2025-06-03', total: 6000, valid_minutes: 600 },
    { date: '2025-06-04', total: 90, valid_minutes: 599 },
    { date: '2025-06-05', total: null, valid_minutes: 0 },
  ];
  const card = activityNumbers({ ...sample, activity: { ...sample.activity, daily } })[0];
  assert.is(`${card?.value ?? ''} ${card?.unit ?? ''}`, '5,000 over 2 valid days');
  assert.is(activityNumbers({ ...sample, activity: { ...sample.activity, daily: daily.slice(2) } })[0]?.value, null);
});

test('a relative amplitude of one by construction is explained', () => {
  const rhythm = { ...sample.rhythm, relative_amplitude: 1, l5: { mean: 0, onset_minute: 60 } };
  assert.match(cardOf({ ...sample, rhythm }, 'Relative')?.sentence ?? '', 'no activity at all');
});

test('the mark on a scale lies where the value is, and never off the scale', () => {
  const markAt = (value: number): number => {
    const document = { ...sample, rhythm: { ...sample.rhythm, interdaily_stability: value } };
    const [dot] = withClass(withId(parsed(rendered(document, week)), 'numbers'), 'dot');
    return Number((dot?.attributes['cx'] ?? '').replace('%', ''));
  };
  assert.is(markAt(0), 2);
  assert.is(markAt(0.5), 50);
  assert.is(markAt(1), 98);
  assert.is(markAt(7), 98);
});

test('what is missing for the same reason shares a card that names it all', () => {
  const page = parsed(rendered(sample, week));
  const cards = withClass(withId(page, 'numbers'), 'none').map(wordsOf);
  assert.equal(cards, [
    'Sleep scored from movement; Sleep after rescoring not computed Scoring rules are not run on steps.',
  ]);
});

test('no sentence passes judgement or names an illness as present', () => {
  const words = wordsOf(withId(parsed(rendered(sample, week)), 'numbers'));
  assert.not.match(
    words,
    /\b(normal|abnormal|healthy|unhealthy|good|bad|poor|excellent|low risk|high risk|disorder|insomnia)\b/i,
  );
});

test('a short record is warned about beside the numbers', () => {
  const short = gridOf(datesFrom('2025-06-02', 3), walking);
  const numbersOf = (page: string): string => wordsOf(withId(parsed(page), 'numbers'));
  assert.match(numbersOf(rendered(sampleDocument(short), short)), 'fewer than seven valid days');
  assert.not.match(numbersOf(rendered(sample, week)), 'fewer than seven valid days');
});

test('the summary restates the document and leaves out what it does not know', () => {
  const summaryOf = (document: AnalysisDocument): string =>
    spaces(wordsOf(withId(parsed(rendered(document, week)), 'short')));
  const full = summaryOf(sample);
  assert.match(full, 'five least active hours ran from 01:10 to 06:10 and the ten most active from 09:05 to 19:05');
  assert.match(full, 'peaks at 14:48 and describes 8.3 % of the variation');
  assert.match(full, 'Time in bed averaged 8 h (6 nights); time asleep averaged 7 h (6 nights).');
  assert.match(full, '4 results could not be computed');
  const bare = summaryOf({ ...emptyDocument(week), not_computed: [] });
  assert.not.match(bare, /peaks at|averaged|results could not/);
});

test('the day ring is drawn when there is something to draw', () => {
  const rings = (grid: typeof week): number => {
    const page = parsed(rendered(sampleDocument(grid), grid));
    return elementsIn(page).filter((element) => element.attributes['class'] === 'ring').length;
  };
  assert.is(rings(week), 1);
  assert.is(rings(gridOf(datesFrom('2025-06-02', 2), () => NaN)), 0);
});

test.run();
