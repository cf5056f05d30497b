import { err, ok, ResultAsync, type Result } from 'neverthrow';
import { Piscina } from 'piscina';
import type { WeightFile, WeightFileReader, WeightFileUnreadable } from '../../core/pat/ports.ts';
import type { Reading } from './read-worker.ts';

/** The largest published encoder takes 8 MB; a whole model with its optimizer's state takes three times that. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Loading the library takes a fraction of a second; this is for a machine that is busy with everything else. */
const START_MS = 30_000;
/** What damaged files leave behind in the library's memory goes with the thread. */
const FILES_A_THREAD = 200;

type ReaderPool = Piscina<Uint8Array | null, Reading>;

/**
 * Reads HDF5 in a thread of its own, with a WebAssembly library that sees no file of this machine. A file that crashes
 * the library, makes it run for ever or asks for too much memory costs that thread, and the next file gets another.
 * Files are read one at a time. The thread starts with the first file and does not keep the process alive.
 */
export class Hdf5WeightFileReader implements WeightFileReader {
  readonly #deadlineMs: number;
  #pool: ReaderPool | null = null;
  #filesRead = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** `deadlineMs`: how long one file may take. */
  constructor({ deadlineMs = 2000 }: { readonly deadlineMs?: number } = {}) {
    this.#deadlineMs = deadlineMs;
  }

  read(bytes: Uint8Array): ResultAsync<WeightFile, WeightFileUnreadable> {
    return new ResultAsync(this.#inTurn(() => this.#read(bytes)));
  }

  /** Starts the thread ahead of the first file, which else has to wait for it. */
  async start(): Promise<void> {
    await this.#inTurn(() => this.#readyPool());
  }

  /** Ends the thread; a file that is being read becomes unreadable. The next file starts a new one. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    this.#filesRead = 0;
    await pool?.destroy();
  }

  async #read(bytes: Uint8Array): Promise<Result<WeightFile, WeightFileUnreadable>> {
    if (bytes.length > MAX_FILE_BYTES) {
      return unreadable(
        `The file is larger than ${String(MAX_FILE_BYTES / 2 ** 20)} MiB, which no encoder’s weights are.`,
      );
    }
    if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) return unreadable('The file is not an HDF5 file.');
    const pool = await this.#readyPool();
    if (pool === null) return unreadable('The reader of HDF5 files could not be started.');
    this.#filesRead += 1;
    const copy = Uint8Array.from(bytes);
    const answered = await within(this.#deadlineMs, (signal) =>
      pool.run(copy, { name: 'readHdf5', signal, transferList: [copy.buffer] }),
    );
    if (answered.isErr()) {
      const late = `The HDF5 file could not be read within ${String(this.#deadlineMs / 1000)} seconds.`;
      return unreadable(answered.error === 'late' ? late : 'The HDF5 file is damaged.');
    }
    const { file, refused, spent } = answered.value;
    if (spent) await this.close();
    return file === null ? unreadable(refused ?? 'The HDF5 file is damaged.') : ok(file);
  }

  /** A pool whose thread can read at once; null if none can be started. */
  async #readyPool(): Promise<ReaderPool | null> {
    if (this.#filesRead >= FILES_A_THREAD) await this.close();
    const pool = (this.#pool ??= newPool());
    const started = await within(START_MS, (signal) => pool.run(null, { name: 'prepare', signal }));
    if (started.isOk()) return pool;
    await this.close();
    return null;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function newPool(): ReaderPool {
  // Sources run as they are in tests; what is shipped is compiled.
  const worker = import.meta.url.endsWith('.ts') ? './read-worker.ts' : './read-worker.js';
  const pool = new Piscina<Uint8Array | null, Reading>({
    filename: new URL(worker, import.meta.url).href,
    name: 'prepare',
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  });
  // An idle thread that dies is replaced; whoever waits for an answer learns it from the call.
  pool.on('error', () => undefined);
  return pool;
}

/** What the call answers; `late` when it is ended because its time is over, `failed` when its thread died of itself. */
async function within<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<Result<T, 'late' | 'failed'>> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return ok(await run(controller.signal));
  } catch {
    return err(controller.signal.aborted ? 'late' : 'failed');
  } finally {
    clearTimeout(timer);
  }
}

const unreadable = (reason: string): Result<never, WeightFileUnreadable> =>
  err({ kind: 'weight-file-unreadable', reason });
