import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import type { QueryCreator, Transaction } from 'kysely';
import { err, ok, ResultAsync } from 'neverthrow';
import type { Result } from 'neverthrow';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { openLibsql, type ConnectionSettings, type SqlConnection } from './libsql-connection.ts';
import { LibsqlDialect } from './libsql-dialect.ts';
import { LibsqlThread } from './libsql-thread.ts';
import { LONG_TRANSACTION_MS, type Script, type ScriptOutcome, type StatementAnswer } from './script.ts';
import { migrate } from './migrate.ts';
import type { SchemaTooNew } from './migrate.ts';
import type { Tables } from './tables.ts';

/** Such as a batch of metrics. */
const HEAVY_PARAMETERS = 500;

const isHeavy = ({ statements }: Script): boolean =>
  statements.reduce((sum, { parameters }) => sum + parameters.length, 0) > HEAVY_PARAMETERS;

/** How long a call waits for another process's write to end. */
const PATIENCE_MS = 15_000;

/** SQLite's own waiting stops the whole process, so it is kept short, and the longer wait is ours. */
const BUSY_TIMEOUT = 'busy_timeout = 10';

/** So that the first of many does not wait too long for the last: more go into the next transaction. */
const MOST_A_TRANSACTION = 50;

/**
 * An open database file, for any number of stores. Several processes may have the same file open. Reads go over a
 * connection of their own, so none waits for a write.
 */
export class SqlDatabase {
  /** Makes statements for scripts. */
  readonly statements: QueryCreator<Tables>;
  readonly #connections: readonly SqlConnection[];
  readonly #scriptWriter: SqlConnection;
  readonly #writer: Kysely<Tables>;
  readonly #reader: Kysely<Tables>;
  #works: WaitingWork[] = [];
  /** Of which very many take no time. */
  #lightScripts: WaitingScript[] = [];
  #heavyScripts: WaitingScript[] = [];
  #writing: Promise<void> | null = null;

  constructor(writer: SqlConnection, reader: SqlConnection) {
    this.#connections = [reader, writer];
    this.#scriptWriter = writer;
    this.#writer = new Kysely({ dialect: new LibsqlDialect(writer) });
    this.#reader = reader === writer ? this.#writer : new Kysely({ dialect: new LibsqlDialect(reader) });
    this.statements = this.#writer;
  }

  /**
   * Runs the work in a transaction that holds the write lock from its start: all of it becomes durable or, when it
   * rejects, nothing. The work must not have effects of its own. Works that wait at the same time are made durable
   * together: waiting for the disk is most of what a small one takes.
   */
  write<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#works.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  /**
   * The same for statements that are known beforehand, for which nothing has to go back and forth. Answers what the last
   * of them answered; null where it did not change as many rows as it must, and nothing has happened.
   */
  writeScript(script: Script): Promise<StatementAnswer | null> {
    return new Promise((resolve, reject) => {
      (isHeavy(script) ? this.#heavyScripts : this.#lightScripts).push({ script, resolve, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    // Whatever the same turn of the event loop brings shares the first transaction.
    await nextTurn();
    while (this.#works.length + this.#lightScripts.length + this.#heavyScripts.length > 0) {
      const light = this.#lightScripts.splice(0, MOST_A_TRANSACTION);
      if (light.length > 0 && (light.length === 1 || !(await this.#writeScripts(light)))) {
        for (const waiting of light) await this.#writeScript(waiting);
      }
      // One, and what is light goes first again: otherwise all who send much would wait for the last of them.
      const heavy = this.#heavyScripts.shift();
      if (heavy !== undefined) await this.#writeScript(heavy);
      const works = this.#works.splice(0, MOST_A_TRANSACTION);
      if (works.length > 0 && (works.length === 1 || !(await this.#writeTogether(works)))) {
        for (const { work, resolve, reject } of works) {
          await untilFree(() => this.#writer.transaction().execute(work)).then(resolve, reject);
        }
      }
    }
    this.#writing = null;
  }

  /** As `#writeTogether`. */
  async #writeScripts(waiting: readonly WaitingScript[]): Promise<boolean> {
    let outcomes: readonly ScriptOutcome[];
    try {
      outcomes = await untilFree(async () => this.#scriptWriter.runScripts(waiting.map(({ script }) => script)));
    } catch {
      return false;
    }
    this.#lightScripts.unshift(...waiting.slice(outcomes.length));
    outcomes.forEach((outcome, i) => {
      settle(waiting[i]!, outcome);
    });
    return true;
  }

  async #writeScript(waiting: WaitingScript): Promise<void> {
    try {
      const [outcome] = await untilFree(async () => this.#scriptWriter.runScripts([waiting.script]));
      settle(waiting, outcome!);
    } catch (error) {
      waiting.reject(error);
    }
  }

  /**
   * Whether the works, or the first of them, could be made durable in one transaction; otherwise nothing of them has
   * happened. Those that did not fit wait on, before all others.
   */
  async #writeTogether(works: readonly WaitingWork[]): Promise<boolean> {
    let outcomes: readonly Outcome[];
    try {
      outcomes = await untilFree(() =>
        this.#writer.transaction().execute((transaction) => outcomesOf(transaction, works)),
      );
    } catch {
      return false;
    }
    this.#works.unshift(...works.slice(outcomes.length));
    outcomes.forEach((outcome, i) => {
      if ('value' in outcome) works[i]?.resolve(outcome.value);
      else works[i]?.reject(outcome.error);
    });
    return true;
  }

  /** Opens the connections, which may have to wait for other processes. */
  async connect(): Promise<void> {
    for (const connection of [this.#writer, this.#reader]) {
      await untilFree(() => connection.transaction().execute((transaction) => sql`select 1`.execute(transaction)));
    }
  }

  /** Runs the work on one unchanging state of the database: the last committed one. */
  read<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return untilFree(() => this.#reader.transaction().execute(work));
  }

  /** Ends the connections. Calls that are under way end first; later ones answer `port-unavailable`. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#reader.destroy();
    await this.#writer.destroy();
    // Kysely ends only what it has begun to use.
    for (const connection of this.#connections) await connection.close();
  }
}

function settle({ resolve, reject }: WaitingScript, outcome: ScriptOutcome): void {
  if (outcome.kind === 'done') resolve(outcome.last);
  else if (outcome.kind === 'undone') resolve(null);
  else reject(Object.assign(new Error(outcome.message), { code: outcome.code }));
}

interface WaitingScript {
  readonly script: Script;
  readonly resolve: (last: StatementAnswer | null) => void;
  readonly reject: (error: unknown) => void;
}

/** A work that waits to be written, and whoever waits for it. */
interface WaitingWork {
  readonly work: (transaction: Transaction<Tables>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of a work inside a transaction that others share. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Each work by itself, as many as fit: one that rejects is undone, and the others stay. */
async function outcomesOf(
  transaction: Transaction<Tables>,
  works: readonly WaitingWork[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const startedMs = performance.now();
  for (const { work } of works) {
    if (performance.now() - startedMs > LONG_TRANSACTION_MS) break;
    await sql`savepoint one_of_several`.execute(transaction);
    try {
      outcomes.push({ value: await work(transaction) });
    } catch (error) {
      await sql`rollback to one_of_several`.execute(transaction);
      outcomes.push({ error });
    }
    await sql`release one_of_several`.execute(transaction);
  }
  return outcomes;
}

export interface OpenOptions {
  /**
   * Where writes are made: on a thread of their own, so that the caller's does not stand still while the disk is busy, or
   * on the caller's, for whoever does nothing else meanwhile. The latter where left out.
   */
  readonly writeOn?: 'own-thread' | 'this-thread';
}

/**
 * Opens the database file, creating it (and its folder, readable by the owner alone) where there is none, and brings its
 * schema up to date. Safe when several processes start at once.
 */
export function openDatabase(
  path: string,
  { writeOn = 'this-thread' }: OpenOptions = {},
): ResultAsync<SqlDatabase, SchemaTooNew | PortUnavailable> {
  // Resolved, so that no name is taken for a URL or for a database in memory.
  return ResultAsync.fromPromise(openFile(resolve(path), writeOn), (cause) =>
    portUnavailable('SqlDatabase', 'open', cause, isRetryable(cause)),
  ).andThen((opened) => opened);
}

async function openFile(
  path: string,
  writeOn: 'own-thread' | 'this-thread',
): Promise<Result<SqlDatabase, SchemaTooNew>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives its journal files the mode of the database file.
  await (await open(path, 'a', 0o600)).close();
  const writes: ConnectionSettings = {
    path,
    begin: 'begin immediate',
    pragmas: [
      BUSY_TIMEOUT,
      'journal_mode = WAL',
      'synchronous = FULL',
      'foreign_keys = ON',
      // What was deleted or replaced is overwritten, so that the file holds nothing of a person who was erased.
      'secure_delete = ON',
    ],
  };
  const reads: ConnectionSettings = { path, begin: 'begin deferred', pragmas: [BUSY_TIMEOUT, 'query_only = ON'] };
  const writer = writeOn === 'own-thread' ? new LibsqlThread(writes) : await untilFree(async () => openLibsql(writes));
  const reader = await untilFree(async () => openLibsql(reads)).catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  const database = new SqlDatabase(writer, reader);
  try {
    await database.connect();
    const migrated = await database.write(migrate);
    if (migrated.isOk()) return ok(database);
    await database.close();
    return err(migrated.error);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Tries again while another process holds the lock that the work needs at its start. */
async function untilFree<T>(work: () => Promise<T>): Promise<T> {
  const givesUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_BUSY') || performance.now() > givesUpAt) throw error;
      // At random, so that two waiting processes do not meet again and again.
      await sleep(1 + 20 * Math.random());
    }
  }
}

/** The same call may succeed later: another process was busy, the disk was full, or it failed to read or write. */
export function isRetryable(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(codeOf(error));
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
