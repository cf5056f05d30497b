import { clockTime } from '../../analysis/summary.ts';
import { rounded, shown } from '../numbers-of-text.ts';
import type { Rule } from './rule.ts';

/** With a week or less, interdaily stability comes out too high (Fischer D et al. Sleep 2021;44:zsab103). */
const DAYS_FOR_STABILITY = 7;

/** Interdaily stability (Van Someren EJW et al. Chronobiol Int 1999;16:505-518). There is no accepted bound. */
const dailyPattern: Rule = {
  id: 'daily-pattern',
  subject: 'daily-pattern',
  topics: ['circadian'],
  isKey: true,
  needs: ['rhythm.interdaily_stability'],
  mayUse: ['data_quality.valid_days'],
  reference: null,
  names: [0, 1, DAYS_FOR_STABILITY],
  tell: ({ value, perhaps }) => {
    const stability = shown(value('rhythm.interdaily_stability'), 2);
    const validDays = perhaps('data_quality.valid_days');
    const isEarly = validDays !== null && rounded(validDays) <= DAYS_FOR_STABILITY;
    const early = ` With ${String(DAYS_FOR_STABILITY)} days or fewer this number tends to come out too high.`;
    return {
      sentence: `Interdaily stability, which tells how alike your days are, is ${stability}: 0 means no daily pattern, 1 the same pattern every day.${isEarly ? early : ''}`,
      keyInsight: `Interdaily stability ${stability} of 1.`,
      recommendations: [],
    };
  },
};

const dailyPatternSent: Rule = {
  id: 'daily-pattern-sent',
  subject: 'daily-pattern',
  topics: ['circadian'],
  isKey: true,
  needs: ['circadian_rhythm_score'],
  reference: null,
  names: [0, 1],
  tell: ({ value }) => {
    const score = shown(value('circadian_rhythm_score'), 2);
    return {
      sentence: `The circadian rhythm score is ${score}: 0 means no daily pattern, 1 the same pattern every day.`,
      keyInsight: `Circadian rhythm score ${score} of 1.`,
      recommendations: [],
    };
  },
};

/** Intradaily variability (Van Someren EJW et al. Chronobiol Int 1999;16:505-518). There is no accepted bound. */
const fragmentation: Rule = {
  id: 'fragmentation',
  subject: 'fragmentation',
  topics: ['circadian', 'activity'],
  isKey: false,
  needs: ['rhythm.intradaily_variability'],
  reference: null,
  names: [0, 2],
  tell: ({ value }) => {
    const variability = shown(value('rhythm.intradaily_variability'), 2);
    return {
      sentence: `Intradaily variability, which tells how often you switch between rest and movement, is ${variability}: near 0 for long calm stretches, about 2 where activity comes and goes by chance.`,
      keyInsight: `Intradaily variability ${variability}.`,
      recommendations: [],
    };
  },
};

const fragmentationSent: Rule = {
  id: 'fragmentation-sent',
  subject: 'fragmentation',
  topics: ['circadian', 'activity'],
  isKey: false,
  needs: ['activity_fragmentation'],
  reference: null,
  names: [0, 1],
  tell: ({ value }) => {
    const score = shown(value('activity_fragmentation'), 2);
    return {
      sentence: `Activity fragmentation is ${score}: 0 stands for long calm stretches, 1 for activity that comes and goes by chance.`,
      keyInsight: `Activity fragmentation ${score} of 1.`,
      recommendations: [],
    };
  },
};

/** Relative amplitude (Van Someren EJW et al. Chronobiol Int 1999;16:505-518). There is no accepted bound. */
const amplitude: Rule = {
  id: 'amplitude',
  subject: 'amplitude',
  topics: ['circadian'],
  isKey: false,
  needs: ['rhythm.relative_amplitude'],
  reference: null,
  names: [0, 1],
  tell: ({ value }) => {
    const relative = shown(value('rhythm.relative_amplitude'), 2);
    return {
      sentence: `Relative amplitude, the contrast between your active and your quiet hours, is ${relative} on a scale from 0 to 1.`,
      keyInsight: `Relative amplitude ${relative} of 1.`,
      recommendations: [],
    };
  },
};

/** L5 and M10 of the average day (Van Someren EJW et al. Chronobiol Int 1999;16:505-518). Times of day are not judged. */
const timing: Rule = {
  id: 'timing',
  subject: 'timing',
  topics: ['circadian'],
  isKey: true,
  needs: ['rhythm.l5.onset_minute', 'rhythm.m10.onset_minute'],
  reference: null,
  names: [],
  tell: ({ value }) => {
    const quiet = clockTime(value('rhythm.l5.onset_minute'));
    const active = clockTime(value('rhythm.m10.onset_minute'));
    return {
      sentence: `On the average day your quietest five hours begin at ${quiet} and your most active ten hours at ${active}.`,
      keyInsight: `Quietest hours from ${quiet}, most active hours from ${active}.`,
      recommendations: [],
    };
  },
};

/** The peak of a fitted 24-hour curve (Cornelissen G. Theor Biol Med Model 2014;11:16), where L5 and M10 are not known. */
const timingOfFit: Rule = {
  id: 'timing-of-fit',
  subject: 'timing',
  topics: ['circadian'],
  isKey: true,
  needs: ['rhythm.cosinor.acrophase_minute'],
  reference: null,
  names: [],
  tell: ({ value }) => {
    const peak = clockTime(value('rhythm.cosinor.acrophase_minute'));
    return {
      sentence: `A smooth daily curve that is fitted to your activity is highest at ${peak}.`,
      keyInsight: `Activity is highest around ${peak}.`,
      recommendations: [],
    };
  },
};

export const CIRCADIAN_RULES: readonly Rule[] = [
  dailyPattern,
  dailyPatternSent,
  fragmentation,
  fragmentationSent,
  amplitude,
  timing,
  timingOfFit,
];
