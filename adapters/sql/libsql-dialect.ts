import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from 'kysely';
import type { Database, Statement } from 'libsql';

/**
 * How a connection's transactions begin. `begin immediate` takes the write lock at once: a transaction that started
 * never fails for want of it. `begin deferred` is for a connection that only reads.
 */
export type Begin = 'begin immediate' | 'begin deferred';

/** How many prepared statements a connection keeps. */
const KEPT_STATEMENTS = 200;

/**
 * Kysely on a libsql connection (an SQLite file). Kysely's own SQLite dialect is not used because transactions must
 * begin in a chosen way, statements are worth keeping, and libsql ends the whole process on a parameter of a type that
 * it does not know.
 */
export class LibsqlDialect implements Dialect {
  readonly #database: Database;
  readonly #begin: Begin;

  constructor(database: Database, begin: Begin) {
    this.#database = database;
    this.#begin = begin;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#database, this.#begin);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type that Kysely's interface asks for
  createIntrospector(database: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }
}

/** One connection, lent to one borrower at a time in the order of asking. */
class LibsqlDriver implements Driver {
  readonly #database: Database;
  readonly #begin: Begin;
  readonly #connection: LibsqlConnection;
  #lent: Promise<void> = Promise.resolve();
  #giveBack: () => void = () => undefined;

  constructor(database: Database, begin: Begin) {
    this.#database = database;
    this.#begin = begin;
    this.#connection = new LibsqlConnection(database);
  }

  async init(): Promise<void> {
    // The database was opened before.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lent;
    let giveBack = (): void => undefined;
    this.#lent = new Promise((resolve) => {
      giveBack = resolve;
    });
    await before;
    this.#giveBack = giveBack;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#giveBack();
  }

  // `exec` frees its statement also when it fails; a kept one that met a lock would stay active and block the commit.
  async beginTransaction(): Promise<void> {
    this.#database.exec(this.#begin);
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // After some errors, such as a full disk, SQLite has rolled back by itself.
    if (this.#database.inTransaction) this.#database.exec('rollback');
  }

  async destroy(): Promise<void> {
    // Whoever borrowed before ends first; whoever waits finds the database closed.
    await this.acquireConnection();
    this.#connection.forgetStatements();
    // The garbage collector frees statements, and until then the last connection's own checkpoint would wait.
    if (this.#begin === 'begin immediate') this.#database.exec('pragma wal_checkpoint(truncate)');
    this.#database.close();
    await this.releaseConnection();
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #database: Database;
  /** By SQL text; the least recently used is the first. */
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters.map(toParameter);
    const statement = this.#statement(query.sql);
    try {
      if (!statement.reader) {
        const { changes } = statement.run(parameters);
        return { rows: [], numAffectedRows: BigInt(changes) };
      }
      return { rows: statement.all(parameters).map(withByteArrays) as Row[] };
    } catch (error) {
      this.#statements.delete(query.sql);
      throw error;
    }
  }

  // eslint-disable-next-line require-yield -- nothing is ever streamed
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('queries are not streamed');
  }

  forgetStatements(): void {
    this.#statements.clear();
  }

  #statement(sql: string): Statement {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > KEPT_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
    return statement;
  }
}

/** @throws TypeError for what the database could not give back exactly, or what would end the process. */
function toParameter(value: unknown): string | number | Buffer | null {
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
