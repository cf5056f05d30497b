import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Script, ScriptOutcome } from './script.ts';
import { toParameter, type ConnectionSettings, type SqlConnection, type StatementAnswer } from './libsql-connection.ts';

/** One thing that the thread does. */
export type ThreadStep =
  | { readonly kind: 'open'; readonly settings: ConnectionSettings }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'scripts'; readonly scripts: readonly Script[] };

/** What the thread is asked at once: steps one after the other, none after one that failed. */
export type ThreadRequest = readonly [...ThreadStep[], ThreadStep];

/** What the last step answered, or how the first that failed did. */
export type ThreadAnswer =
  | { readonly kind: 'done'; readonly last: StatementAnswer; readonly outcomes: readonly ScriptOutcome[] }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code: string;
      /** False where the beginning of the transaction was it that failed. */
      readonly isInTransaction: boolean;
    };

// The ending is that of this file: TypeScript in the sources, JavaScript in the build.
const WORKER_URL = new URL(`./libsql-worker${path.extname(import.meta.url)}`, import.meta.url);

const BEGIN: ThreadStep = { kind: 'begin' };
const COMMIT: ThreadStep = { kind: 'commit' };
const ROLLBACK: ThreadStep = { kind: 'rollback' };
const CLOSE: ThreadStep = { kind: 'close' };

/** Statements that answer nothing, and fail only where something else did before. */
const IS_SAVEPOINT = /^(?:savepoint|release) /;

/**
 * A connection on a thread of its own, so that nothing but its caller waits while the disk does. It starts with the first
 * transaction. Should the thread end, what was under way fails and is undone by SQLite, and the next transaction has
 * another thread.
 *
 * Each answer comes when this thread has time for it, and the write lock is held until then. So what answers nothing, such
 * as the beginning, goes to the other thread together with the statement that comes next.
 */
export class LibsqlThread implements SqlConnection {
  readonly #settings: ConnectionSettings;
  #worker: Worker | null = null;
  #asked: { readonly resolve: (answer: ThreadAnswer) => void; readonly reject: (error: Error) => void } | null = null;
  /** What goes with the next question. */
  #ahead: ThreadStep[] = [];
  /** Why the transaction has not begun: nothing of it may be done outside of one. */
  #notBegun: Error | null = null;
  #isClosed = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  async begin(): Promise<void> {
    if (this.#worker === null) await this.#open();
    this.#notBegun = null;
    this.#ahead = [BEGIN];
  }

  async commit(): Promise<void> {
    await this.#ask(COMMIT);
  }

  async rollback(): Promise<void> {
    // With its thread the transaction has ended, too; and what was not sent has not begun.
    const isUnsent = this.#ahead[0] === BEGIN;
    this.#ahead = [];
    this.#notBegun = null;
    if (this.#worker !== null && !isUnsent) await this.#ask(ROLLBACK);
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementAnswer> {
    const step: ThreadStep = { kind: 'query', sql, parameters: parameters.map(toClonable) };
    if (!IS_SAVEPOINT.test(sql)) return (await this.#ask(step)).last;
    this.#ahead.push(step);
    return NOTHING;
  }

  async runScripts(scripts: readonly Script[]): Promise<readonly ScriptOutcome[]> {
    const clonable = scripts.map((script) => ({
      ...script,
      statements: script.statements.map(({ sql, parameters }) => ({ sql, parameters: parameters.map(toClonable) })),
    }));
    if (this.#worker === null) await this.#open();
    return (await this.#ask({ kind: 'scripts', scripts: clonable })).outcomes;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ahead = [];
    if (this.#worker !== null) await this.#ask(CLOSE);
  }

  async #open(): Promise<void> {
    if (this.#isClosed) throw new Error('the database has been closed');
    const worker = new Worker(WORKER_URL, { name: 'database' });
    this.#worker = worker;
    worker.on('message', (answer: ThreadAnswer) => this.#asked?.resolve(answer));
    worker.on('error', (error) => {
      this.#ended(worker, error);
    });
    worker.on('exit', () => {
      this.#ended(worker, new Error(ENDED));
    });
    try {
      this.#ahead = [];
      await this.#ask({ kind: 'open', settings: this.#settings });
    } catch (error) {
      this.#worker = null;
      await worker.terminate();
      throw error;
    }
  }

  #ended(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#asked?.reject(error);
  }

  /** Alone, a thread that nobody waits for does not keep the process alive. */
  async #ask(step: ThreadStep): Promise<Extract<ThreadAnswer, { readonly kind: 'done' }>> {
    const worker = this.#worker;
    if (worker === null) throw new Error(ENDED);
    if (this.#notBegun !== null) throw this.#notBegun;
    const request: ThreadRequest = [...this.#ahead, step];
    this.#ahead = [];
    worker.ref();
    try {
      const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
        this.#asked = { resolve, reject };
        worker.postMessage(request);
      });
      if (answer.kind === 'done') return answer;
      const error = Object.assign(new Error(answer.message), { code: answer.code });
      if (request[0] === BEGIN && !answer.isInTransaction) this.#notBegun = error;
      throw error;
    } finally {
      this.#asked = null;
      worker.unref();
    }
  }
}

const ENDED = 'the thread of the database has ended';
const NOTHING: StatementAnswer = { rows: [], changes: 0 };

/** Bytes by themselves: with a view, all that it is a view of would go to the other thread. */
function toClonable(value: unknown): unknown {
  const parameter = toParameter(value);
  return parameter instanceof Uint8Array ? new Uint8Array(parameter) : parameter;
}
