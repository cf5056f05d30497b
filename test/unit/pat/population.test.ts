import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parsePopulation, populationOf, populationText } from '../../../core/pat/population.ts';
import { MINUTES_PER_WEEK } from '../../../core/pat/ports.ts';
import { errorOf, valueOf } from '../result-values.ts';
import { FIXTURE_POPULATION } from './fixture-population.ts';

const changed = (changes: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...(JSON.parse(populationText(FIXTURE_POPULATION)) as object), ...changes });
const minutes = (value: (minute: number) => unknown): unknown[] =>
  Array.from({ length: MINUTES_PER_WEEK }, (_, minute) => value(minute));

test('a population comes back from its text as it was', () => {
  assert.equal(valueOf(parsePopulation(populationText(FIXTURE_POPULATION))), FIXTURE_POPULATION);
});

test('a text that is no population is refused with what is wrong', () => {
  for (const [text, reason] of [
    ['', 'not JSON'],
    ['3', 'not a JSON object'],
    [changed({ schema: 'x' }), 'schema'],
    [changed({ name: 'With Spaces' }), 'name'],
    [changed({ signal: 'heartbeats' }), 'signal'],
    [changed({ n: 1 }), 'n: expected'],
    [changed({ licence: '' }), 'licence'],
    [changed({ mean: [1, 2] }), 'mean: expected 10080 numbers'],
    [changed({ sd: minutes((minute) => (minute === 7 ? null : 1)) }), 'minute 7 is not finite'],
    [changed({ sd: minutes(() => -1) }), 'never negative'],
  ] as const) {
    assert.match(errorOf(parsePopulation(text)).reason, reason);
  }
});

test('statistics in which almost all minutes are alike, as published once by mistake, are refused', () => {
  const mistake = changed({
    mean: minutes((minute) => (minute % 480 === 0 ? minute : -0.03898)),
    sd: minutes(() => 1),
  });
  assert.match(errorOf(parsePopulation(mistake)).reason, 'as in no population');
});

test('the statistics of weeks are those of each minute over the weeks that have it, with ddof 0', () => {
  const weeks = [1, 2, 6].map((factor) =>
    Float32Array.from({ length: MINUTES_PER_WEEK }, (_, m) => factor * (m % 5000)),
  );
  weeks[2]![30] = Number.NaN;
  const { name, signal, unit, description, source, licence } = FIXTURE_POPULATION;
  const facts = { name, signal, unit, description, source, licence };
  const population = valueOf(populationOf(weeks, facts));
  assert.is(population.n, 3);
  assert.is(population.mean[10], 30);
  assert.ok(Math.abs(population.sd[10]! - Math.sqrt((400 + 100 + 900) / 3)) < 1e-9);
  assert.is(population.mean[30], 45);
  weeks[1]![30] = Number.NaN;
  assert.match(errorOf(populationOf(weeks, facts)).reason, 'minute 30 of the week is known in 1 of 3 weeks');
});

test.run();
