import { Piscina } from 'piscina';
import { err, errAsync, ok, ResultAsync, type Result } from 'neverthrow';
import { portUnavailable, type PortUnavailable } from '../../core/kernel/errors.ts';
import type { ModelEntry } from '../../core/pat/installed/catalogue.ts';
import type { EncoderThread } from '../../core/pat/encoder/encoder-thread.ts';
import { goldenFault, goldenInput } from '../../core/pat/encoder/golden.ts';
import type {
  AnsweredWeek,
  CancelSignal,
  EncodedWeek,
  EncoderThreadData,
  EngineModule,
  VerifiedModel,
} from '../../core/pat/ports.ts';
import { shareWeights } from './share-weights.ts';
import { TaskQueue } from './task-queue.ts';

/** How much a pool may do at once. */
export interface PoolLimits {
  readonly processors: number;
  /** Weeks that may wait or run; a call beyond that is turned away. */
  readonly mostWeeks: number;
  /** A call is given up after so long for each week that is before it or its own. */
  readonly deadlineMsAWeek: number;
}

/** Why an engine cannot be used: it does not load, or it loads and computes something else. */
export interface EngineFault {
  readonly kind: 'does-not-load' | 'computes-otherwise';
  readonly reason: string;
}

const DESCRIBE: keyof EncoderThread = 'describeEngine';
const ENCODE: keyof EncoderThread = 'encodeWeek';
const IDLE_MS = 60_000;

/** One model on one engine, on worker threads: the thread that serves is never kept busy. */
export class EncoderPool {
  readonly entry: ModelEntry;
  readonly engine: string;
  readonly #limits: PoolLimits;
  readonly #threads: Piscina;
  readonly #queue: TaskQueue<EncodedWeek>;

  private constructor(
    entry: ModelEntry,
    engine: string,
    started: { readonly limits: PoolLimits; readonly threads: Piscina; readonly queue: TaskQueue<EncodedWeek> },
  ) {
    this.entry = entry;
    this.engine = engine;
    this.#limits = started.limits;
    this.#threads = started.threads;
    this.#queue = started.queue;
  }

  /** Starts the engine and believes it only once it has answered the golden input as the reference did. */
  static async start(
    { entry, weights }: VerifiedModel,
    engine: EngineModule,
    limits: PoolLimits,
  ): Promise<Result<EncoderPool, EngineFault>> {
    const { usesAllProcessors, canBeInterrupted } = engine;
    const data: EncoderThreadData = {
      engine: engine.name,
      weights: shareWeights(weights),
      threads: usesAllProcessors ? limits.processors : 1,
    };
    const maxThreads = usesAllProcessors ? 1 : limits.processors;
    // A second week lies ready on the thread while the answer to the first is on its way. Where a thread may be ended for
    // one call's sake, it holds nothing of another's.
    const tasksAThread = canBeInterrupted ? 1 : 2;
    const threads = new Piscina({
      filename: engine.workerUrl,
      name: ENCODE,
      minThreads: 1,
      maxThreads,
      concurrentTasksPerWorker: tasksAThread,
      idleTimeout: IDLE_MS,
      // A native engine has threads of its own; the thread that drives it must not block while it waits for work.
      atomics: 'async',
      workerData: data,
    });
    // A thread that fails while it has no task is replaced by the pool; without a listener it would end the process.
    const failed = new Promise<never>((_resolve, reject) => {
      threads.on('error', reject);
    });
    failed.catch(() => undefined);
    let fault: EngineFault;
    try {
      const started = threads.run(undefined, { name: DESCRIBE }) as Promise<string>;
      const description = await Promise.race([started, failed]);
      const { pooled } = (await Promise.race([threads.run(goldenInput()), failed])) as EncodedWeek;
      const difference = goldenFault(entry.golden, pooled);
      if (difference === null) {
        const queue = new TaskQueue<EncodedWeek>(maxThreads * tasksAThread, canBeInterrupted);
        return ok(new EncoderPool(entry, description, { limits, threads, queue }));
      }
      fault = { kind: 'computes-otherwise', reason: `${description}: ${difference}` };
    } catch (cause) {
      fault = { kind: 'does-not-load', reason: `${engine.name}: ${wordsOf(cause)}` };
    }
    await threads.destroy();
    return err(fault);
  }

  encode(
    weeks: readonly Float32Array[],
    cancel: CancelSignal | undefined,
  ): ResultAsync<readonly AnsweredWeek[], PortUnavailable> {
    const { mostWeeks, deadlineMsAWeek } = this.#limits;
    const before = this.#queue.size;
    // One call alone may be of any size: it waits for nobody, and its deadline grows with it.
    if (before > 0 && before + weeks.length > mostWeeks) {
      return errAsync(
        unavailable(`${String(before)} weeks are being encoded or wait; at most ${String(mostWeeks)} may`),
      );
    }
    const deadline = new AbortController();
    const timer = setTimeout(
      () => {
        deadline.abort();
      },
      deadlineMsAWeek * (before + weeks.length),
    );
    timer.unref();
    const tasks = weeks.map(
      (week) =>
        (signal: AbortSignal | null): Promise<EncodedWeek> =>
          this.#threads.run(week, { signal }) as Promise<EncodedWeek>,
    );
    const done = this.#queue.run(tasks, [deadline.signal, ...(cancel === undefined ? [] : [cancel])]);
    return ResultAsync.fromPromise(
      done.finally(() => {
        clearTimeout(timer);
      }),
      (cause) => {
        if (cancel?.aborted === true) return unavailable('the caller lost interest');
        return unavailable(deadline.signal.aborted ? 'it was not done before its deadline' : cause);
      },
    ).map((encoded) => encoded.map((week) => ({ ...week, by: { entry: this.entry, engine: this.engine } })));
  }

  /** Weeks that wait or are being encoded. */
  get weeksInHand(): number {
    return this.#queue.size;
  }

  /** Finishes what was begun, and ends the threads. */
  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#threads.close();
  }
}

const unavailable = (cause: unknown): PortUnavailable => portUnavailable('ActigraphyModel', 'encode', cause);

/** The first line of what went wrong, with files named and not placed: it is told to people elsewhere. */
function wordsOf(cause: unknown): string {
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return line.replace(/(?:file:\/\/)?(?:\/[^\s/'":]+)+/g, (place) => place.slice(place.lastIndexOf('/') + 1));
}
