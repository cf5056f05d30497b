import path from 'node:path';
import { Piscina } from 'piscina';
import { toParameter, type ConnectionSettings, type SqlConnection } from './libsql-connection.ts';
import type { Script, ScriptOutcome, StatementAnswer } from './script.ts';

/** One thing that the thread does. */
export type ThreadStep =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly kind: 'scripts'; readonly scripts: readonly Script[] };

/** What the thread is asked at once: steps one after the other, none after one that failed. */
export interface ThreadRequest {
  readonly settings: ConnectionSettings;
  readonly steps: readonly [...ThreadStep[], ThreadStep];
}

/** What the last steps answered, or how the first that failed did. */
export type ThreadAnswer =
  | { readonly kind: 'done'; readonly last: StatementAnswer; readonly outcomes: readonly ScriptOutcome[] }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code: string;
      /** False where the beginning of the transaction was it that failed. */
      readonly isInTransaction: boolean;
    };

export type DatabaseThread = Piscina<ThreadRequest, ThreadAnswer>;

// The ending is that of this file: TypeScript in the sources, JavaScript in the build.
const WORKER_URL = new URL(`./libsql-worker${path.extname(import.meta.url)}`, import.meta.url);

/** One thread, which keeps its connection between requests; should it die, another takes its place. */
export const databaseThread = (): DatabaseThread =>
  new Piscina({
    filename: WORKER_URL.href,
    name: 'answer',
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
  });

const BEGIN: ThreadStep = { kind: 'begin' };
const COMMIT: ThreadStep = { kind: 'commit' };
const ROLLBACK: ThreadStep = { kind: 'rollback' };
const CLOSE: ThreadStep = { kind: 'close' };

/** Statements that answer nothing, and fail only where something else did before. */
const IS_SAVEPOINT = /^(?:savepoint|release) /;

/**
 * A connection on a thread of its own, so that nothing but its caller waits while the disk does. Should the thread die,
 * what was under way fails and is undone by SQLite, and the next transaction has another thread.
 *
 * Each answer comes when the caller's thread has time for it, and the write lock is held until then. So what answers
 * nothing, such as the beginning, goes to the other thread together with the statement that comes next.
 */
export class LibsqlThread implements SqlConnection {
  readonly #settings: ConnectionSettings;
  readonly #thread: DatabaseThread;
  /** What goes with the next question. */
  #ahead: ThreadStep[] = [];
  /** Why the transaction has not begun: nothing of it may be done outside of one. */
  #notBegun: Error | null = null;
  #isClosed = false;

  constructor(settings: ConnectionSettings, thread: DatabaseThread = databaseThread()) {
    this.#settings = settings;
    this.#thread = thread;
    // What died is replaced; whoever waits for its answer learns of it from the question.
    thread.on('error', () => undefined);
  }

  begin(): void {
    this.#notBegun = null;
    this.#ahead = [BEGIN];
  }

  async commit(): Promise<void> {
    await this.#ask(COMMIT);
  }

  async rollback(): Promise<void> {
    // What was not sent, or not begun, needs no end.
    const hasBegun = this.#ahead[0] !== BEGIN && this.#notBegun === null;
    this.#ahead = [];
    this.#notBegun = null;
    if (hasBegun) await this.#ask(ROLLBACK);
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<StatementAnswer> {
    const step: ThreadStep = { kind: 'query', sql, parameters: parameters.map(toClonable) };
    if (!IS_SAVEPOINT.test(sql)) return (await this.#ask(step)).last;
    this.#ahead.push(step);
    return { rows: [], changes: 0 };
  }

  async runScripts(scripts: readonly Script[]): Promise<readonly ScriptOutcome[]> {
    const clonable = scripts.map((script) => ({
      ...script,
      statements: script.statements.map(({ sql, parameters }) => ({ sql, parameters: parameters.map(toClonable) })),
    }));
    return (await this.#ask({ kind: 'scripts', scripts: clonable })).outcomes;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#ahead = [];
    try {
      await this.#ask(CLOSE);
    } finally {
      this.#isClosed = true;
      await this.#thread.destroy();
    }
  }

  async #ask(step: ThreadStep): Promise<Extract<ThreadAnswer, { readonly kind: 'done' }>> {
    if (this.#isClosed) throw new Error('the database has been closed');
    if (this.#notBegun !== null) throw this.#notBegun;
    const steps = [...this.#ahead, step] as const;
    const [first] = steps;
    this.#ahead = [];
    const answer = await this.#thread.run({ settings: this.#settings, steps });
    if (answer.kind === 'done') return answer;
    const error = Object.assign(new Error(answer.message), { code: answer.code });
    if (first === BEGIN && !answer.isInTransaction) this.#notBegun = error;
    throw error;
  }
}

/** Bytes by themselves: with a view, all that it is a view of would go to the other thread. */
function toClonable(value: unknown): unknown {
  const parameter = toParameter(value);
  return parameter instanceof Uint8Array ? new Uint8Array(parameter) : parameter;
}
