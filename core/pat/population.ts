import { err, ok, type Result } from 'neverthrow';
import { MINUTES_PER_WEEK } from './ports.ts';

/**
 * A population that weeks are standardised against: mean and standard deviation (ddof 0) of each of the 10,080 minutes
 * of a week that begins at local midnight, over the weeks of people with a comparable device.
 */
export interface ReferencePopulation {
  readonly schema: 'clarity.population/1';
  /** How results name it, such as `nhanes-2013-wrist-mims`. */
  readonly name: string;
  /** The signal that it is of; a week of another one is not standardised against it. */
  readonly signal: 'counts' | 'steps';
  /** Such as `counts/min`. */
  readonly unit: string;
  /** How many weeks went into it. */
  readonly n: number;
  /** Whose, with which device, scaled how: whatever a reader has to know. */
  readonly description: string;
  readonly source: string;
  readonly licence: string;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** The text is no population; `reason` is one plain sentence. */
export interface PopulationInvalid {
  readonly kind: 'population-invalid';
  readonly reason: string;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,79}$/;
const LEAST_PEOPLE = 2;
/** Real populations vary at every minute; statistics in which most minutes are alike were made by a mistake. */
const LEAST_DISTINCT_SHARE = 0.1;

/** Reads a population's JSON text, and refuses one that could not have come from people. */
export function parsePopulation(text: string): Result<ReferencePopulation, PopulationInvalid> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid('it is not JSON');
  }
  if (typeof value !== 'object' || value === null) return invalid('it is not a JSON object');
  const given = value as Readonly<Record<string, unknown>>;
  if (given['schema'] !== 'clarity.population/1') return invalid('its schema is not clarity.population/1');
  const { name, signal, n } = given;
  if (typeof name !== 'string' || !NAME.test(name)) {
    return invalid('name: expected 1 to 80 lower-case letters, digits, dots, dashes and underscores');
  }
  if (signal !== 'counts' && signal !== 'steps') return invalid('signal: expected counts or steps');
  if (typeof n !== 'number' || !Number.isInteger(n) || n < LEAST_PEOPLE) {
    return invalid(`n: expected a whole number from ${String(LEAST_PEOPLE)} on`);
  }
  const texts = ['unit', 'description', 'source', 'licence'].map((field) => [field, given[field]] as const);
  for (const [field, said] of texts) {
    if (typeof said !== 'string' || said.trim() === '') return invalid(`${field}: expected a text`);
  }
  return minuteStatistics('mean', given['mean']).andThen((mean) =>
    minuteStatistics('sd', given['sd']).andThen((sd) => {
      if (sd.some((spread) => spread < 0)) return invalid('sd: a standard deviation is never negative');
      const distinct = new Set(mean).size;
      if (distinct < MINUTES_PER_WEEK * LEAST_DISTINCT_SHARE) {
        return invalid(
          `mean: only ${String(distinct)} of ${String(MINUTES_PER_WEEK)} minutes differ from each other, as in no population`,
        );
      }
      const [unit, description, source, licence] = texts.map(([, said]) => said as string) as [
        string,
        string,
        string,
        string,
      ];
      return ok<ReferencePopulation, PopulationInvalid>({
        schema: 'clarity.population/1',
        name,
        signal,
        unit,
        n,
        description,
        source,
        licence,
        mean,
        sd,
      });
    }),
  );
}

function minuteStatistics(field: string, value: unknown): Result<Float64Array, PopulationInvalid> {
  if (!Array.isArray(value) || value.length !== MINUTES_PER_WEEK) {
    return invalid(`${field}: expected ${String(MINUTES_PER_WEEK)} numbers, one a minute of the week`);
  }
  const at = value.findIndex((number) => typeof number !== 'number' || !Number.isFinite(number));
  return at >= 0
    ? invalid(`${field}: the number of minute ${String(at)} is not finite`)
    : ok(Float64Array.from(value as number[]));
}

const invalid = (reason: string): Result<never, PopulationInvalid> => err({ kind: 'population-invalid', reason });

/** A population as the JSON text that `parsePopulation` reads. */
export const populationText = (population: ReferencePopulation): string =>
  `${JSON.stringify({ ...population, mean: Array.from(population.mean), sd: Array.from(population.sd) })}\n`;

/** What only the maker of a population knows. */
export type PopulationFacts = Omit<ReferencePopulation, 'schema' | 'n' | 'mean' | 'sd'>;

/**
 * The statistics of these weeks, each 10,080 minutes from local midnight, NaN where missing: per minute over the weeks
 * that have it. A minute that no week has is refused.
 */
export function populationOf(
  weeks: readonly Float32Array[],
  facts: PopulationFacts,
): Result<ReferencePopulation, PopulationInvalid> {
  const short = weeks.findIndex((week) => week.length !== MINUTES_PER_WEEK);
  if (short >= 0) {
    return invalid(
      `week ${String(short + 1)} has ${String(weeks[short]!.length)} minutes; a week has ${String(MINUTES_PER_WEEK)}`,
    );
  }
  const mean = new Float64Array(MINUTES_PER_WEEK);
  const sd = new Float64Array(MINUTES_PER_WEEK);
  for (let minute = 0; minute < MINUTES_PER_WEEK; minute++) {
    let [sum, known] = [0, 0];
    for (const week of weeks) {
      const value = week[minute]!;
      if (!Number.isFinite(value)) continue;
      sum += value;
      known++;
    }
    if (known < LEAST_PEOPLE) {
      return invalid(
        `minute ${String(minute)} of the week is known in ${String(known)} of ${String(weeks.length)} weeks`,
      );
    }
    const centre = sum / known;
    let squares = 0;
    for (const week of weeks) if (Number.isFinite(week[minute]!)) squares += (week[minute]! - centre) ** 2;
    mean[minute] = centre;
    sd[minute] = Math.sqrt(squares / known);
  }
  // What is written has to be what can be installed.
  return parsePopulation(populationText({ schema: 'clarity.population/1', ...facts, n: weeks.length, mean, sd }));
}
