import type { Kysely, Transaction } from "kysely";
import type { ChannelWatch } from "../database/pool.ts";
import type { Checkpoint, Ending, RawResult, Statement } from "../database/statement.ts";
import type { Project } from "../projects/project.ts";
import type { Scope } from "./scope.ts";
import type { TenantSecrets } from "./tenant-secrets.ts";

declare const scoped: unique symbol;

/** A Kysely transaction that runs as the scope's role with its claims. Made only by `Tenant.transaction`. */
export type ScopedTransaction<DB> = Transaction<DB> & { readonly [scoped]: true };

/** Any table, any column: what a host gets that gives no Database type of its own. */
export type AnyDatabase = Record<string, Record<string, unknown>>;

/** One project, ready to be worked with. The only door to a project's data. */
export interface Tenant {
  readonly ref: string;
  readonly project: Project;
  /** Whether its roles are other projects' as well: those of a server are all its databases'. */
  readonly sharesRoles: boolean;
  /** Signs, seals and opens with the project's keys: for services, and never to be handed on. */
  readonly secrets: TenantSecrets;

  /**
   * Runs `work` in one transaction as `scope.role` with `scope.claims`; commits when it resolves,
   * rolls back when it throws.
   *
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_DATABASE_BUSY; what `work` throws, as it is.
   */
  transaction<DB = AnyDatabase, T = unknown>(scope: Scope, work: (db: ScopedTransaction<DB>) => Promise<T>): Promise<T>;

  /**
   * Sends the statements in one transaction and one network round trip (two where `ending` is a
   * function, or an isolation level is asked for). Statements are prepared per connection and role.
   *
   * @returns one result per statement, in order
   * @throws PostgreSQL's own error (`pg.DatabaseError`, with `code` the SQLSTATE); BackendError as above
   */
  execute(scope: Scope, statements: readonly Statement[], ending?: Ending, checkpoint?: Checkpoint): Promise<readonly RawResult[]>;

  /** Reads the system catalogs as the login role, which owns nothing and sees no tenant rows. */
  catalog(statement: Statement): Promise<RawResult>;

  /**
   * Calls `listener` for every NOTIFY on `channel`, reconnecting by itself; `onReconnect` tells that
   * some may have been missed.
   * @returns stops listening
   */
  listen(channel: string, listener: (payload: string) => void, onReconnect?: () => void): Promise<() => Promise<void>>;

  /** Resolves when the listeners have heard of everything that was notified before this call. */
  flushNotifications(): Promise<void>;

  /**
   * Hears `channel` as long as the project has a connection open anyway, and tells when it may have missed something:
   * for caches, of which a process has thousands.
   */
  watch(channel: string, listener: (payload: string) => void): ChannelWatch;

  /** State that a service keeps for this tenant (a schema cache, say), made once and dropped with the tenant. */
  state<T extends object>(key: TenantStateKey<T>): T;
}

/** Names a service's per-tenant state and says how to make and end it. */
export interface TenantStateKey<T extends object> {
  readonly name: string;
  create(tenant: Tenant): T;
  dispose?(state: T): void | Promise<void>;
}

/** The project's database with the owner's rights: for migrations and set-up, never on a request's path. */
export interface OwnerDatabase {
  readonly db: Kysely<AnyDatabase>;
  /** Runs a script of any number of statements in one transaction. */
  script(sql: string): Promise<void>;
}
