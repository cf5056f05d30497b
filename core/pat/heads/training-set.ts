/** What a head learns from: one week of one person, as features, with its label. */
export interface TrainingSample {
  /** Whose week it is; all weeks of a person stay together whenever samples are divided. */
  readonly person: string;
  readonly label: 0 | 1;
  readonly features: Float64Array;
}

/** Samples as one table, which is what the numeric code works on. */
export interface TrainingSet {
  readonly rows: number;
  readonly columns: number;
  /** Row-major (rows, columns). */
  readonly features: Float64Array;
  /** 0 or 1 a row. */
  readonly labels: Uint8Array;
  /** The row's person: a number from 0, in the order of the persons' names. */
  readonly people: Uint32Array;
}

/** The samples as a table, in their order. All must have the same number of features. */
export function trainingSetOf(samples: readonly TrainingSample[]): TrainingSet {
  const columns = samples[0]?.features.length ?? 0;
  const features = new Float64Array(samples.length * columns);
  const numbers = new Map([...new Set(samples.map(({ person }) => person))].sort().map((person, i) => [person, i]));
  samples.forEach((sample, row) => {
    if (sample.features.length !== columns) {
      throw new RangeError(
        `sample ${String(row)} has ${String(sample.features.length)} of ${String(columns)} features`,
      );
    }
    features.set(sample.features, row * columns);
  });
  return {
    rows: samples.length,
    columns,
    features,
    labels: Uint8Array.from(samples, ({ label }) => label),
    people: Uint32Array.from(samples, ({ person }) => numbers.get(person)!),
  };
}

/** The rows for which `isIn` holds, by their index, in order. */
export function rowsWhere(set: TrainingSet, isIn: (row: number) => boolean): Uint32Array {
  return Uint32Array.from({ length: set.rows }, (_, row) => row).filter(isIn);
}

/** A table of some rows of a table, people keeping their numbers. */
export function subsetOf(set: TrainingSet, rows: Uint32Array): TrainingSet {
  const { columns } = set;
  const features = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    features.set(set.features.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    rows: rows.length,
    columns,
    features,
    labels: Uint8Array.from(rows, (row) => set.labels[row]!),
    people: rows.map((row) => set.people[row]!),
  };
}

/** How many different people have a row for which `isIn` holds. */
export function peopleWhere(set: TrainingSet, isIn: (row: number) => boolean): number {
  return new Set(set.people.filter((_, row) => isIn(row))).size;
}
