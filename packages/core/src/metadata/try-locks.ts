import { type Kysely, sql } from "kysely";
import type { MetadataTables } from "./metadata-tables.ts";

/** A connection, and how many locks are held on it or about to be. */
interface LockSession {
  readonly connection: Promise<{ readonly db: Kysely<MetadataTables>; end(): void }>;
  users: number;
}

/**
 * Advisory locks that are taken or not, never waited for: so that one connection holds any number of them. It is
 * opened with the first lock and given back with the last. Where it is lost, the locks are lost with it.
 *
 * A session gets a lock that it has already once more: in one process the keys must be kept apart beforehand.
 */
export class TryLocks {
  readonly #db: Kysely<MetadataTables>;
  #session: LockSession | undefined;

  constructor(db: Kysely<MetadataTables>) {
    this.#db = db;
  }

  /** @returns gives the lock back; undefined where another session has it */
  async take(key: string): Promise<(() => Promise<void>) | undefined> {
    const session = (this.#session ??= { connection: openConnection(this.#db), users: 0 });
    session.users++;
    try {
      const { db } = await session.connection;
      const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(hashtextextended(${`plinth.${key}`}, 0)) as taken`.execute(db);
      if (rows[0]?.taken) return () => this.#release(session, key);
      await this.#leave(session);
      return undefined;
    } catch (error) {
      // It is of no more use: the next one opens another.
      if (this.#session === session) this.#session = undefined;
      await this.#leave(session);
      throw error;
    }
  }

  async #release(session: LockSession, key: string): Promise<void> {
    const { db } = await session.connection;
    // Where the connection is lost the server has let go of the lock already.
    await sql`select pg_advisory_unlock(hashtextextended(${`plinth.${key}`}, 0))`.execute(db).catch(() => undefined);
    await this.#leave(session);
  }

  async #leave(session: LockSession): Promise<void> {
    session.users--;
    if (session.users > 0) return;
    if (this.#session === session) this.#session = undefined;
    (await session.connection.catch(() => undefined))?.end();
  }
}

function openConnection(locks: Kysely<MetadataTables>): LockSession["connection"] {
  return new Promise((resolve, reject) => {
    locks
      .connection()
      .execute((db) => new Promise<void>((end) => resolve({ db, end })))
      .catch(reject);
  });
}
