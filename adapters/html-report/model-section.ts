/** What the pretrained model gave, or what is missing for it. */

import { max } from 'd3-array';
import { scaleBand, scaleLinear } from 'd3-scale';
import { area } from 'd3-shape';
import type { AnalysisDocument, LocalDayGrid, ModelResults } from '../../core/analysis/document.ts';
import { attentionChart } from './attention-chart.ts';
import { attentionDay } from './attention-day.ts';
import { chart, figure, px } from './chart-frame.ts';
import { encodedDays } from './encoded-days.ts';
import { markup, NOTHING, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { modelFacts } from './model-facts.ts';
import { reasonFor } from './not-computed.ts';
import { riskScores } from './risk-scores.ts';
import { isKnown } from './text.ts';

/** What a status means for the reader, and what can be done about it. */
interface Obstacle {
  readonly words: string;
  readonly advice: string;
}

const NOTHING_ELSE = 'Nothing else in this report depends on the model.';

const INSTALL =
  'The weights of the Pretrained Actigraphy Transformer are published by its authors (arXiv:2411.15240) and are not part ' +
  'of this software. Whoever runs this installation can install them and have the same record analysed again. ' +
  NOTHING_ELSE;

const NO_ENGINE =
  'The model needs a program library that runs it, and none of those that this software knows could be loaded on this ' +
  `machine. Whoever runs this installation can see to that and have the same record analysed again. ${NOTHING_ELSE}`;

const OBSTACLES: ReadonlyMap<string, Obstacle> = new Map([
  ['weights_not_installed', { words: 'its weights are not installed here', advice: INSTALL }],
  ['weights_corrupt', { words: 'its installed weights are damaged and were not used', advice: INSTALL }],
  [
    'weights_unknown',
    { words: 'its installed weights are not known to this software and were not used', advice: INSTALL },
  ],
  ['engine_unavailable', { words: 'no engine that could run it loads here', advice: NO_ENGINE }],
]);

/** The section's content. The actogram's days have to be on the page. */
export function modelSection(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const status = shortened(document.model.status, 80);
  const words = OBSTACLES.get(status)?.words ?? (status.replace(/_/g, ' ') || 'unknown');
  return markup`${modelFacts(document, words)}
${obstacle(document)}
${embeddingChart(document.model)}
${attention(document, grid)}${riskScores(document)}
`;
}

function obstacle(document: AnalysisDocument): Markup {
  const { status, embedding } = document.model;
  if (embedding !== null) return NOTHING;
  const advice = OBSTACLES.get(status)?.advice;
  return markup`<p class="none"><strong>Not computed.</strong> ${reasonFor(document, 'model.embedding')}</p>
${advice === undefined ? NOTHING : markup`<p>${advice}</p>`}`;
}

function attention(document: AnalysisDocument, grid: LocalDayGrid): Markup {
  const encoding = document.model.encoding ?? null;
  if (encoding === null) return NOTHING;
  return markup`<h3>Where the model looked</h3>
${encodedDays(encoding, grid).match(
  (encoded) => markup`${attentionChart(document, grid, encoded)}${attentionDay(document, encoded)}`,
  ({ reason }) => markup`<p class="none"><strong>Not drawn:</strong> ${reason}.</p>\n`,
)}`;
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
