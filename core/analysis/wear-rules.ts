import type { NonWearRule } from './recording.ts';

/** How wear was decided for counts, in words for the person who reads the result. */
export const COUNT_WEAR_RULES: Readonly<Record<NonWearRule, string>> = {
  none:
    'No non-wear rule was applied: every minute with a count is taken as worn, zeros included. ' +
    'The published rules (Choi, Troiano) call quiet nights non-wear.',
  choi: 'Choi 2011: at least 90 minutes of zeros are taken as not worn, so quiet sleep may be among them.',
  troiano: 'Troiano 2008: at least 60 minutes of zeros are taken as not worn, so quiet sleep may be among them.',
};

/** How wear was decided for steps that came with their timestamps. */
export const STEP_READINGS_WEAR_RULE =
  'A minute with a reading is known, zero included; a minute without one is missing. Steps do not show wear.';
