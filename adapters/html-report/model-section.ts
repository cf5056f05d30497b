/** What the pretrained model gave, or what is missing for it; and the risk score, which is usually and rightly absent. */

import { max } from 'd3-array';
import { scaleBand, scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import type { AnalysisDocument, ModelResults } from '../../core/analysis/document.ts';
import { chart, figure, px } from './chart-frame.ts';
import { markup, NOTHING, shortened } from './markup.ts';
import type { Markup, Part } from './markup.ts';
import { reasonFor } from './not-computed.ts';
import { formatFixed, isKnown } from './text.ts';

/** What a status means for the reader. */
const STATUSES: ReadonlyMap<string, string> = new Map([
  ['weights_not_installed', 'its weights are not installed here'],
  ['weights_corrupt', 'its installed weights are damaged and were not used'],
  ['weights_unknown', 'its installed weights are not known to this software and were not used'],
]);

const INSTALL =
  'The weights of the Pretrained Actigraphy Transformer are published by its authors (arXiv:2411.15240) and are not part ' +
  'of this software. Whoever runs this installation can install them and have the same record analysed again. Nothing ' +
  'else in this report depends on the model.';

/** The section's content. */
export function modelSection(document: AnalysisDocument): Markup {
  const { model, risk } = document;
  const status = shortened(model.status, 80);
  const entries: readonly (readonly [string, Part])[] = [
    ['Status', STATUSES.get(status) ?? (status.replace(/_/g, ' ') || 'unknown')],
    ['Model', shortened(model.name ?? '') || 'none'],
    ['Engine', shortened(model.engine ?? '') || 'none'],
    ['Scaling of the input', shortened(model.scaling ?? '', 300) || 'none'],
  ];
  return markup`<dl class="pairs">${entries.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${statusText(document)}
${embeddingChart(model)}
<h3>Depression risk</h3>
${riskText(document, risk.depression)}
`;
}

function statusText(document: AnalysisDocument): Markup {
  const { status, embedding } = document.model;
  if (embedding !== null) return NOTHING;
  const reason = reasonFor(document, 'model.embedding');
  return markup`<p class="none"><strong>Not computed.</strong> ${reason}</p>
${STATUSES.has(status) ? markup`<p>${INSTALL}</p>` : NOTHING}`;
}

function riskText(document: AnalysisDocument, depression: number | null): Markup {
  if (!isKnown(depression)) {
    return markup`<p class="none"><strong>Not computed.</strong> ${reasonFor(document, 'risk.depression')}</p>`;
  }
  return markup`<p>The model’s score is <strong>${formatFixed(depression, 2)}</strong> on a scale from 0 to 1. It is a research score, not a probability of illness and not a diagnosis.</p>`;
}

/** The embedding's numbers as columns above and below zero. */
function embeddingChart({ embedding, name }: ModelResults): Markup {
  const values = (embedding ?? []).filter(isKnown).slice(0, 1024);
  if (values.length === 0) return NOTHING;
  const reach = max(values, Math.abs) ?? 0;
  const drawing = chart({
    id: 'embedding',
    title: `Embedding, ${values.length} numbers`,
    description: 'The numbers in their order, each as a column above or below zero. None has a meaning of its own.',
    draw: (layout) => {
      const y = scaleLinear([-(reach > 0 ? reach : 1), reach > 0 ? reach : 1], [78, 6]);
      const x = scaleBand(
        values.map((_, i) => i),
        [layout.margin, layout.width - layout.margin],
      ).padding(0.25);
      const corners = values.flatMap((value, i) => [
        { value, x: x(i) ?? 0 },
        { value, x: (x(i) ?? 0) + x.bandwidth() },
        null,
      ]);
      const path = area<(typeof corners)[number]>()
        .defined((corner) => corner !== null)
        .x((corner) => corner?.x ?? 0)
        .y0(y(0))
        .y1((corner) => y(corner?.value ?? 0))
        .digits(1)(corners);
      return {
        height: 84,
        content: markup`<path class="activity" d="${path}"/><line class="grid strong" x1="${layout.margin}" x2="${layout.width - layout.margin}" y1="${px(y(0))}" y2="${px(y(0))}"/>\n`,
      };
    },
  });
  return figure(
    drawing,
    [],
    markup`The summary that ${shortened(name ?? '') || 'the model'} made of the record: ${values.length} numbers for other programs to work with. Single numbers have no unit and no meaning of their own.`,
  );
}
