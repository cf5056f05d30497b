import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../kernel/errors.ts';
import { parsePopulation, type PopulationInvalid, type ReferencePopulation } from '../population.ts';
import type { ModelRepository, ModelUnavailable } from '../ports.ts';

/**
 * The reference population that weeks of this signal are standardised against: the last one installed for it, or null.
 * One that is installed and damaged is an error: results would otherwise change their scaling in silence.
 */
export function readPopulation(ports: { readonly models: ModelRepository }) {
  return (
    signal: ReferencePopulation['signal'],
  ): ResultAsync<ReferencePopulation | null, ModelUnavailable | PopulationInvalid | PortUnavailable> =>
    ports.models.catalogue().andThen(({ populations }) => {
      const entry = populations.findLast((population) => population.signal === signal);
      if (entry === undefined) return okAsync<ReferencePopulation | null, ModelUnavailable>(null);
      return ports.models.readText(entry).andThen((text) => {
        const population = parsePopulation(text);
        return population.isOk()
          ? okAsync<ReferencePopulation | null, PopulationInvalid>(population.value)
          : errAsync<ReferencePopulation | null, PopulationInvalid>({
              kind: 'population-invalid',
              reason: `the reference population ${entry.name} cannot be used: ${population.error.reason}`,
            });
      });
    });
}
