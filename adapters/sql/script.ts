/** What a statement answered. */
export interface StatementAnswer {
  readonly rows: readonly unknown[];
  /** How many rows a statement that answers none has changed. */
  readonly changes: number;
}

/** A connection on the thread that runs scripts. */
interface RunningConnection {
  begin(): void;
  commit(): void;
  rollback(): void;
  isInTransaction(): boolean;
  query(sql: string, parameters: readonly unknown[]): StatementAnswer;
}

/** A statement with its parameters; Kysely's `compile()` makes one. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * Statements known beforehand, which stand or fall together. Nothing has to be asked between them, so a script takes one
 * way to the thread that writes, and holds the write lock for no longer than the statements take.
 */
export interface Script {
  readonly statements: readonly Statement[];
  /** So many rows must be changed by all statements together; otherwise nothing of the script has happened. */
  readonly mustChange?: number;
}

/** What became of a script. */
export type ScriptOutcome =
  | { readonly kind: 'done'; readonly last: StatementAnswer }
  /** It did not change what it must. */
  | { readonly kind: 'undone' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string };

/** So that the first of many does not wait too long for the last. */
export const LONG_TRANSACTION_MS = 10;

/**
 * Runs scripts in one durable transaction, each by itself: one that fails is undone, and the others stay. Answers for as
 * many as fit, at least for the first; nothing of the others has happened.
 *
 * @throws what libsql throws where the transaction itself cannot be begun or made durable; nothing has happened then
 */
export function runScripts(connection: RunningConnection, scripts: readonly Script[]): readonly ScriptOutcome[] {
  connection.begin();
  try {
    const outcomes: ScriptOutcome[] = [];
    const startedMs = performance.now();
    for (const script of scripts) {
      if (outcomes.length > 0 && performance.now() - startedMs > LONG_TRANSACTION_MS) break;
      outcomes.push(outcomeOf(connection, script));
    }
    connection.commit();
    return outcomes;
  } catch (error) {
    connection.rollback();
    throw error;
  }
}

function outcomeOf(connection: RunningConnection, { statements, mustChange }: Script): ScriptOutcome {
  connection.query('savepoint script', []);
  try {
    let last: StatementAnswer = { rows: [], changes: 0 };
    let changes = 0;
    for (const { sql, parameters } of statements) {
      last = connection.query(sql, parameters);
      changes += last.changes;
    }
    if (mustChange === undefined || changes === mustChange) return { kind: 'done', last };
    connection.query('rollback to script', []);
    return { kind: 'undone' };
  } catch (error) {
    // Some errors have ended the whole transaction.
    if (!connection.isInTransaction()) throw error;
    connection.query('rollback to script', []);
    const { message, code } = error as Error & { readonly code?: string };
    return { kind: 'failed', message, code: code ?? '' };
  } finally {
    if (connection.isInTransaction()) connection.query('release script', []);
  }
}
