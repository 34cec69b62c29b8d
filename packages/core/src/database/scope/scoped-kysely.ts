import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import pg from "pg";
import type { Scope } from "../../tenant/scope.ts";
import type { ScopedTransaction } from "../../tenant/tenant.ts";
import { openingSteps, sendFlight, type StatementMode } from "./run-flight.ts";

/** Runs `work` in a transaction of `scope` on `client`, with Kysely bound to that one connection. */
export function runScopedTransaction<DB, T>(
  client: pg.ClientBase,
  scope: Scope,
  work: (db: ScopedTransaction<DB>) => Promise<T>,
  mode: StatementMode,
): Promise<T> {
  const driver = new OneClientDriver(client, scope, mode);
  const kysely = new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return kysely.transaction().execute((db) => work(db as ScopedTransaction<DB>));
}

/** A Kysely driver with a single, borrowed connection, whose transactions begin with a scope. */
class OneClientDriver implements Driver {
  readonly #connection: ClientConnection;
  readonly #client: pg.ClientBase;
  readonly #scope: Scope;
  readonly #mode: StatementMode;

  constructor(client: pg.ClientBase, scope: Scope, mode: StatementMode) {
    this.#client = client;
    this.#scope = scope;
    this.#mode = mode;
    this.#connection = new ClientConnection(client);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    try {
      await sendFlight(this.#client, openingSteps(this.#scope), this.#mode);
    } catch (error) {
      // Begun all the same, and nobody ends what could not be begun.
      await this.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }

  async commitTransaction(): Promise<void> {
    await this.#client.query("commit");
  }

  async rollbackTransaction(): Promise<void> {
    await this.#client.query("rollback");
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint ${pg.escapeIdentifier(name)}`));
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to savepoint ${pg.escapeIdentifier(name)}`));
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release savepoint ${pg.escapeIdentifier(name)}`));
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

class ClientConnection implements DatabaseConnection {
  readonly #client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#client.query(query.sql, [...query.parameters]);
    return { rows: result.rows as R[], numAffectedRows: result.rowCount === null ? undefined : BigInt(result.rowCount) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Streaming a query is not available inside a scoped transaction; read in pages.");
  }
}
