import pg from "pg";

/** Bytes of log after which a checkpoint is worth its while. PostgreSQL would take them at max_wal_size. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** As PostgreSQL's autovacuum by default: https://www.postgresql.org/docs/current/runtime-config-vacuum.html */
const STALE_TABLES = `
  select format('%I.%I', s.schemaname, s.relname) as name
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
     or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
     or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)
  order by s.n_dead_tup desc`;
const LOG_POSITION = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as position";
/** A statement of maintenance may take this long, in milliseconds. */
const LONGEST = 3_600_000;
/** Rounds that may be put off because the database is busy. */
const PATIENCE = 10;

export interface MaintenanceOptions {
  readonly config: pg.ClientConfig;
  /** Milliseconds between rounds. */
  readonly intervalMs: number;
  isIdle(): boolean;
  /** Then there is nothing to do that would be worth waking it. */
  isAsleep(): boolean;
}

/** Does what PGlite has no background processes for: VACUUM, ANALYZE and CHECKPOINT. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;
  #putOff = 0;
  #position: number | undefined;
  #checkpointed = 0;
  #stopped = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs).unref();
  }

  /** Waits for the statement that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  /** One round now. Its statements take their turns with everybody's. */
  async run(): Promise<void> {
    const client = new pg.Client({ ...this.#options.config, statement_timeout: LONGEST });
    // A restart in the midst of it: the next round finds what is left.
    client.on("error", () => undefined);
    await client.connect();
    try {
      await this.#maintain(client);
    } finally {
      await client.end();
    }
  }

  #tick(): void {
    if (this.#round || this.#stopped || this.#options.isAsleep()) return;
    if (!this.#options.isIdle() && ++this.#putOff < PATIENCE) return;
    this.#putOff = 0;
    this.#round = this.run()
      .catch(() => undefined)
      .finally(() => (this.#round = undefined));
  }

  async #maintain(client: pg.Client): Promise<void> {
    const before = await logPosition(client);
    if (before === this.#position) return;
    // PGlite never comes to the point where PostgreSQL adds a session's counts to the statistics by itself.
    await client.query("select pg_stat_force_next_flush()");
    const { rows } = await client.query<{ name: string }>(STALE_TABLES);
    // One statement each, so that nobody waits for more than one table.
    for (const { name } of rows) if (!this.#stopped) await client.query(`vacuum (analyze) ${name}`);
    this.#position = await logPosition(client);
    if (this.#stopped || this.#position - this.#checkpointed < CHECKPOINT_BYTES) return;
    await client.query("checkpoint");
    this.#checkpointed = this.#position = await logPosition(client);
  }
}

async function logPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ position: number }>(LOG_POSITION);
  return rows[0]?.position ?? 0;
}
