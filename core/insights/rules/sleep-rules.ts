import { rounded, shown } from '../numbers-of-text.ts';
import { minutes, nights, NIGHTS_OF_A_WEEK, type Known, type Rule, type Told } from './rule.ts';

/** Adults should sleep 7 hours or more; 6 or less were judged too few to stay well (Watson 2015, AASM and SRS). */
const ENOUGH_HOURS = 7;
const FAR_TOO_FEW_HOURS = 6;
/** Above it the same panel was not of one mind. */
const MANY_HOURS = 9;
const DURATION =
  'Watson NF et al. Recommended amount of sleep for a healthy adult: a joint consensus statement of the AASM and SRS. ' +
  'Sleep 2015;38:843-844.';

/** Of the time in bed; 85 % or more is a sign of good sleep, less than 75 % a sign of the contrary (Ohayon 2017). */
const GOOD_EFFICIENCY = 85;
const POOR_EFFICIENCY = 75;
/** Minutes to fall asleep, and awake after that, that are signs of good sleep at every age (Ohayon 2017). */
const SOON_ASLEEP_MINUTES = 30;
const LITTLE_WAKING_MINUTES = 20;
const QUALITY = 'Ohayon M et al. National Sleep Foundation’s sleep quality recommendations. Sleep Health 2017;3:6-19.';

const CLINICIAN = 'If this goes on, or you feel tired by day, talk to a clinician about it.';

/**
 * Mean sleep against 7 hours or more for adults; 6 or less over a week is worth a clinician's ear; above 9 experts do
 * not agree, so that is only said (Watson NF et al. Sleep 2015;38:843-844).
 */
function duration(hours: number, nightCount: number | null, subject: string): Told {
  const mean = rounded(hours, 1);
  const isShort = mean < ENOUGH_HOURS;
  const isFarTooShort = mean <= FAR_TOO_FEW_HOURS && nightCount !== null && nightCount >= NIGHTS_OF_A_WEEK;
  const judged = isShort
    ? `For adults, ${String(ENOUGH_HOURS)} hours or more are recommended, so this is on the short side.`
    : mean > MANY_HOURS
      ? `That meets the ${String(ENOUGH_HOURS)} hours or more that are recommended for adults; whether more than ${String(MANY_HOURS)} hours are of use differs from person to person.`
      : `That meets the ${String(ENOUGH_HOURS)} hours or more that are recommended for adults.`;
  return {
    sentence: `${subject} ${shown(hours, 1)} hours a night on average. ${judged}`,
    keyInsight: `${shown(hours, 1)} hours of sleep a night on average${isShort ? ', on the short side' : ''}.`,
    recommendations: [
      ...(isShort
        ? [`Try to go to bed a little earlier, so that there is room for ${String(ENOUGH_HOURS)} hours of sleep.`]
        : []),
      ...(isFarTooShort ? [CLINICIAN] : []),
    ],
  };
}

const sleepDurationOfNights: Rule = {
  id: 'sleep-duration-of-nights',
  subject: 'sleep-duration',
  topics: ['sleep'],
  isKey: true,
  needs: ['sleep.nights.asleep.mean_hours', 'sleep.nights.asleep.count'],
  reference: DURATION,
  names: [ENOUGH_HOURS, MANY_HOURS],
  tell: ({ value }) => {
    const count = value('sleep.nights.asleep.count');
    return duration(value('sleep.nights.asleep.mean_hours'), count, `Over ${nights(count)} you slept`);
  },
};

/** The same for a mean that was sent along: of how many nights is not known. */
const sleepDurationSent: Rule = {
  id: 'sleep-duration-sent',
  subject: 'sleep-duration',
  topics: ['sleep'],
  isKey: true,
  needs: ['total_sleep_time'],
  reference: DURATION,
  names: [ENOUGH_HOURS, MANY_HOURS],
  tell: ({ value }) => duration(value('total_sleep_time'), null, 'The sleep time is'),
};

/** Scored sleep is an estimate over the whole recording, day and night, so it is not held against a range for nights. */
const sleepDurationScored: Rule = {
  id: 'sleep-duration-scored',
  subject: 'sleep-duration',
  topics: ['sleep'],
  isKey: true,
  needs: ['sleep.rescored_sleep_hours'],
  reference: null,
  names: [],
  tell: ({ value }) => {
    const hours = shown(value('sleep.rescored_sleep_hours'), 1);
    return {
      sentence: `From the movement of your wrist, ${hours} hours of the whole recording look like sleep, naps and very quiet times included.`,
      keyInsight: `${hours} hours of the recording look like sleep.`,
      recommendations: [],
    };
  },
};

/** There is no accepted bound for how much nights may differ. */
const sleepSpread: Rule = {
  id: 'sleep-spread',
  subject: 'sleep-spread',
  topics: ['sleep'],
  isKey: false,
  needs: ['sleep.nights.asleep.shortest_hours', 'sleep.nights.asleep.longest_hours'],
  reference: null,
  names: [],
  tell: ({ value }) => {
    const shortest = shown(value('sleep.nights.asleep.shortest_hours'), 1);
    const longest = shown(value('sleep.nights.asleep.longest_hours'), 1);
    return {
      sentence:
        shortest === longest
          ? `Every night was ${longest} hours long.`
          : `The shortest night was ${shortest} hours long, the longest ${longest} hours.`,
      keyInsight:
        shortest === longest ? `Every night: ${longest} hours.` : `Nights of ${shortest} to ${longest} hours.`,
      recommendations: [],
    };
  },
};

/** Sleep over time in bed, against 85 % (Ohayon M et al. Sleep Health 2017;3:6-19). */
function efficiency(percent: number, nightCount: number | null): Told {
  const mean = rounded(percent);
  const isGood = mean >= GOOD_EFFICIENCY;
  const isPoor = mean < POOR_EFFICIENCY && nightCount !== null && nightCount >= NIGHTS_OF_A_WEEK;
  return {
    sentence: `You were asleep for ${shown(percent)} % of the time in bed; ${String(GOOD_EFFICIENCY)} % or more is seen as a sign of good sleep.`,
    keyInsight: `Sleep efficiency ${shown(percent)} %${isGood ? '' : `, below ${String(GOOD_EFFICIENCY)} %`}.`,
    recommendations: [
      ...(isGood ? [] : ['Keep your bedroom dark, quiet and cool, and go to bed when you feel sleepy.']),
      ...(isPoor ? [CLINICIAN] : []),
    ],
  };
}

const sleepEfficiencyOfNights: Rule = {
  id: 'sleep-efficiency-of-nights',
  subject: 'sleep-efficiency',
  topics: ['sleep'],
  isKey: true,
  needs: ['sleep.nights.efficiency.mean_percent', 'sleep.nights.efficiency.count'],
  reference: QUALITY,
  names: [GOOD_EFFICIENCY],
  tell: ({ value }) =>
    efficiency(value('sleep.nights.efficiency.mean_percent'), value('sleep.nights.efficiency.count')),
};

const sleepEfficiencySent: Rule = {
  id: 'sleep-efficiency-sent',
  subject: 'sleep-efficiency',
  topics: ['sleep'],
  isKey: true,
  needs: ['sleep_efficiency'],
  reference: QUALITY,
  names: [GOOD_EFFICIENCY],
  tell: ({ value }) => efficiency(value('sleep_efficiency'), null),
};

/** Minutes until sleep, against 30 (Ohayon M et al. Sleep Health 2017;3:6-19). */
const onset =
  (name: 'sleep.nights.onset_latency.mean_minutes' | 'sleep_onset_latency') =>
  ({ value }: Known): Told => {
    const took = minutes(value(name));
    const isLong = rounded(value(name)) > SOON_ASLEEP_MINUTES;
    return {
      sentence: `Falling asleep took ${took} on average; up to ${String(SOON_ASLEEP_MINUTES)} minutes are usual for good sleepers.`,
      keyInsight: `${took} to fall asleep.`,
      recommendations: isLong ? ['Give yourself some quiet time with dim light before you go to bed.'] : [],
    };
  };

const sleepOnset = (id: string, name: Parameters<typeof onset>[0]): Rule => ({
  id,
  subject: 'sleep-onset',
  topics: ['sleep'],
  isKey: false,
  needs: [name],
  reference: QUALITY,
  names: [SOON_ASLEEP_MINUTES],
  tell: onset(name),
});

/** Minutes awake after falling asleep, against 20 (Ohayon M et al. Sleep Health 2017;3:6-19). */
const waking =
  (name: 'sleep.nights.waso.mean_minutes' | 'wake_after_sleep_onset') =>
  ({ value }: Known): Told => {
    const awake = minutes(value(name));
    const isLong = rounded(value(name)) > LITTLE_WAKING_MINUTES;
    return {
      sentence: `After falling asleep you were awake for ${awake} a night on average; up to ${String(LITTLE_WAKING_MINUTES)} minutes are seen as a sign of good sleep.`,
      keyInsight: `${awake} awake in the night.`,
      recommendations: isLong
        ? ['Lying awake happens to everybody; a calm, dark room and no look at the clock can help.']
        : [],
    };
  };

const wakingAtNight = (id: string, name: Parameters<typeof waking>[0]): Rule => ({
  id,
  subject: 'waking-at-night',
  topics: ['sleep'],
  isKey: false,
  needs: [name],
  reference: QUALITY,
  names: [LITTLE_WAKING_MINUTES],
  tell: waking(name),
});

/** The index of Phillips AJK et al. Sci Rep 2017;7:3216, -100 to 100. There is no accepted bound. */
const sleepRegularity: Rule = {
  id: 'sleep-regularity',
  subject: 'sleep-regularity',
  topics: ['sleep', 'circadian'],
  isKey: true,
  needs: ['sleep.regularity_index'],
  reference: null,
  names: [-100, 0, 100],
  tell: ({ value }) => {
    const index = shown(value('sleep.regularity_index'));
    return {
      sentence: `The sleep regularity index is ${index}, on a scale on which 100 means asleep and awake at the same times every day and 0 means by chance.`,
      keyInsight: `Sleep regularity index ${index} of 100.`,
      recommendations: [],
    };
  },
};

export const SLEEP_RULES: readonly Rule[] = [
  sleepDurationOfNights,
  sleepDurationSent,
  sleepDurationScored,
  sleepSpread,
  sleepEfficiencyOfNights,
  sleepEfficiencySent,
  sleepOnset('sleep-onset-of-nights', 'sleep.nights.onset_latency.mean_minutes'),
  sleepOnset('sleep-onset-sent', 'sleep_onset_latency'),
  wakingAtNight('waking-of-nights', 'sleep.nights.waso.mean_minutes'),
  wakingAtNight('waking-sent', 'wake_after_sleep_onset'),
  sleepRegularity,
];
