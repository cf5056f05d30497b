import { errAsync, type ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../kernel/errors.ts';
import { chooseModel, type Catalogue } from './catalogue.ts';
import type { ModelRepository, ModelUnavailable, VerifiedModel } from '../ports.ts';

/**
 * The weights that are to be used: those asked for by size or id, or the last installed. Whatever is wrong with them is
 * said, and nothing else is taken in their place.
 */
export function loadModel(ports: { readonly repository: ModelRepository }) {
  return (wanted: string | null): ResultAsync<VerifiedModel, ModelUnavailable | PortUnavailable> =>
    ports.repository.catalogue().andThen((catalogue) => {
      const entry = chooseModel(catalogue, wanted);
      return entry === null ? missing(ports.repository, catalogue, wanted) : ports.repository.readWeights(entry);
    });
}

const HOW_TO_INSTALL = 'npx clarity models install FILE';

function missing(
  repository: ModelRepository,
  { models }: Catalogue,
  wanted: string | null,
): ResultAsync<VerifiedModel, ModelUnavailable | PortUnavailable> {
  return repository.strays().andThen((strays): ResultAsync<VerifiedModel, ModelUnavailable> => {
    if (wanted !== null && models.length > 0) {
      return unavailable(
        'weights_unknown',
        `no installed encoder is called "${wanted}"; there are ${models.map(({ id }) => id).join(', ')}`,
      );
    }
    const [stray] = strays;
    if (stray !== undefined) {
      return unavailable(
        'weights_unknown',
        `${stray} lies in the model folder without an entry in its manifest, so it is not used; ${HOW_TO_INSTALL} reads and checks it`,
      );
    }
    return unavailable(
      'weights_not_installed',
      `the encoder's weights are not installed, so no embedding is given; ${HOW_TO_INSTALL} adds them`,
    );
  });
}

const unavailable = (status: ModelUnavailable['status'], message: string): ResultAsync<never, ModelUnavailable> =>
  errAsync({ kind: 'model-unavailable', status, message });
