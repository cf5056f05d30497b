import { scaleLinear } from 'd3-scale';
import { markup, NOTHING } from './markup.ts';
import type { Markup } from './markup.ts';
import type { NumberCard, NumberScale } from './numbers.ts';

/** A titled group of cards as a list. What is missing for one and the same reason shares a card. */
export function numberCards(title: string, cards: readonly NumberCard[]): Markup {
  return markup`<h3>${title}</h3>
<ul class="cards">
${missingTogether(cards).map(numberCardItem)}</ul>
`;
}

/** The cards with values, then one card for each reason, named after all that it keeps from being computed. */
function missingTogether(cards: readonly NumberCard[]): NumberCard[] {
  const titles = new Map<string, string[]>();
  for (const card of cards) {
    if (card.value === null) titles.set(card.sentence, [...(titles.get(card.sentence) ?? []), card.title]);
  }
  const missing = [...titles].map(([sentence, names]): NumberCard => ({
    title: names.join('; '),
    value: null,
    unit: '',
    sentence,
    scale: null,
  }));
  return [...cards.filter((card) => card.value !== null), ...missing];
}

function numberCardItem(card: NumberCard): Markup {
  if (card.value === null) {
    return markup`<li class="card none"><h4>${card.title}</h4><p class="value">not computed</p><p>${card.sentence}</p></li>\n`;
  }
  const unit = card.unit === '' ? NOTHING : markup` <span class="unit">${card.unit}</span>`;
  return markup`<li class="card"><h4>${card.title}</h4><p class="value">${card.value}${unit}</p>${card.scale === null ? NOTHING : scaleBar(card.scale)}<p>${card.sentence}</p></li>\n`;
}

/** A line from one end of the measure's range to the other with the value on it. */
function scaleBar({ from, to, value, fromWords, toWords }: NumberScale): Markup {
  const at = scaleLinear([from, to], [2, 98]).clamp(true);
  return markup`<div class="scale" aria-hidden="true"><svg height="12" width="100%"><line class="rail" x1="2%" x2="98%" y1="6" y2="6"/>${from < 0 ? markup`<line class="rail" x1="${at(0)}%" x2="${at(0)}%" y1="2" y2="10"/>` : NOTHING}<circle class="dot" cx="${at(value).toFixed(1)}%" cy="6" r="5"/></svg><span>${fromWords}</span><span>${toWords}</span></div>`;
}
