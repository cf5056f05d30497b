/** One recorded stretch of whole local days, as a training file has it. */
export interface TrainingWeek {
  readonly person: string;
  /** Names the week among those of its person. */
  readonly week: string;
  /** `days * 1440` values from local midnight, in the signal's unit; NaN is missing. */
  readonly values: Float32Array;
}

/** What is known of a person or of one of their weeks. */
export interface TrainingLabel {
  readonly person: string;
  /** Null where the label is of all the person's weeks that have none of their own. */
  readonly week: string | null;
  readonly label: 0 | 1;
}
