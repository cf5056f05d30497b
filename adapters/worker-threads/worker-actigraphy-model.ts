import { errAsync, okAsync, ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { encodable } from '../../core/pat/encoder/encodable.ts';
import type { ModelEntry } from '../../core/pat/installed/catalogue.ts';
import { loadModel } from '../../core/pat/installed/load-model.ts';
import type {
  ActigraphyModel,
  CancelSignal,
  AnsweredWeek,
  EngineModule,
  ModelDescription,
  ModelRepository,
  ModelStatus,
  ModelUnavailable,
  NotEncodable,
  VerifiedModel,
} from '../../core/pat/ports.ts';
import { EncoderPool, type EngineFault, type PoolLimits } from './encoder-pool.ts';

type EncodeError = ModelUnavailable | NotEncodable | PortUnavailable;

export interface WorkerModelOptions extends PoolLimits {
  readonly repository: ModelRepository;
  /** `S`, `M`, `L`, an id, or null for the last installed. */
  readonly wanted: string | null;
  /** The engines that may be used, the best first: the first that loads is taken. */
  readonly engines: readonly EngineModule[];
}

/** What the encoder has done since the process started. */
export interface EncoderStatistics {
  readonly weeksEncoded: number;
  /** Calls that ended without an answer, for whatever reason. */
  readonly callsFailed: number;
  /** Weeks that wait or are being encoded right now. */
  readonly weeksInHand: number;
}

/** What answers now: a pool that is ready, or the reason why there is none. */
type Current =
  | { readonly kind: 'ready'; readonly pool: EncoderPool; readonly passedOver: readonly EngineFault[] }
  | { readonly kind: 'unavailable'; readonly status: Exclude<ModelStatus, 'ready'>; readonly message: string };

const NOT_LOADED: Current = {
  kind: 'unavailable',
  status: 'weights_not_installed',
  message: 'the encoder has not been looked for yet',
};

/**
 * The installed encoder on worker threads. It is loaded when it is first needed, and again whenever the manifest
 * changes: whatever was begun ends on the old one, what comes after runs on the new one, and nothing is dropped.
 */
export class WorkerActigraphyModel implements ActigraphyModel {
  readonly #options: WorkerModelOptions;
  #current: Current = NOT_LOADED;
  /** The manifest's revision that `#current` was made of; null before the first time. */
  #revision: string | null = null;
  #refreshing: Promise<PortUnavailable | null> | null = null;
  readonly #retiring = new Set<Promise<void>>();
  #closed = false;
  #weeksEncoded = 0;
  #callsFailed = 0;

  constructor(options: WorkerModelOptions) {
    this.#options = options;
  }

  /** Looks whether the manifest has changed, and if so takes what it says now. */
  describe(): ResultAsync<ModelDescription, PortUnavailable> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return ResultAsync.fromSafePromise(this.#refreshing).andThen((fault) =>
      fault === null ? okAsync(this.#description()) : errAsync(fault),
    );
  }

  encode(weeks: readonly Float32Array[], cancel?: CancelSignal): ResultAsync<readonly AnsweredWeek[], EncodeError> {
    return this.describe()
      .andThen((): ResultAsync<readonly AnsweredWeek[], EncodeError> => {
        const current = this.#current;
        if (current.kind === 'unavailable') {
          return errAsync({ kind: 'model-unavailable', status: current.status, message: current.message });
        }
        if (weeks.length === 0) return okAsync([]);
        const checked = encodable(weeks, current.pool.entry.architecture);
        return checked.isErr() ? errAsync(checked.error) : current.pool.encode(weeks, cancel);
      })
      .map((encoded) => {
        this.#weeksEncoded += encoded.length;
        return encoded;
      })
      .mapErr((error) => {
        this.#callsFailed += 1;
        return error;
      });
  }

  statistics(): EncoderStatistics {
    return {
      weeksEncoded: this.#weeksEncoded,
      callsFailed: this.#callsFailed,
      weeksInHand: this.#current.kind === 'ready' ? this.#current.pool.weeksInHand : 0,
    };
  }

  /** Lets what was begun end, and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#refreshing;
    this.#replace({ kind: 'unavailable', status: 'engine_unavailable', message: 'the encoder has been shut down' });
    await Promise.all(this.#retiring);
  }

  /** What answers at this moment, without looking at the manifest. */
  #description(): ModelDescription {
    const current = this.#current;
    if (current.kind === 'unavailable') {
      return { status: current.status, name: null, engine: null, message: current.message, entry: null };
    }
    const { pool, passedOver } = current;
    const notes = passedOver.map(({ reason }) => reason);
    return {
      status: 'ready',
      name: `PAT-${pool.entry.size}`,
      engine: pool.engine,
      message: `${pool.entry.id} runs on ${pool.engine}${notes.length === 0 ? '' : `; not used: ${notes.join('; ')}`}`,
      entry: pool.entry,
    };
  }

  async #refresh(): Promise<PortUnavailable | null> {
    if (this.#closed) return null;
    const { repository, wanted } = this.#options;
    const revision = await repository.revision();
    if (revision.isErr()) return revision.error;
    if (revision.value === this.#revision) return null;
    const model = await loadModel({ repository })(wanted);
    if (model.isOk()) {
      if (!this.#runs(model.value.entry)) this.#replace(await this.#start(model.value));
    } else if (model.error.kind === 'model-unavailable') {
      const { status, message } = model.error;
      this.#replace({ kind: 'unavailable', status, message });
    } else return model.error;
    this.#revision = revision.value;
    return null;
  }

  /** The manifest speaks of heads and populations too: these weights need not be loaded again for one of them. */
  #runs({ id, converted }: ModelEntry): boolean {
    if (this.#current.kind !== 'ready') return false;
    const { entry } = this.#current.pool;
    return entry.id === id && entry.converted.sha256 === converted.sha256;
  }

  async #start(model: VerifiedModel): Promise<Current> {
    const passedOver: EngineFault[] = [];
    for (const engine of this.#options.engines) {
      const started = await EncoderPool.start(model, engine, this.#options);
      if (started.isOk()) return { kind: 'ready', pool: started.value, passedOver };
      passedOver.push(started.error);
    }
    const reasons = passedOver.map(({ reason }) => reason).join('; ');
    const computes = passedOver.some(({ kind }) => kind === 'computes-otherwise');
    return computes
      ? {
          kind: 'unavailable',
          status: 'weights_corrupt',
          message: `${model.entry.id} failed its self-test: ${reasons}`,
        }
      : {
          kind: 'unavailable',
          status: 'engine_unavailable',
          message: `no engine can run ${model.entry.id}: ${reasons}`,
        };
  }

  #replace(next: Current): void {
    const before = this.#current;
    this.#current = next;
    if (before.kind !== 'ready') return;
    const retired = before.pool.close().finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }
}
