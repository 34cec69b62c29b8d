import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import { checkMasterKey } from "./master-key-check.ts";
import type { MetadataTables } from "./metadata-tables.ts";
import { migrateMetadata } from "./migrate-metadata.ts";
import { METADATA_MIGRATIONS } from "./migrations/metadata-migrations.ts";
import { TryLocks } from "./try-locks.ts";

/** Where the metadata is kept: a native database, or an embedded one of its own. */
export interface MetadataSource {
  /** Natively it must hold a session (a direct connection or PgBouncer's session pooling): locks are taken on it. */
  readonly config: pg.ClientConfig;
  /** Milliseconds for which a connection is kept that nobody uses. Default: 30,000. */
  readonly idleTimeoutMs?: number;
  /** No other process has it: there are no notices of others' changes to listen for. Default: false. */
  readonly processLocal?: boolean;
  /** Called once the connections are closed. */
  release?(): Promise<void>;
}

/** The metadata database, migrated and checked against the master key. */
export interface Metadata {
  readonly db: Kysely<MetadataTables>;
  /** For a connection of one's own, to listen on. Undefined where no other process changes anything. */
  readonly shared: pg.ClientConfig | undefined;
  /**
   * Runs `work` while nobody else, in this process or another on the same metadata, runs any of the same key, or of
   * any of the same keys. `work` gets a connection of its own, and loses the locks with it.
   */
  exclusive<T>(keys: string | readonly string[], work: (db: Kysely<MetadataTables>) => Promise<T>): Promise<T>;
  /**
   * The same, if nobody is at work under the key: never waits. However many keys are held so, they take one connection.
   * @returns undefined where somebody is
   */
  tryExclusive<T>(key: string, work: () => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

const QUERY_CONNECTIONS = 4;
/** Apart from the others, since work that holds a lock waits for long and would keep quick reads waiting. */
const LOCK_CONNECTIONS = 4;

/** @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_MASTER_KEY_INVALID, PLINTH_CONFIG_INVALID */
export async function openMetadata(source: MetadataSource, keyRing: KeyRing): Promise<Metadata> {
  const db = kyselyOver(source, QUERY_CONNECTIONS);
  const locks = kyselyOver(source, LOCK_CONNECTIONS);
  const mutex = new KeyedMutex();
  const tryLocks = new TryLocks(locks);
  const close = async (): Promise<void> => {
    await Promise.all([db.destroy(), locks.destroy()]);
    await source.release?.();
  };
  try {
    await migrateMetadata(db, METADATA_MIGRATIONS);
    await checkMasterKey(db, keyRing);
  } catch (error) {
    await close();
    throw isConnectionFailure(error) ? connectionError(error) : error;
  }
  return {
    db,
    shared: source.processLocal ? undefined : source.config,
    exclusive: (keys, work) => {
      // In one order, so that two who want the same ones never wait for each other.
      const ordered = [...new Set(typeof keys === "string" ? [keys] : keys)].toSorted();
      return ordered.reduceRight<() => ReturnType<typeof work>>((next, key) => () => mutex.run(key, next), () => withAdvisoryLocks(locks, ordered, work))();
    },
    tryExclusive: async (key, work) => (mutex.isBusy(key) ? undefined : mutex.run(key, () => withTryLock(tryLocks, key, work))),
    close,
  };
}

function kyselyOver({ config, idleTimeoutMs = 30_000 }: MetadataSource, max: number): Kysely<MetadataTables> {
  const pool = new pg.Pool({ ...config, max, idleTimeoutMillis: idleTimeoutMs, connectionTimeoutMillis: 10_000, allowExitOnIdle: true });
  // A connection that breaks fails its query and is replaced; its event without a listener would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

async function withTryLock<T>(locks: TryLocks, key: string, work: () => Promise<T>): Promise<T | undefined> {
  const release = await locks.take(key);
  if (release === undefined) return undefined;
  try {
    return await work();
  } finally {
    await release();
  }
}

/** For the session, since provisioning can't be one transaction: CREATE DATABASE is in none. */
function withAdvisoryLocks<T>(locks: Kysely<MetadataTables>, keys: readonly string[], work: (db: Kysely<MetadataTables>) => Promise<T>): Promise<T> {
  const each = (call: "lock" | "unlock") => keys.map((key) => sql`${sql.raw(`pg_advisory_${call}`)}(hashtextextended(${`plinth.${key}`}, 0))`);
  return locks.connection().execute(async (connection) => {
    // A select's columns are computed in the order they are written in.
    await sql`select ${sql.join(each("lock"))}`.execute(connection);
    try {
      return await work(connection);
    } finally {
      // Where the connection is lost the server has let go of the locks already.
      await sql`select ${sql.join(each("unlock"))}`.execute(connection).catch(() => undefined);
    }
  });
}
