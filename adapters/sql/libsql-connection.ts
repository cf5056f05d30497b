import Libsql from 'libsql';
import type { Database, Statement } from 'libsql';
import { runScripts, type Script, type ScriptOutcome, type StatementAnswer } from './script.ts';

/**
 * How a connection's transactions begin. `begin immediate` takes the write lock at once: a transaction that started
 * never fails for want of it. `begin deferred` is for a connection that only reads.
 */
export type Begin = 'begin immediate' | 'begin deferred';

export interface ConnectionSettings {
  readonly path: string;
  readonly begin: Begin;
  /** Such as `foreign_keys = ON`; said in this order when the file is opened. */
  readonly pragmas: readonly string[];
}

type Awaitable<T> = T | Promise<T>;

/** An open SQLite file, on this thread or another, for one borrower at a time who waits for each answer. */
export interface SqlConnection {
  begin(): Awaitable<void>;
  commit(): Awaitable<void>;
  /** Also where nothing has begun: after some errors, such as a full disk, SQLite has rolled back by itself. */
  rollback(): Awaitable<void>;
  query(sql: string, parameters: readonly unknown[]): Awaitable<StatementAnswer>;
  /** A transaction of its own for some scripts (see `runScripts`). */
  runScripts(scripts: readonly Script[]): Awaitable<readonly ScriptOutcome[]>;
  close(): Awaitable<void>;
}

/** How many prepared statements a connection keeps. */
const KEPT_STATEMENTS = 200;

/** Opens the file on this thread. @throws what libsql throws, such as `SQLITE_BUSY` */
export function openLibsql({ path, begin, pragmas }: ConnectionSettings): LibsqlConnection {
  const database = new Libsql(path);
  try {
    for (const pragma of pragmas) database.exec(`pragma ${pragma}`);
    return new LibsqlConnection(database, begin);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A connection on the thread that calls it, which stands still meanwhile. */
export class LibsqlConnection implements SqlConnection {
  readonly #database: Database;
  readonly #begin: Begin;
  /** By SQL text; the least recently used is the first. */
  readonly #statements = new Map<string, Statement>();
  #isClosed = false;

  constructor(database: Database, begin: Begin) {
    this.#database = database;
    this.#begin = begin;
  }

  // `exec` frees its statement also when it fails; a kept one that met a lock would stay active and block the commit.
  begin(): void {
    this.#opened().exec(this.#begin);
  }

  commit(): void {
    this.#opened().exec('commit');
  }

  rollback(): void {
    if (this.isInTransaction()) this.#database.exec('rollback');
  }

  isInTransaction(): boolean {
    return !this.#isClosed && this.#database.inTransaction;
  }

  query(sql: string, parameters: readonly unknown[]): StatementAnswer {
    const values = parameters.map(toParameter);
    const statement = this.#statement(sql);
    try {
      if (!statement.reader) return { rows: [], changes: statement.run(values).changes };
      return { rows: statement.all(values).map(withByteArrays), changes: 0 };
    } catch (error) {
      this.#statements.delete(sql);
      throw error;
    }
  }

  runScripts(scripts: readonly Script[]): readonly ScriptOutcome[] {
    return runScripts(this, scripts);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#statements.clear();
    // The garbage collector frees statements, and until then the last connection's own checkpoint would wait.
    if (this.#begin === 'begin immediate') this.#database.exec('pragma wal_checkpoint(truncate)');
    this.#database.close();
  }

  /** What libsql is asked of a database that was closed ends the whole process. */
  #opened(): Database {
    if (this.#isClosed) throw new Error('the database has been closed');
    return this.#database;
  }

  #statement(sql: string): Statement {
    const statement = this.#statements.get(sql) ?? this.#opened().prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > KEPT_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
    return statement;
  }
}

/** @throws TypeError for what the database could not give back exactly, or what would end the process. */
export function toParameter(value: unknown): string | number | Buffer | null {
  if (value === null) return null;
  // libsql reads text up to the first NUL only, and PostgreSQL refuses it.
  if (typeof value === 'string' && !value.includes('\0')) return value;
  // SQLite would store NaN as NULL.
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`a ${typeof value} is not a value of the database${typeof value === 'string' ? ': NUL' : ''}`);
}

function withByteArrays(row: unknown): unknown {
  const columns = row as Record<string, unknown>;
  for (const name in columns) {
    const value = columns[name];
    if (value instanceof ArrayBuffer) columns[name] = new Uint8Array(value);
  }
  return columns;
}
