import { okAsync, type ResultAsync } from 'neverthrow';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/digest.ts';
import type { PortUnavailable } from '../../kernel/errors.ts';
import type { PopulationEntry } from './catalogue.ts';
import { parsePopulation, populationText, type PopulationInvalid } from '../population.ts';
import type { ModelRepository, ModelUnavailable } from '../ports.ts';

export interface InstallPopulationPorts {
  readonly models: ModelRepository;
  readonly digest: Digest;
  readonly clock: Clock;
}

/** Installs a reference population from its text, as the one that weeks of its signal are standardised against. */
export function installPopulation(ports: InstallPopulationPorts) {
  return (text: string): ResultAsync<PopulationEntry, PopulationInvalid | ModelUnavailable | PortUnavailable> =>
    parsePopulation(text).asyncAndThen((population) => {
      const { name, signal } = population;
      const canonical = populationText(population);
      // The name tells the content: whoever reads while another version is installed finds the one that the manifest names.
      const file = `${name}-${ports.digest.sha256Hex(canonical).slice(0, 12)}.population.json`;
      return ports.models.writeText(file, canonical).andThen((stored) => {
        const entry: PopulationEntry = {
          name,
          signal,
          ...stored,
          installed_at: new Date(ports.clock.now()).toISOString(),
        };
        return ports.models
          .changeCatalogue((catalogue) => ({
            ...catalogue,
            populations: [...catalogue.populations.filter((other) => other.name !== name), entry],
          }))
          .andThen(() => okAsync(entry));
      });
    });
}
