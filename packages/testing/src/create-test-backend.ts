import { randomBytes } from "node:crypto";
import { CompiledQuery } from "kysely";
import { type Backend, type BackendOptions, type Claims, createBackend, type ProjectWithKeys } from "plinth";
import { type RequestHeaders, headersFor, tokenFor, type Who } from "./credentials.ts";

/** What `createTestBackend` takes: `createBackend`'s options, save those that say where data is kept. */
export interface TestBackendOptions extends Omit<BackendOptions, "dataDirectory" | "inMemory" | "project"> {
  readonly project?: Exclude<BackendOptions["project"], false>;
  /** SQL that the default project begins with, after its migrations: any number of statements, run as the owner in one transaction. */
  readonly sql?: string;
}

/** A backend for one test or one test file, with the keys of its default project at hand. */
export interface TestBackend extends Backend, AsyncDisposable {
  readonly project: ProjectWithKeys;
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  readonly jwtSecret: string;
  /**
   * Signs a user's token for the default project. Role `authenticated` and an hour's time, where the claims don't say otherwise.
   *
   * @example
   * createClient("http://backend", backend.anonKey, { accessToken: async () => backend.tokenFor({ sub: userId }), global: { fetch: backend.fetch } });
   */
  tokenFor(claims: Claims): string;
  /**
   * The headers by which a request to the default project is anon's, the service role's or, given claims, a user's.
   *
   * @example
   * await backend.fetch("http://backend/rest/v1/todos", { headers: backend.headersFor({ sub: userId }) });
   */
  headersFor(who: Who): RequestHeaders;
  /**
   * Runs SQL as the database's owner in one transaction, past all policies.
   *
   * @param ref of another project than the default one
   * @returns the rows of a single statement; of several, none
   * @throws PostgreSQL's own error (`pg.DatabaseError`, with `code` the SQLSTATE)
   */
  sql<Row = Record<string, unknown>>(text: string, ref?: string): Promise<readonly Row[]>;
}

/**
 * A whole backend in memory, nothing mocked, gone after `close()` or at the end of an `await using` block.
 * Any number of them live side by side, in any test runner. The environment is left aside: DATABASE_URL,
 * PLINTH_MASTER_KEY and PLINTH_JWT_SECRET have no effect. Give `databaseUrl` to test on a server.
 *
 * @throws BackendError as `createBackend` does; PostgreSQL's own error where `sql` fails
 * @example
 * await using backend = await createTestBackend({ migrations: "migrations", sql: "insert into lists (name) values ('Home')" });
 * const response = await backend.fetch("http://backend/rest/v1/lists", { headers: backend.headersFor("anon") });
 */
export async function createTestBackend({ sql, ...options }: TestBackendOptions = {}): Promise<TestBackend> {
  const project = { jwtSecret: randomSecret(), ...options.project };
  const backend = await createBackend({ databaseUrl: false, masterKey: randomSecret(), previousMasterKeys: [], ...options, project, inMemory: true });
  try {
    const made = await backend.projects.get(project.ref ?? "default");
    if (sql !== undefined) await runAsOwner(backend, sql);
    return withConveniences(backend, made);
  } catch (error) {
    await backend.close();
    throw error;
  }
}

function withConveniences(backend: Backend, project: ProjectWithKeys): TestBackend {
  const { anonKey, serviceRoleKey, jwtSecret } = project;
  return {
    ...backend,
    project,
    anonKey,
    serviceRoleKey,
    jwtSecret,
    tokenFor: (claims) => tokenFor(project, claims),
    headersFor: (who) => headersFor(project, who),
    sql: (text, ref) => runAsOwner(backend, text, ref),
    [Symbol.asyncDispose]: () => backend.close(),
  };
}

async function runAsOwner<Row>(backend: Backend, text: string, ref?: string): Promise<readonly Row[]> {
  const owner = await backend.ownerDatabase(ref);
  try {
    const { rows } = await owner.db.transaction().execute((transaction) => transaction.executeQuery(CompiledQuery.raw(text)));
    // Of several statements `pg` gives several results, which Kysely makes nothing of.
    return (rows as readonly Row[] | undefined) ?? [];
  } finally {
    await owner.release();
  }
}

const randomSecret = (): string => randomBytes(32).toString("hex");
