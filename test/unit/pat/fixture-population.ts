import { readFileSync } from 'node:fs';
import type { ReferencePopulation } from '../../../core/pat/population.ts';

const fixture = JSON.parse(readFileSync(new URL('../../fixtures/pat/scaler.json', import.meta.url), 'utf8')) as {
  readonly n: number;
  readonly mean: readonly number[];
  readonly scale: readonly number[];
};

/** The simulated cohort that the fixture week was standardised against. */
export const FIXTURE_POPULATION: ReferencePopulation = {
  schema: 'clarity.population/1',
  name: 'simulated-cohort',
  signal: 'counts',
  unit: 'counts/min',
  n: fixture.n,
  description: 'Sixty simulated people; no real ones.',
  source: 'simulated',
  licence: 'CC0-1.0',
  mean: Float64Array.from(fixture.mean),
  sd: Float64Array.from(fixture.scale),
};
