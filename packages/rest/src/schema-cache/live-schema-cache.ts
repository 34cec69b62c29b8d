import { setTimeout as delay } from "node:timers/promises";
import { BackendError } from "@plinth/core";
import type { ChannelWatch, RawResult, Statement, Tenant } from "@plinth/core";
import { RETRY_SOON, SERVER_ERRORS } from "../errors/server-errors.ts";
import { loadSchemaSnapshot } from "./load-schema-snapshot.ts";
import type { SchemaCacheOptions, SchemaSnapshot } from "./load-schema-snapshot.ts";
import { loadRoleSettings, type RoleSettingsSource } from "./roles/load-role-settings.ts";
import { NO_ROLE_SETTINGS, type RoleSettings, type RoleSettingsByName } from "./roles/role-settings.ts";
import type { SchemaCache } from "./schema-cache.ts";
import type { SharedSchemaCaches } from "./shared-schema-caches.ts";
import { type AskCatalog, isPresent, recordedVersion, versionSql } from "./version/schema-version.ts";

export interface LiveSchemaCacheOptions extends SchemaCacheOptions {
  /** Told of what would otherwise go unseen: a reload that failed while the old snapshot goes on answering. */
  readonly onError?: (error: unknown) => void;
  /** Where equal ones of other projects are found. Default: kept apart. */
  readonly shared?: SharedSchemaCaches;
  /** What is said of the roles that requests switch to, which is no part of the schema. Default: nothing. */
  readonly roles?: RoleSettingsSource;
}

/** db-channel */
const CHANNEL = "pgrst";

/** https://docs.postgrest.org/en/stable/references/listener.html: both of the commands, as one payload or the other. */
const RELOAD_PAYLOADS: ReadonlySet<string> = new Set(["", "reload schema", "reload config"]);

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 32_000;
const LONGEST_PAUSE_MS = 1_000;

/**
 * The schema cache of one tenant, kept up to date without a connection of its own. It is loaded when first asked for,
 * and again on `NOTIFY pgrst`, during which the snapshot before answers. When news may have been missed, because nobody
 * listened, the snapshot answers again as soon as the database says that its schema is still of the same version.
 */
export class LiveSchemaCache {
  readonly #catalog: (statement: Statement) => Promise<RawResult>;
  readonly #watch: ChannelWatch;
  readonly #options: LiveSchemaCacheOptions;
  readonly #disposal = new AbortController();
  #snapshot: SchemaSnapshot | undefined;
  #roles: RoleSettingsByName = new Map();
  /** The epoch of the watch throughout which the snapshot has been kept up to date. */
  #validAt = 0;
  #validation: Promise<SchemaCache> | undefined;
  #loading: Promise<SchemaCache> | undefined;
  /** Runs after `#loading`, which may have read the catalogs before the latest change. */
  #queued: Promise<SchemaCache> | undefined;
  #retry: { readonly at: number; readonly delayMs: number } | undefined;

  constructor(tenant: Pick<Tenant, "catalog" | "watch">, options: LiveSchemaCacheOptions) {
    this.#catalog = (statement) => tenant.catalog(statement);
    this.#options = options;
    this.#watch = tenant.watch(CHANNEL, this.#onPayload);
  }

  /**
   * The latest snapshot, without waiting for a reload under way. The first call loads it, and one after nobody listened
   * asks the database whether it still holds; all that come meanwhile wait for the same answer. A failure is not kept:
   * the next call tries again.
   *
   * @throws BackendError PGRST002 where no snapshot can be had; PLINTH_DATABASE_UNAVAILABLE, PLINTH_DATABASE_BUSY
   */
  async get(): Promise<SchemaCache> {
    return this.current() ?? this.#validated();
  }

  /** As `get()`, but undefined where the database would have to be asked. */
  current(): SchemaCache | undefined {
    const { epoch } = this.#watch;
    if (!this.#snapshot || epoch === 0 || epoch !== this.#validAt) return undefined;
    if (this.#retry && performance.now() >= this.#retry.at) this.#reloadInBackground();
    return this.#snapshot.cache;
  }

  /** What `role`'s requests run under, as of the last load. ALTER ROLE tells nobody: it counts from the next load on. */
  settingsOf(role: string): RoleSettings {
    return this.#roles.get(role) ?? NO_ROLE_SETTINGS;
  }

  /** The reload under way or about to start, if any. */
  pending(): Promise<SchemaCache> | undefined {
    return this.#queued ?? this.#loading;
  }

  /**
   * A snapshot with changes that had not arrived here yet: worth asking for before telling a client that something
   * isn't there, since whoever has just made a table may ask for it sooner than the news of it come.
   *
   * @returns undefined where there is none
   * @throws as `reload`
   */
  async newer(): Promise<SchemaCache | undefined> {
    const pending = this.pending();
    if (pending || !this.#snapshot) return pending;
    // Rather than a flush of the watch: whoever listens may be in the midst of something long, or may not be to be had.
    return (await isPresent(this.#snapshot.version, this.#catalog)) ? undefined : this.reload();
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
  dispose(): void {
    this.#disposal.abort();
    this.#watch.stop();
  }

  #validated(): Promise<SchemaCache> {
    this.#validation ??= this.#validate().finally(() => {
      this.#validation = undefined;
    });
    return this.#validation;
  }

  async #validate(): Promise<SchemaCache> {
    try {
      // First, so that no change goes unnoticed after the version was read.
      const question = this.#question;
      const { epoch, answer } = await this.#watch.listen(question);
      const catalog: AskCatalog = (statement) => (answer && statement.sql === question ? Promise.resolve({ rows: answer }) : this.#catalog(statement));
      const cache = (await this.#present(catalog)) ?? (await this.reload());
      this.#validAt = epoch;
      return cache;
    } catch (cause) {
      if (this.#snapshot && cause instanceof BackendError) throw cause;
      throw new BackendError(SERVER_ERRORS.noSchemaCache, { cause, headers: RETRY_SOON });
    }
  }

  /** What `#present` is going to ask. */
  get #question(): string | undefined {
    if (this.#snapshot) return versionSql(this.#snapshot.version.source);
    return this.#options.shared?.knowsVersions ? versionSql("changes") : undefined;
  }

  /** The snapshot, or that of another database of the same version, where the database says that it holds. */
  async #present(catalog: AskCatalog): Promise<SchemaCache | undefined> {
    const known = this.#snapshot;
    if (known) return (await isPresent(known.version, catalog)) ? this.#withRoles(known.cache) : undefined;
    const { shared } = this.#options;
    if (!shared?.knowsVersions) return undefined;
    const version = await recordedVersion(catalog);
    const cache = version && (await this.#withRoles(shared.ofVersion(version, this.#options)));
    // News that came meanwhile has had a newer one loaded.
    if (cache) this.#snapshot ??= { cache, version };
    return cache && this.#snapshot?.cache;
  }

  /** The settings of roles are asked for whenever the schema is, since nobody hears of their changes. */
  async #withRoles<T>(cache: T): Promise<T> {
    const { roles } = this.#options;
    if (cache !== undefined && roles) this.#roles = await loadRoleSettings(this.#catalog, roles);
    return cache;
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
    try {
      const loaded = await this.#withRoles(await loadSchemaSnapshot(this.#catalog, this.#options));
      this.#snapshot = this.#options.shared?.share(loaded, this.#options) ?? loaded;
    } catch (error) {
      this.#retryLater();
      throw error;
    }
    this.#retry = undefined;
    return this.#snapshot.cache;
  }

  readonly #onPayload = (payload: string): void => {
    // Before the first load there is nothing to replace.
    if (RELOAD_PAYLOADS.has(payload) && (this.#snapshot || this.#loading || this.#validation)) this.#reloadInBackground();
  };

  #reloadInBackground(): void {
    if (this.#disposal.signal.aborted) return;
    this.reload().catch((error: unknown) => {
      if (!this.#disposal.signal.aborted) this.#options.onError?.(error);
    });
  }

  /** On a request rather than a timer: a tenant that nobody asks needs no cache. */
  #retryLater(): void {
    const delayMs = this.#retry ? Math.min(this.#retry.delayMs * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
    this.#retry = { at: performance.now() + delayMs, delayMs };
  }
}
