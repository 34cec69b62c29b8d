import { setTimeout as delay } from "node:timers/promises";
import { BackendError } from "@plinth/core";
import type { Tenant } from "@plinth/core";
import { RETRY_SOON, SERVER_ERRORS } from "../errors/server-errors.ts";
import { loadSchemaCache } from "./load-schema-cache.ts";
import type { SchemaCacheOptions } from "./load-schema-cache.ts";
import type { SchemaCache } from "./schema-cache.ts";

export interface LiveSchemaCacheOptions extends SchemaCacheOptions {
  /** Told of what would otherwise go unseen: a reload that failed while the old snapshot goes on answering, no LISTEN. */
  readonly onError?: (error: unknown) => void;
}

/** db-channel */
const CHANNEL = "pgrst";

/** https://docs.postgrest.org/en/stable/references/listener.html: both of the commands, as one payload or the other. */
const RELOAD_PAYLOADS: ReadonlySet<string> = new Set(["", "reload schema", "reload config"]);

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 32_000;
const LONGEST_PAUSE_MS = 1_000;

/**
 * The schema cache of one tenant, kept up to date: loaded when first asked for, and again on `NOTIFY pgrst`
 * and after the listening connection was lost. While it reloads, the snapshot before it answers.
 */
export class LiveSchemaCache {
  readonly #tenant: Pick<Tenant, "catalog" | "listen">;
  readonly #options: LiveSchemaCacheOptions;
  readonly #disposal = new AbortController();
  #current: SchemaCache | undefined;
  #loading: Promise<SchemaCache> | undefined;
  /** Runs after `#loading`, which may have read the catalogs before the latest change. */
  #queued: Promise<SchemaCache> | undefined;
  #subscription: Promise<(() => Promise<void>) | undefined> | undefined;
  #retry: { readonly at: number; readonly delayMs: number } | undefined;

  constructor(tenant: Pick<Tenant, "catalog" | "listen">, options: LiveSchemaCacheOptions) {
    this.#tenant = tenant;
    this.#options = options;
  }

  /**
   * The latest snapshot, without waiting for a reload under way. The first call loads it; all that come meanwhile wait
   * for the same load. A failed first load is not kept: the next call tries again.
   *
   * @throws BackendError PGRST002, as long as there is no snapshot
   */
  async get(): Promise<SchemaCache> {
    return this.current() ?? this.#firstSnapshot();
  }

  /** As `get()`, but undefined where there is no snapshot yet, and without loading one. */
  current(): SchemaCache | undefined {
    if (this.#current && this.#retry && performance.now() >= this.#retry.at) this.#reloadInBackground();
    return this.#current;
  }

  /** The reload under way or about to start, if any: worth waiting for before telling a client that something isn't there. */
  pending(): Promise<SchemaCache> | undefined {
    return this.#queued ?? this.#loading;
  }

  /**
   * Loads a snapshot that has all changes committed before this call. Calls during a load share one more load after it.
   *
   * @throws what `Tenant.catalog` throws; the snapshot before stays
   */
  reload(): Promise<SchemaCache> {
    if (this.#queued) return this.#queued;
    if (!this.#loading) return this.#load();
    this.#queued = this.#loadAfter(this.#loading);
    return this.#queued;
  }

  /** Stops listening. */
  async dispose(): Promise<void> {
    this.#disposal.abort();
    const unlisten = await this.#subscription;
    await unlisten?.();
  }

  async #firstSnapshot(): Promise<SchemaCache> {
    try {
      return await (this.#loading ?? this.#load());
    } catch (cause) {
      throw new BackendError(SERVER_ERRORS.noSchemaCache, { cause, headers: RETRY_SOON });
    }
  }

  #load(): Promise<SchemaCache> {
    this.#loading = this.#fetch().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  // A burst of changes (migrations, one transaction each) must not keep the database busy with reloads:
  // pausing for as long as the last one took leaves it half of the time at least.
  async #loadAfter(loading: Promise<SchemaCache>): Promise<SchemaCache> {
    const began = performance.now();
    await loading.catch(() => undefined);
    const pauseMs = Math.min(performance.now() - began, LONGEST_PAUSE_MS);
    await delay(pauseMs, undefined, { signal: this.#disposal.signal }).catch(() => undefined);
    this.#queued = undefined;
    return this.#load();
  }

  async #fetch(): Promise<SchemaCache> {
    // First, so that no change goes unnoticed between the two.
    const listening = await this.#subscribe();
    try {
      this.#current = await loadSchemaCache((statement) => this.#tenant.catalog(statement), this.#options);
    } catch (error) {
      this.#retryLater();
      throw error;
    }
    if (listening || this.#disposal.signal.aborted) this.#retry = undefined;
    else this.#retryLater();
    return this.#current;
  }

  async #subscribe(): Promise<boolean> {
    if (this.#disposal.signal.aborted) return false;
    this.#subscription ??= this.#listen();
    return (await this.#subscription) !== undefined;
  }

  // Where LISTEN isn't to be had (a standby, a transaction pooler) requests are answered all the same.
  async #listen(): Promise<(() => Promise<void>) | undefined> {
    try {
      return await this.#tenant.listen(CHANNEL, this.#onPayload, this.#reloadInBackground);
    } catch (error) {
      this.#subscription = undefined;
      this.#options.onError?.(error);
      return undefined;
    }
  }

  readonly #onPayload = (payload: string): void => {
    if (RELOAD_PAYLOADS.has(payload)) this.#reloadInBackground();
  };

  readonly #reloadInBackground = (): void => {
    if (this.#disposal.signal.aborted) return;
    this.reload().catch((error: unknown) => {
      if (!this.#disposal.signal.aborted) this.#options.onError?.(error);
    });
  };

  /** On a request rather than a timer: a tenant that nobody asks needs no cache. */
  #retryLater(): void {
    const delayMs = this.#retry ? Math.min(this.#retry.delayMs * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
    this.#retry = { at: performance.now() + delayMs, delayMs };
  }
}
