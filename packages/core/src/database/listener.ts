import pg from "pg";
import type { DatabasePool } from "./pool.ts";

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

interface Subscription {
  readonly onPayload: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

/**
 * One connection that LISTENs for all of a tenant's channels, opened on the first subscription,
 * opened again when it breaks, and closed with the last.
 */
export class Listener {
  readonly #pool: DatabasePool;
  readonly #channels = new Map<string, Set<Subscription>>();
  #client: Promise<pg.Client> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(pool: DatabasePool) {
    this.#pool = pool;
  }

  /** @returns ends this subscription */
  async subscribe(channel: string, onPayload: (payload: string) => void, onReconnect?: () => void): Promise<() => Promise<void>> {
    const subscription: Subscription = { onPayload, onReconnect };
    const known = this.#channels.get(channel);
    if (known) known.add(subscription);
    else {
      this.#channels.set(channel, new Set([subscription]));
      if (this.#client) await (await this.#client).query(listenSql(channel));
    }
    try {
      await this.#connected();
    } catch (error) {
      this.#drop(channel, subscription);
      throw error;
    }
    return async () => this.#drop(channel, subscription);
  }

  /** Resolves when all that was notified before has been heard: PostgreSQL hands it over before it answers. */
  async flush(): Promise<void> {
    await (await this.#client)?.query("select 1");
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#channels.clear();
    await this.#disconnect();
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #open(): Promise<pg.Client> {
    const client = await this.#pool.connect();
    client.on("notification", (message) => {
      for (const { onPayload } of this.#channels.get(message.channel) ?? []) onPayload(message.payload ?? "");
    });
    client.once("end", () => this.#reopen(FIRST_RETRY_MS));
    for (const channel of this.#channels.keys()) await client.query(listenSql(channel));
    return client;
  }

  #reopen(delayMs: number): void {
    this.#client = undefined;
    if (this.#closed || this.#channels.size === 0) return;
    this.#retry = setTimeout(() => {
      this.#connected().then(
        () => this.#announceReconnection(),
        () => this.#reopen(Math.min(delayMs * 2, LAST_RETRY_MS)),
      );
    }, delayMs);
    this.#retry.unref();
  }

  #announceReconnection(): void {
    for (const subscriptions of this.#channels.values()) for (const { onReconnect } of subscriptions) onReconnect?.();
  }

  #drop(channel: string, subscription: Subscription): void {
    const subscriptions = this.#channels.get(channel);
    subscriptions?.delete(subscription);
    if (subscriptions?.size === 0) this.#channels.delete(channel);
    if (this.#channels.size === 0) void this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // An opening that fails, or a connection that is gone already, needs no end.
    await client?.then((open) => open.end()).catch(() => undefined);
  }
}

const listenSql = (channel: string): string => `listen ${pg.escapeIdentifier(channel)}`;
