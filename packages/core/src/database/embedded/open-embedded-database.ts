import { join, resolve } from "node:path";
import type pg from "pg";
import { BackendHost } from "./host/backend-host.ts";
import { DatabaseWorker } from "./host/database-worker.ts";
import { lockDirectory } from "./lock/directory-lock.ts";
import { Maintenance } from "./maintenance.ts";
import { createMemoryDirectory, removerOf } from "./memory-directory.ts";
import { postgresModule } from "./postgres-module.ts";
import { templateIn } from "./template/template-cache.ts";
import { userCacheDirectory } from "./user-cache-directory.ts";
import type { Durability } from "./worker/worker-protocol.ts";

export interface OpenEmbeddedDatabaseOptions {
  /** Where the database is, or is to be made. Undefined: a fresh one, gone when it is closed. */
  readonly directory: string | undefined;
  /** Where the template of fresh databases is kept, to be shared by many. Default: a folder of this user's among the temporary files. */
  readonly cacheDirectory?: string;
  /** SQL that every fresh database begins with, run once in the template as the superuser. Part of the template's identity. */
  readonly setup?: readonly string[];
  /** Settings of PostgreSQL (https://www.postgresql.org/docs/current/runtime-config.html) that its sessions begin with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds that clients may make the database run at a stretch. Default: 30,000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds that a transaction may do nothing while other clients wait. Default: 60,000. */
  readonly idleInTransactionTimeoutMs?: number;
  /** Milliseconds between looks whether there is something to vacuum. Default: 60,000. */
  readonly maintenanceIntervalMs?: number;
  /** Milliseconds without a client after which the thread is closed, and its memory freed, until a client comes. Default: never. */
  readonly sleepAfterMs?: number;
  /** What committed data survives. Default: `process`. */
  readonly durability?: Durability;
}

/**
 * A PostgreSQL of its own (PGlite) in a thread of this process. All clients share its one session: settings made with
 * plain SET, temporary tables, session-level advisory locks and SQL-level PREPARE are common to them (transactions, SET
 * LOCAL, transaction-level locks, protocol-level statements and LISTEN are each client's own). What a client does to the
 * session's user, its role and its search_path lasts until another client has its turn, and is not done again afterwards;
 * the client is told with ParameterStatus. One transaction runs at a time; the others wait. Every client is the superuser
 * `postgres`. Ignored of a client's start-up parameters are all but `statement_timeout`. Keeps the process alive only while
 * it has work.
 */
export interface EmbeddedDatabase {
  /** Undefined: not kept. */
  readonly directory: string | undefined;
  /** For `pg.Client` and `pg.Pool`: each client made with it is one more virtual connection. */
  readonly clientConfig: pg.ClientConfig;
  /** Ends what the client waits for with SQLSTATE 57014. If it is running, the database is restarted. */
  cancel(client: pg.ClientBase): void;
  /**
   * Ends the thread in the midst of whatever it does, and opens the database again. Every connection is told 57P01 and
   * closed; what was committed is there.
   */
  restart(): Promise<void>;
  /** Vacuums and analyses what needs it, and writes a checkpoint if that is due, now rather than at the next interval. */
  maintain(): Promise<void>;
  /** Closes the connections with 57P01, writes a checkpoint and writes the files through to the disk. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens an embedded database, making it if there is none.
 * @throws BackendError PLINTH_DIRECTORY_LOCKED where it is open already, in another process or in this one
 */
export async function openEmbeddedDatabase(options: OpenEmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const directory = options.directory === undefined ? createMemoryDirectory() : resolve(options.directory);
  const lock = await lockDirectory(directory, () => void host.abandon());
  const host = await createHost(directory, options).catch(async (error: unknown) => {
    lock.release();
    throw error;
  });
  const clientConfig: pg.ClientConfig = { host: "embedded", user: "postgres", database: "postgres", stream: () => host.connect() };
  const { maintenanceIntervalMs = 60_000 } = options;
  const maintenance = new Maintenance({ config: clientConfig, intervalMs: maintenanceIntervalMs, isIdle: () => host.isIdle, isAsleep: () => host.isAsleep });
  const remove = options.directory === undefined ? removerOf(directory) : undefined;
  return {
    directory: options.directory === undefined ? undefined : directory,
    clientConfig,
    cancel: (client) => void host.cancel((client as pg.ClientBase & { readonly processID: number | null }).processID ?? 0),
    restart: () => host.restart(),
    maintain: () => maintenance.run(),
    close: async () => {
      await maintenance.stop();
      await (remove ? host.abandon() : host.close());
      lock.release();
      await remove?.();
    },
  };
}

/** Opens the database once, so that what is wrong with it shows here. */
async function createHost(directory: string, options: OpenEmbeddedDatabaseOptions): Promise<BackendHost> {
  const { cacheDirectory = userCacheDirectory(), setup = [], durability = "process", settings = {} } = options;
  const compileCache = join(cacheDirectory, "compiled");
  const [postgres, template] = await Promise.all([postgresModule(), templateIn(cacheDirectory, setup, compileCache)]);
  const input = { postgres, template, durability, settings, cluster: join(directory, "cluster"), compileCache };
  const host = new BackendHost({
    start: (board, events) => DatabaseWorker.start({ ...input, board }, events),
    statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
    idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 60_000,
    sleepAfterMs: options.sleepAfterMs,
  });
  await host.open();
  return host;
}
