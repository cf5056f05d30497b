import { errAsync, type ResultAsync } from 'neverthrow';
import type { ActigraphyModel, EncodedWeek, ModelDescription, ModelUnavailable } from '../../core/pat/ports.ts';

const MESSAGE = "the encoder's weights are not installed, so no embedding is given";

/** The encoder of an installation that has no weights: it says so, and never answers with numbers. */
export class UninstalledModel implements ActigraphyModel {
  describe(): ModelDescription {
    return { status: 'weights_not_installed', name: null, engine: null, message: MESSAGE };
  }

  encode(): ResultAsync<readonly EncodedWeek[], ModelUnavailable> {
    return errAsync({ kind: 'model-unavailable', status: 'weights_not_installed', message: MESSAGE });
  }
}
