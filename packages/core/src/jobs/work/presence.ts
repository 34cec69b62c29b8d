import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { CANCEL_CHANNEL } from "../store/cancel-job.ts";

export interface PresenceOptions {
  readonly worker: string;
  readonly client: () => pg.Client;
  /** Some job is to be cancelled. Anybody may say so who can get at the database: the jobs' rows say whether it is true. */
  readonly onCancel: () => void;
}

const PING_TIMEOUT = 5_000;

/**
 * The server ends the session of a machine that has vanished within seconds rather than hours. The kernel answers these,
 * so that a process which is merely busy is not taken for a dead one.
 */
const KEEPALIVE = "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set statement_timeout = 0; set idle_session_timeout = 0";

/**
 * A session by which others can tell that this process is there: it holds an advisory lock, which goes with the process
 * however it ends, and stays while it is busy. It also hears which jobs are to be cancelled.
 */
export class Presence {
  readonly #options: PresenceOptions;
  #client: pg.Client | undefined;
  #isLocked = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Sees to it that the session is there. @throws what connecting throws */
  async keep(): Promise<void> {
    const client = this.#client ?? (await this.#open());
    // After a break the server may still have the session before.
    if (!this.#isLocked) this.#isLocked = await this.#lock(client);
    await this.#ping(client);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#forget();
    await Promise.race([client?.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })]);
  }

  async #open(): Promise<pg.Client> {
    const client = this.#options.client();
    client.on("error", () => undefined);
    client.once("end", () => {
      if (this.#client === client) this.#forget();
    });
    client.on("notification", () => this.#options.onCancel());
    await client.connect();
    try {
      await client.query(KEEPALIVE);
      await client.query(`listen ${CANCEL_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #lock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>("select pg_try_advisory_lock(hashtextextended($1, 0)) as locked", [`plinth.jobs.${this.#options.worker}`]);
    return rows[0]?.locked ?? false;
  }

  async #ping(client: pg.Client): Promise<void> {
    const limit = new AbortController();
    const late = sleep(PING_TIMEOUT, "late", { signal: limit.signal }).catch(() => "");
    const answer = await Promise.race([client.query("select"), late]);
    limit.abort();
    if (answer !== "late") return;
    if (this.#client === client) this.#forget();
    void client.end().catch(() => undefined);
    throw new Error("Connection terminated: the metadata database doesn't answer.");
  }

  #forget(): void {
    this.#client = undefined;
    this.#isLocked = false;
  }
}
