/** The methods with their references, and what makes the result traceable. */

import type { AlgorithmUsed, AnalysisDocument } from '../../core/analysis/document.ts';
import { methodPurpose } from './field-names.ts';
import { utcText } from './local-clock.ts';
import { dataName, markup, shortened } from './markup.ts';
import type { Markup, Part } from './markup.ts';
import { table } from './table.ts';

const MAX_ALGORITHMS = 60;

/** The table of methods. */
export function methodsSection(document: AnalysisDocument): Markup {
  const algorithms = Object.entries(document.algorithms).slice(0, MAX_ALGORITHMS);
  if (algorithms.length === 0) return markup`<p>The analysis names no method.</p>`;
  return table({
    caption: 'Every result names its method and the version that computed it',
    columns: [{ head: 'For' }, { head: 'Method' }, { head: 'Version' }, { head: 'Reference', kind: 'wide' }],
    rows: algorithms.map(([key, algorithm]: [string, AlgorithmUsed]) => [
      capitalised(shortened(methodPurpose(key))),
      shortened(algorithm.name, 200),
      shortened(algorithm.version, 60),
      reference(shortened(algorithm.reference, 600)),
    ]),
  });
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const DOI = /(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)?(10\.\d{4,9}\/[-._;()/:a-z0-9]+)|arXiv:\s*(\d{4}\.\d{4,5})/gi;

/** The reference with its DOI or arXiv number as a link to doi.org, the only outside address in the report. */
export function reference(text: string): Markup {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(DOI)) {
    const doi = match[1] ?? `10.48550/arXiv.${match[2] ?? ''}`;
    const name = withoutTrailingPunctuation(doi);
    const shown = withoutTrailingPunctuation(match[0]);
    const address = `https://doi.org/${name.split('/').map(encodeURIComponent).join('/')}`;
    parts.push(text.slice(from, match.index), markup`<a href="${address}" rel="noreferrer noopener">${shown}</a>`);
    from = match.index + shown.length;
  }
  return markup`${parts}${text.slice(from)}`;
}

/** A DOI may end in a bracket of its own (as old ones do), but not in the sentence's punctuation. */
function withoutTrailingPunctuation(text: string): string {
  let end = text.length;
  for (;;) {
    const last = text.charAt(end - 1);
    const kept = text.slice(0, end);
    const closesOutside = last === ')' && kept.split(')').length > kept.split('(').length;
    if (!closesOutside && !'.,;:'.includes(last)) return kept;
    end -= 1;
    if (end === 0) return text;
  }
}

/** Where the result came from: enough to find the same input and compute it again. */
export function provenance(document: AnalysisDocument, generatedAtMs: number): Markup {
  const { window, input, activity } = document;
  const entries: readonly (readonly [string, Part])[] = [
    ['Window', markup`${shortened(window.start, 40)} to ${shortened(window.end, 40)} (end not included)`],
    ['Time zone', dataName(window.timezone)],
    ['Kind of input', input.kind],
    ['Unit of the signal', shortened(activity.unit, 40)],
    ['SHA-256 of the input', markup`<code>${shortened(input.sha256, 130)}</code>`],
    ['Document schema', document.schema],
    ['Report generated', utcText(generatedAtMs)],
  ];
  return markup`<dl class="pairs">${entries.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
