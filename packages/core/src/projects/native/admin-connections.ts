import pg from "pg";
import { connectionError } from "../../database/connection-error.ts";

/** A step takes one for some milliseconds; making one takes as long as the step. */
const MAX_CONNECTIONS = 4;
const IDLE_MS = 5_000;

/** Connections with the administrator's rights, opened when there is work and closed soon after. */
export class AdminConnections {
  readonly #pool: pg.Pool;

  constructor(adminUrl: string) {
    this.#pool = new pg.Pool({ connectionString: adminUrl, max: MAX_CONNECTIONS, idleTimeoutMillis: IDLE_MS, connectionTimeoutMillis: 10_000, allowExitOnIdle: true, application_name: "plinth admin" });
    // A connection that breaks also fails its query, which is where the error is dealt with.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** @throws BackendError PLINTH_DATABASE_UNAVAILABLE */
  async use<T>(work: (admin: pg.ClientBase) => Promise<T>): Promise<T> {
    const admin = await this.#pool.connect().catch((error: unknown) => Promise.reject(connectionError(error)));
    let failed = true;
    try {
      const result = await work(admin);
      failed = false;
      return result;
    } finally {
      // After an error nobody knows what state it is in, and it may well be gone.
      admin.release(failed);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}
