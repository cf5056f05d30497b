import type { HeadCard, HeadRequirements } from './head.ts';

/** With fewer people in a class, an area under the curve says little. */
export const ENOUGH_PEOPLE = 50;

/** What a warning may be about. */
export interface WarningFacts {
  readonly requires: HeadRequirements;
  readonly calibrationSlope: number;
  /** People with a positive, and with a negative week. */
  readonly positivePeople: number;
  readonly negativePeople: number;
  readonly figures: Pick<HeadCard, 'auc' | 'brier' | 'brier_of_base_rate'>;
}

/** What a reader of the card must not overlook, one sentence each. */
export function cardWarnings(facts: WarningFacts): readonly string[] {
  const { auc, brier, brier_of_base_rate: baseRate } = facts.figures;
  const few = (people: number, label: string): string =>
    `Only ${people === 1 ? '1 person has' : `${String(people)} people have`} a week with label ${label}; with fewer than ` +
    `${String(ENOUGH_PEOPLE)} the figures of this card are rough.`;
  const range = `${rounded(auc.low)} to ${rounded(auc.high)}`;
  const candidates: readonly (readonly [boolean, string])[] = [
    [facts.positivePeople < ENOUGH_PEOPLE, few(facts.positivePeople, '1')],
    [facts.negativePeople < ENOUGH_PEOPLE, few(facts.negativePeople, '0')],
    [
      auc.low <= 0.5 && auc.high >= 0.5,
      `The interval of the area under the curve, ${range}, includes 0.5: the head has not been shown to do better than chance.`,
    ],
    [
      auc.high < 0.5,
      `The interval of the area under the curve, ${range}, lies below 0.5: the head does worse than chance.`,
    ],
    [
      brier >= baseRate,
      `Its Brier score, ${rounded(brier)}, is no better than that of giving everybody the base rate, ${rounded(baseRate)}.`,
    ],
    [
      facts.calibrationSlope === 0,
      'In calibration its logits told nothing about people it had not seen, so it gives everybody the base rate.',
    ],
    [
      facts.requires.signal === 'steps' && facts.requires.encoder !== null,
      'It was trained on steps, which are only a proxy of the activity counts that the encoder was pretrained on.',
    ],
    [
      facts.requires.scaling === 'per-person',
      "Minutes were standardised by each person's own mean and deviation, which takes the level of activity away; the " +
        'encoder was pretrained on minutes standardised against a population.',
    ],
  ];
  return candidates.filter(([applies]) => applies).map(([, sentence]) => sentence);
}

const rounded = (value: number): string => value.toFixed(3);
