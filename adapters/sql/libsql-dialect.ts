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
import type { SqlConnection } from './libsql-connection.ts';

/**
 * Kysely on a libsql connection (an SQLite file). Kysely's own SQLite dialect is not used because transactions must
 * begin in a chosen way, statements are worth keeping, and libsql ends the whole process on a parameter of a type that
 * it does not know.
 */
export class LibsqlDialect implements Dialect {
  readonly #connection: SqlConnection;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#connection);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the type that Kysely's interface asks for
  createIntrospector(database: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }
}

/** One connection, lent to one borrower at a time in the order of asking. */
class LibsqlDriver implements Driver {
  readonly #connection: SqlConnection;
  readonly #borrowed: BorrowedConnection;
  #lent: Promise<void> = Promise.resolve();
  #giveBack: () => void = () => undefined;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
    this.#borrowed = new BorrowedConnection(connection);
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
    return this.#borrowed;
  }

  async releaseConnection(): Promise<void> {
    this.#giveBack();
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.begin();
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.commit();
  }

  async rollbackTransaction(): Promise<void> {
    await this.#connection.rollback();
  }

  async destroy(): Promise<void> {
    // Whoever borrowed before ends first; whoever waits finds the database closed.
    await this.acquireConnection();
    try {
      await this.#connection.close();
    } finally {
      await this.releaseConnection();
    }
  }
}

class BorrowedConnection implements DatabaseConnection {
  readonly #connection: SqlConnection;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await this.#connection.query(query.sql, query.parameters);
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  // oxlint-disable-next-line require-yield -- nothing is ever streamed
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('queries are not streamed');
  }
}
