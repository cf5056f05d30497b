import { rounded, shown } from '../numbers-of-text.ts';
import { days, type Rule } from './rule.ts';

/** Studies ask for so many valid days before they speak of a person's habits (Troiano 2008). */
const DAYS_FOR_HABITS = 4;

/**
 * How much is known. Four days of ten hours or more are what surveys of movement ask for (Troiano RP et al. Med Sci
 * Sports Exerc 2008;40:181-188).
 */
const coverage: Rule = {
  id: 'coverage',
  subject: 'coverage',
  topics: ['recording', 'sleep', 'circadian', 'activity'],
  isKey: false,
  needs: ['window.minutes', 'data_quality.valid_minutes', 'data_quality.valid_days'],
  reference: 'Troiano RP et al. Med Sci Sports Exerc 2008;40:181-188.',
  names: [DAYS_FOR_HABITS],
  tell: ({ value }) => {
    const valid = rounded(value('data_quality.valid_days'));
    const known = `${shown(value('data_quality.valid_minutes'))} of ${shown(value('window.minutes'))} minutes are known`;
    const few =
      valid < DAYS_FOR_HABITS
        ? ` That is less than the ${days(DAYS_FOR_HABITS)} that studies ask for, so take it as a first impression.`
        : '';
    return {
      sentence: `In this recording ${known}, with ${days(valid)} of enough data.${few}`,
      keyInsight: `${days(valid)} with enough data.`,
      recommendations:
        valid < DAYS_FOR_HABITS ? ['Wear your device for a whole week, also at night, to get a fuller picture.'] : [],
    };
  },
};

export const RECORDING_RULES: readonly Rule[] = [coverage];
