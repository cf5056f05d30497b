/** What has to be said about an embedding: which model, on what, scaled how, over which days, with what filled in. */

import type { AnalysisDocument, ModelEncoding } from '../../core/analysis/document.ts';
import { MINUTES_PER_DAY } from '../../core/kernel/local-time.ts';
import { encodedRange } from './encoded-days.ts';
import { dateRange } from './local-clock.ts';
import { dataName, markup, NOTHING, shortened } from './markup.ts';
import type { Markup, Part } from './markup.ts';
import { asSentence, counted, formatCount, formatPercent } from './text.ts';

type Fact = readonly [name: string, value: Part];

/** Facts in their order, as a list of pairs; `status` in words. */
export function modelFacts({ model }: AnalysisDocument, status: string): Markup {
  const encoding = model.encoding ?? null;
  const facts: readonly Fact[] = [
    ['Status', status],
    ['Model', shortened(model.name ?? '') || 'none'],
    ...(encoding === null ? [] : identity(encoding)),
    ['Engine', shortened(model.engine ?? '') || 'none'],
    ...(encoding === null ? [] : [inputSignal(encoding)]),
    ['Scaling of the input', scaling(model.scaling, encoding)],
    ...(encoding === null ? [] : days(encoding)),
  ];
  return markup`<dl class="pairs">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** As many characters of a hash as tell files apart by eye. */
const HASH_CHARACTERS = 16;

function identity({ model_id: id, weights_sha256: sha256 }: ModelEncoding): readonly Fact[] {
  const hash = shortened(sha256, 130);
  const shown = hash.length > HASH_CHARACTERS ? `${hash.slice(0, HASH_CHARACTERS)}…` : hash;
  return [
    ['Model id', markup`<code>${shortened(id)}</code>`],
    ['SHA-256 of the weights', markup`<code title="${hash}">${shown || 'unknown'}</code>`],
  ];
}

const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['counts', 'counts a minute'],
  ['steps', 'steps a minute, a proxy of the counts that the model was pretrained on'],
]);

const inputSignal = ({ signal }: ModelEncoding): Fact => ['Signal', SIGNALS.get(signal) ?? shortened(signal)];

/** In words where the way of scaling is known; a document without an encoding says it in its own words. */
function scaling(name: string | null, encoding: ModelEncoding | null): Part {
  const text = shortened(name ?? '', 300);
  if (encoding === null) return text || 'none';
  if (text === 'population') {
    return markup`population: each minute of the week against ${encoding.reference_population === null ? 'a reference population that is not named' : markup`the reference population ${dataName(encoding.reference_population)}`}`;
  }
  if (text === 'per-person') {
    return 'per-person: all minutes against the mean and deviation of this record itself, which takes the person’s overall level away';
  }
  return text || 'none';
}

function days(encoding: ModelEncoding): readonly Fact[] {
  const { imputed, most, policy } = encoding.missing_minutes;
  const range = encodedRange(encoding);
  const dates = range === null ? shortened(encoding.first_day, 40) : dateRange(range.first, range.last);
  const all = encoding.days * MINUTES_PER_DAY;
  return [
    ['Encoded days', `${counted(encoding.days, 'local day')}, ${dates || 'of an unknown date'}`],
    ...(encoding.length_note === null ? [] : [['Length', asSentence(shortened(encoding.length_note, 300))] as const]),
    [
      'Minutes filled in',
      markup`${formatCount(imputed)} of ${formatCount(all)} (${formatPercent((imputed / all) * 100)}); with more than ${formatCount(most)} nothing would have been encoded${policyText(policy)}`,
    ],
    [
      'Attention',
      asSentence(shortened(encoding.importance.method, 300)) || 'the document does not say how it was taken',
    ],
  ];
}

function policyText(policy: string): Markup {
  const sentence = asSentence(shortened(policy, 500));
  return sentence === '' ? NOTHING : markup`<span class="sub">${sentence}</span>`;
}
