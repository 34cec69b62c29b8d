import pg from "pg";

/** How the servers of a cluster are asked where they stand: as anybody who may connect. */
export interface ReplicaMonitorOptions {
  readonly primary: pg.ClientConfig;
  readonly replicas: readonly pg.ClientConfig[];
  /** How far a replica may be behind the primary and still be read from, in milliseconds. */
  readonly maxLagMs: number;
}

/** A replica that is read from hardly ever is not asked all the time. */
const WATCHED_MS = 10_000;
/** How long after a failure a replica isn't tried. */
const DOWN_MS = 2_000;
const CONNECT_MS = 2_000;
const LONGEST_POLL_MS = 500;
const POLLS_PER_LAG = 4;
/** Positions of the primary that are kept to compare with. */
const POSITIONS = 64;

/** A position in the log (LSN) that the primary had reached at that time, with everything that was committed before. */
interface Position {
  readonly at: number;
  readonly lsn: bigint;
}

interface ReplicaState {
  /** `performance.now()` before which everything the primary had committed is there. */
  coversUntil: number;
  downUntil: number;
}

const PRIMARY_SQL = "select (pg_current_wal_insert_lsn() - '0/0')::text as lsn";
// One that has been promoted goes its own ways.
const REPLICA_SQL = "select (pg_last_wal_replay_lsn() - '0/0')::text as lsn where pg_is_in_recovery()";

/**
 * Knows which replicas of a cluster are up, and up to when each has everything. It compares their positions in the log
 * with those that the primary had: what a replica says of its own lag is nothing while it is cut off. It asks as long as
 * somebody wants to know, over one connection to each server.
 */
export class ReplicaMonitor {
  readonly #options: ReplicaMonitorOptions;
  readonly #states: readonly ReplicaState[];
  readonly #clients = new Map<pg.ClientConfig, pg.Client>();
  #positions: Position[] = [];
  #wantedAt = 0;
  #polling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #isClosed = false;

  constructor(options: ReplicaMonitorOptions) {
    this.#options = options;
    this.#states = options.replicas.map(() => ({ coversUntil: Number.NEGATIVE_INFINITY, downUntil: 0 }));
  }

  /**
   * A replica that may be read from, each in its turn.
   * @param after `performance.now()` before which what was committed must be seen
   * @returns its place among the options; undefined: only the primary will do
   */
  choose(after: number): number | undefined {
    this.#wanted();
    const now = performance.now();
    const oldest = Math.max(after, now - this.#options.maxLagMs);
    for (let tried = 0; tried < this.#states.length; tried++) {
      const place = this.#turn++ % this.#states.length;
      const state = this.#states[place];
      if (state && state.coversUntil > oldest && now >= state.downUntil) return place;
    }
    return undefined;
  }

  /** To be told of a replica that can't be connected to. */
  failed(place: number): void {
    const state = this.#states[place];
    if (state) state.downUntil = performance.now() + DOWN_MS;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#polling;
    await this.#disconnect();
  }

  #wanted(): void {
    this.#wantedAt = performance.now();
    if (this.#timer === undefined && this.#polling === undefined && !this.#isClosed) this.#poll();
  }

  #poll(): void {
    this.#timer = undefined;
    this.#polling = this.#look().finally(() => {
      this.#polling = undefined;
      if (this.#isClosed) return;
      if (performance.now() - this.#wantedAt > WATCHED_MS) void this.#disconnect();
      else this.#timer = setTimeout(() => this.#poll(), Math.min(LONGEST_POLL_MS, this.#options.maxLagMs / POLLS_PER_LAG)).unref();
    });
  }

  async #look(): Promise<void> {
    // Before the position is asked for: it is at least as far as what was committed by then.
    const at = performance.now();
    const lsn = await this.#ask(this.#options.primary, PRIMARY_SQL);
    if (lsn !== undefined) this.#positions = [...this.#positions.slice(1 - POSITIONS), { at, lsn }];
    await Promise.all(this.#options.replicas.map((replica, place) => this.#lookAt(replica, place)));
  }

  async #lookAt(replica: pg.ClientConfig, place: number): Promise<void> {
    const replayed = await this.#ask(replica, REPLICA_SQL);
    const state = this.#states[place];
    if (state === undefined) return;
    if (replayed === undefined) this.failed(place);
    else state.coversUntil = this.#positions.findLast(({ lsn }) => lsn <= replayed)?.at ?? state.coversUntil;
  }

  /** @returns undefined where the server can't be asked, or isn't what it is taken for */
  async #ask(config: pg.ClientConfig, sql: string): Promise<bigint | undefined> {
    try {
      const client = this.#clients.get(config) ?? (await this.#connect(config));
      const { rows } = await client.query<{ lsn: string | null }>(sql);
      const lsn = rows[0]?.lsn;
      return lsn == null ? undefined : BigInt(lsn);
    } catch {
      this.#drop(config);
      return undefined;
    }
  }

  async #connect(config: pg.ClientConfig): Promise<pg.Client> {
    const client = new pg.Client({ ...config, application_name: "plinth replicas", connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS });
    client.on("error", () => this.#drop(config));
    await client.connect();
    // It keeps no process alive.
    (client as unknown as { unref(): void }).unref();
    this.#clients.set(config, client);
    return client;
  }

  #drop(config: pg.ClientConfig): void {
    const client = this.#clients.get(config);
    this.#clients.delete(config);
    client?.end().catch(() => undefined);
  }

  async #disconnect(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}
