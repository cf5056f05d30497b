/** Plain names for the document's dotted field paths. */

const NAMES: Readonly<Record<string, string>> = {
  rhythm: 'all rhythm measures',
  'rhythm.interdaily_stability': 'interdaily stability (IS)',
  'rhythm.intradaily_variability': 'intradaily variability (IV)',
  'rhythm.relative_amplitude': 'relative amplitude (RA)',
  'rhythm.l5': 'the least active five hours (L5)',
  'rhythm.l5.mean': 'activity in the least active five hours (L5)',
  'rhythm.l5.onset_minute': 'start of the least active five hours (L5)',
  'rhythm.m10': 'the most active ten hours (M10)',
  'rhythm.m10.mean': 'activity in the most active ten hours (M10)',
  'rhythm.m10.onset_minute': 'start of the most active ten hours (M10)',
  'rhythm.cosinor': 'fitted 24-hour wave (cosinor)',
  'rhythm.cosinor.mesor': 'mesor of the fitted wave',
  'rhythm.cosinor.amplitude': 'amplitude of the fitted wave',
  'rhythm.cosinor.acrophase_minute': 'peak time of the fitted wave (acrophase)',
  'rhythm.cosinor.r_squared': 'share of variation the fitted wave describes (R²)',
  sleep: 'all sleep measures',
  'sleep.method': 'way of deciding sleep',
  'sleep.scored_sleep_minutes': 'sleep scored from movement',
  'sleep.rescored_sleep_minutes': 'sleep scored from movement, rescored',
  'sleep.regularity_index': 'sleep regularity index (SRI)',
  'sleep.nights': 'sleep of each night',
  'sleep.nights.*.in_bed_start': 'time of going to bed',
  'sleep.nights.*.in_bed_end': 'time of getting up',
  'sleep.nights.*.time_in_bed_minutes': 'time in bed',
  'sleep.nights.*.asleep_minutes': 'time asleep',
  'sleep.nights.*.efficiency_percent': 'sleep efficiency',
  'sleep.nights.*.onset_latency_minutes': 'time to fall asleep',
  'sleep.nights.*.waso_minutes': 'time awake after falling asleep (WASO)',
  'sleep.nights.*.stages': 'sleep stages',
  'activity.daily.*.total': 'daily total',
  'activity.hourly_profile': 'hourly profile',
  'activity.hourly_profile.*': 'hourly mean',
  'model.name': 'name of the model',
  'model.engine': 'engine of the model',
  'model.scaling': 'scaling for the model',
  'model.embedding': 'the model’s summary of the week (embedding)',
  'model.encoding': 'what the model encoded',
  'model.encoding.reference_population': 'population that the model’s input is scaled against',
  'model.encoding.length_note': 'remark on the number of encoded days',
  'model.encoding.importance': 'where the model looked',
  'model.encoding.importance.per_patch': 'where the model looked',
  model: 'everything from the model',
  'risk.depression': 'depression risk',
  'risk.scores': 'scores of trained heads',
  'risk.scores.*': 'score of a trained head',
  'risk.scores.*.score': 'score of a trained head',
  risk: 'all risk scores',
};

/** The path with list positions (`.3`, `[3]` or `[]`) replaced by `*`, so that entries of one list can be told together. */
export function generalField(field: string): string {
  return field.replace(/\[(\d*|\*)\]/g, (_, index: string) => `.${index || '*'}`).replace(/(?<=\.)\d+(?=\.|$)/g, '*');
}

/** What a list holds, to count its entries with. */
const ENTRIES: readonly (readonly [prefix: string, entry: string])[] = [
  ['sleep.nights.*', 'night'],
  ['activity.daily.*', 'day'],
  ['activity.hourly_profile.*', 'hour'],
  ['risk.scores.*', 'head'],
];

/** `night`, `day`, `hour` or `head` for a field of one entry of a list, `entry` for a list the report does not know, else null. */
export function entryOf(field: string): string | null {
  if (!/\.\d+(\.|$)|\[\d+\]/.test(field)) return null;
  const general = generalField(field);
  return ENTRIES.find(([prefix]) => general.startsWith(prefix))?.[1] ?? 'entry';
}

const PURPOSES: Readonly<Record<string, string>> = {
  interdaily_stability: 'interdaily stability (IS)',
  intradaily_variability: 'intradaily variability (IV)',
  rest_and_active_periods: 'L5, M10 and relative amplitude (RA)',
  cosinor: 'fitted 24-hour wave',
  cole_kripke: 'sleep scored from movement',
  webster: 'sleep after rescoring',
  sleep_regularity_index: 'sleep regularity index (SRI)',
  nights: 'sleep of each night',
  valid_days: 'valid days',
  non_wear_choi: 'non-wear',
  non_wear_troiano: 'non-wear',
  step_minutes: 'steps of each minute',
  pat_encoder: 'embedding',
};

/** The plain name of what a method is for, made from its key where the report knows no better one. Data: escape it. */
export function methodPurpose(key: string): string {
  if (Object.hasOwn(PURPOSES, key)) return PURPOSES[key] ?? key;
  return key.includes('.') ? fieldName(key) : key.replace(/_+/g, ' ');
}

/** The plain name of a field, made from its path where the report knows no better one. Data: escape it. */
export function fieldName(field: string): string {
  const general = generalField(field);
  return Object.hasOwn(NAMES, general)
    ? (NAMES[general] ?? field)
    : general.replace(/\.\*/g, '').replace(/[._]+/g, ' ');
}
