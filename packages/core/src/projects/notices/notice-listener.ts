import pg from "pg";

export interface NoticeListenerOptions {
  /** Connects where notices are sent; with a session of its own. */
  readonly config: pg.ClientConfig;
  readonly channel: string;
  readonly onNotice: (payload: string) => void;
  /** It listens now; what was said before it did has not been heard. */
  readonly onListening: () => void;
  /** How often the connection is tried, in milliseconds: one that was cut off says nothing. Default: 10,000. */
  readonly heartbeatMs?: number;
}

const FIRST_RETRY_MS = 50;
/** Whoever can change anything can be reached, and within this time so are we. */
const LAST_RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** What @types/pg doesn't know of. */
interface Referenced {
  ref(): void;
  unref(): void;
}

/** One connection that LISTENs, opened again whenever it is lost. It doesn't keep the process alive. */
export class NoticeListener {
  readonly #options: NoticeListenerOptions;
  #client: pg.Client | undefined;
  #opening: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listening = false;
  #closed = false;

  constructor(options: NoticeListenerOptions) {
    this.#options = options;
  }

  /** Whether whatever is said is heard. */
  get listening(): boolean {
    return this.#listening;
  }

  /** Does nothing where it was started before. */
  start(): void {
    if (this.#closed || this.#opening) return;
    this.#open(FIRST_RETRY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#opening;
    this.#listening = false;
    const client = this.#client as (pg.Client & Referenced) | undefined;
    // The process must live to hear that it ended.
    client?.ref();
    await client?.end().catch(() => undefined);
  }

  #open(retryMs: number): void {
    this.#opening = this.#connect().catch(() => {
      if (!this.#closed) this.#timer = setTimeout(() => this.#open(Math.min(retryMs * 2, LAST_RETRY_MS)), retryMs).unref();
    });
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ application_name: "plinth notices", keepAlive: true, ...this.#options.config, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
    const lost = (): void => this.#lost(client);
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", ({ payload }) => this.#options.onNotice(payload ?? ""));
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.#options.channel)}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed) return void client.end().catch(() => undefined);
    (client as pg.Client & Referenced).unref();
    this.#client = client;
    this.#listening = true;
    this.#beat(client);
    this.#options.onListening();
  }

  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query("select 1").then(
        () => this.#client === client && !this.#closed && this.#beat(client),
        () => this.#lost(client),
      );
    }, this.#options.heartbeatMs ?? 10_000).unref();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#listening = false;
    clearTimeout(this.#timer);
    void client.end().catch(() => undefined);
    if (!this.#closed) this.#open(FIRST_RETRY_MS);
  }
}
