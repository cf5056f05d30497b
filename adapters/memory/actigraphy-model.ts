import { errAsync, okAsync, type ResultAsync } from 'neverthrow';
import { encodable } from '../../core/pat/encoder/encodable.ts';
import type {
  ActigraphyModel,
  AnsweredWeek,
  ModelDescription,
  ModelUnavailable,
  NotEncodable,
  VerifiedModel,
} from '../../core/pat/ports.ts';
import { encodeByDefinition } from '../../core/pat/encoder/reference-encoder.ts';

const ENGINE = 'reference (float64)';
const NOT_INSTALLED = "the encoder's weights are not installed, so no embedding is given";

/**
 * The encoder by its definition, on the calling thread: exact, slow, and without anything to install. Without a model it
 * is the encoder of an installation that has no weights: it says so, and never answers with numbers.
 */
export class MemoryActigraphyModel implements ActigraphyModel {
  readonly #model: VerifiedModel | null;

  constructor(model: VerifiedModel | null) {
    this.#model = model;
  }

  describe(): ResultAsync<ModelDescription, never> {
    if (this.#model === null) {
      return okAsync({
        status: 'weights_not_installed',
        name: null,
        engine: null,
        message: NOT_INSTALLED,
        entry: null,
      });
    }
    const { entry } = this.#model;
    const name = `PAT-${entry.size}`;
    return okAsync({ status: 'ready', name, engine: ENGINE, message: `${entry.id} runs on ${ENGINE}`, entry });
  }

  encode(weeks: readonly Float32Array[]): ResultAsync<readonly AnsweredWeek[], ModelUnavailable | NotEncodable> {
    if (this.#model === null) {
      return errAsync({ kind: 'model-unavailable', status: 'weights_not_installed', message: NOT_INSTALLED });
    }
    const { entry, weights } = this.#model;
    const checked = encodable(weeks, weights.architecture);
    if (checked.isErr()) return errAsync(checked.error);
    return okAsync(
      weeks.map((week) => {
        const { tokens, pooled, attentionReceived } = encodeByDefinition(weights, week);
        return {
          tokens: Float32Array.from(tokens),
          pooled: Float32Array.from(pooled),
          attentionReceived: Float32Array.from(attentionReceived),
          by: { entry, engine: ENGINE },
        };
      }),
    );
  }
}
