import { rounded, shown } from '../numbers-of-text.ts';
import { days, type Rule } from './rule.ts';

/** Fewer are called a sedentary pattern (Tudor-Locke 2013). */
const FEW_STEPS = 5000;

/**
 * Mean steps against 5,000 a day (Tudor-Locke C et al. Appl Physiol Nutr Metab 2013;38:100-114). That any movement is
 * better than none is of Bull FC et al. Br J Sports Med 2020;54:1451-1462 (WHO 2020), which names no number of steps.
 */
const dailySteps: Rule = {
  id: 'daily-steps',
  subject: 'daily-activity',
  topics: ['activity'],
  isKey: true,
  needs: ['activity.daily.mean_steps', 'activity.daily.count'],
  reference: 'Tudor-Locke C et al. Appl Physiol Nutr Metab 2013;38:100-114.',
  names: [FEW_STEPS],
  tell: ({ value }) => {
    const steps = shown(value('activity.daily.mean_steps'));
    const isFew = rounded(value('activity.daily.mean_steps')) < FEW_STEPS;
    const few = ` Fewer than ${shown(FEW_STEPS)} steps a day are called a mostly seated pattern in research; steps without a device are not in it.`;
    return {
      sentence: `Over ${days(value('activity.daily.count'))} with enough data your devices counted ${steps} steps a day on average.${isFew ? few : ''}`,
      keyInsight: `${steps} steps a day on average.`,
      recommendations: isFew
        ? ['A short walk at a time that suits you is a good start: any movement is better than none.']
        : [],
    };
  },
};

/** Counts are the device's own, so they can be held against nothing but the same device's. */
const dailyCounts: Rule = {
  id: 'daily-counts',
  subject: 'daily-activity',
  topics: ['activity'],
  isKey: true,
  needs: ['activity.daily.mean_counts', 'activity.daily.count'],
  reference: null,
  names: [],
  tell: ({ value }) => {
    const counts = shown(value('activity.daily.mean_counts'));
    return {
      sentence: `Over ${days(value('activity.daily.count'))} with enough data the device counted ${counts} movements a day on average; such counts differ from device to device, so compare them only with your own.`,
      keyInsight: `${counts} activity counts a day on average.`,
      recommendations: [],
    };
  },
};

export const ACTIVITY_RULES: readonly Rule[] = [dailySteps, dailyCounts];
