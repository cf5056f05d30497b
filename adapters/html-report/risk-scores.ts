/** The scores of trained heads. They are usually and rightly absent, and never more than research scores. */

import type { AnalysisDocument, RiskScore } from '../../core/analysis/document.ts';
import { dataName, markup, NOTHING, shortened } from './markup.ts';
import type { Markup } from './markup.ts';
import { reasonFor, reasonsWithin } from './not-computed.ts';
import { formatFixed, isKnown } from './text.ts';

/** As many as a document may hold. */
const MAX_SCORES = 100;

/** The section on depression as every document has it, then one card a head where the document has heads. */
export function riskScores(document: AnalysisDocument): Markup {
  return markup`<h3>Depression risk</h3>
${depression(document)}
${heads(document)}`;
}

function depression(document: AnalysisDocument): Markup {
  const score = document.risk.depression;
  if (!isKnown(score)) {
    return markup`<p class="none"><strong>Not computed.</strong> ${reasonFor(document, 'risk.depression')}</p>`;
  }
  return markup`<p>The model’s score is <strong>${formatFixed(score, 2)}</strong> on a scale from 0 to 1. It is a research score, not a probability of illness and not a diagnosis.</p>`;
}

/** Nothing for a document from before there were heads. */
function heads(document: AnalysisDocument): Markup {
  const scores = document.risk.scores?.slice(0, MAX_SCORES);
  const reasons = reasonsWithin(document, 'risk.scores');
  if (scores === undefined && reasons.length === 0) return NOTHING;
  const given = scores ?? [];
  const missing = given.length === 0 && reasons.length === 0 ? [reasonFor(document, 'risk.scores')] : reasons;
  return markup`<h3>Scores of trained heads</h3>
${given.length === 0 ? NOTHING : markup`<ul class="cards">\n${given.map(card)}</ul>\n`}${missing.map((reason) => markup`<p class="none"><strong>Not computed.</strong> ${reason}</p>\n`)}`;
}

function card({ task, score, card_id: cardId }: RiskScore): Markup {
  const value = isKnown(score) ? markup`${formatFixed(score, 2)} <span class="unit">from 0 to 1</span>` : 'unknown';
  return markup`<li class="card"><h4>${dataName(task)}</h4><p class="value">${value}</p><p>A research score from a head that was trained by this installation’s operator. It is not a probability of illness and not a diagnosis.</p><p>Model card <code>${shortened(cardId)}</code> says whom the head was trained on and how well it does.</p></li>\n`;
}
