import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import type { Transaction } from 'kysely';
import Libsql from 'libsql';
import { err, ok, ResultAsync } from 'neverthrow';
import type { Result } from 'neverthrow';
import { portUnavailable } from '../../core/kernel/errors.ts';
import type { PortUnavailable } from '../../core/kernel/errors.ts';
import { LibsqlDialect } from './libsql-dialect.ts';
import type { Begin } from './libsql-dialect.ts';
import { migrate } from './migrate.ts';
import type { SchemaTooNew } from './migrate.ts';
import type { Tables } from './tables.ts';

/** How long a call waits for another process's write to end. */
const PATIENCE_MS = 15_000;

/** SQLite's own waiting stops the whole process, so it is kept short, and the longer wait is ours. */
const BUSY_TIMEOUT_MS = 10;

/** So that the first of many does not wait too long for the last. */
const MOST_WORKS_A_TRANSACTION = 50;

/**
 * An open database file, for any number of stores. Several processes may have the same file open. Reads go over a
 * connection of their own, so none waits for a write.
 */
export class SqlDatabase {
  readonly #writer: Kysely<Tables>;
  readonly #reader: Kysely<Tables>;
  #waiting: WaitingWrite[] = [];
  #writing: Promise<void> | null = null;

  constructor(writer: Kysely<Tables>, reader: Kysely<Tables>) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /**
   * Runs the work in a transaction that holds the write lock from its start: all of it becomes durable or, when it
   * rejects, nothing. The work must not have effects of its own. Works that wait at the same time are made durable
   * together: waiting for the disk is most of what a small one takes.
   */
  write<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#writing ??= this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    // Whatever the same turn of the event loop brings shares the first transaction.
    await nextTurn();
    while (this.#waiting.length > 0) {
      const works = this.#waiting.splice(0, MOST_WORKS_A_TRANSACTION);
      if (works.length === 1 || !(await this.#writeTogether(works))) {
        for (const { work, resolve, reject } of works) {
          await untilFree(() => this.#writer.transaction().execute(work)).then(resolve, reject);
        }
      }
    }
    this.#writing = null;
  }

  /** Whether the works could be made durable in one transaction; otherwise nothing of them has happened. */
  async #writeTogether(works: readonly WaitingWrite[]): Promise<boolean> {
    let outcomes: readonly Outcome[];
    try {
      outcomes = await untilFree(() =>
        this.#writer.transaction().execute((transaction) => outcomesOf(transaction, works)),
      );
    } catch {
      return false;
    }
    outcomes.forEach((outcome, i) => {
      if ('value' in outcome) works[i]?.resolve(outcome.value);
      else works[i]?.reject(outcome.error);
    });
    return true;
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
  }
}

/** A work that waits to be written, and whoever waits for it. */
interface WaitingWrite {
  readonly work: (transaction: Transaction<Tables>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of a work inside a transaction that others share. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Each work by itself: one that rejects is undone, and the others stay. */
async function outcomesOf(
  transaction: Transaction<Tables>,
  works: readonly WaitingWrite[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { work } of works) {
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

/**
 * Opens the database file, creating it (and its folder, readable by the owner alone) where there is none, and brings its
 * schema up to date. Safe when several processes start at once.
 */
export function openDatabase(path: string): ResultAsync<SqlDatabase, SchemaTooNew | PortUnavailable> {
  // Resolved, so that no name is taken for a URL or for a database in memory.
  return ResultAsync.fromPromise(openFile(resolve(path)), (cause) =>
    portUnavailable('SqlDatabase', 'open', cause, isRetryable(cause)),
  ).andThen((opened) => opened);
}

async function openFile(path: string): Promise<Result<SqlDatabase, SchemaTooNew>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives its journal files the mode of the database file.
  await (await open(path, 'a', 0o600)).close();
  const writer = await connect(path, 'begin immediate', [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    // What was deleted or replaced is overwritten, so that the file holds nothing of a person who was erased.
    'secure_delete = ON',
  ]);
  const reader = await connect(path, 'begin deferred', ['query_only = ON']).catch(async (error: unknown) => {
    await writer.destroy();
    throw error;
  });
  const database = new SqlDatabase(writer, reader);
  try {
    const migrated = await database.write(migrate);
    if (migrated.isOk()) return ok(database);
    await database.close();
    return err(migrated.error);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function connect(path: string, begin: Begin, pragmas: readonly string[]): Promise<Kysely<Tables>> {
  const database = new Libsql(path);
  try {
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    for (const pragma of pragmas) await untilFree(async () => database.exec(`pragma ${pragma}`));
    const connection = new Kysely<Tables>({ dialect: new LibsqlDialect(database, begin) });
    // Kysely ends only what it has begun to use.
    await sql`select 1`.execute(connection);
    return connection;
  } catch (error) {
    database.close();
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
