import type { AllMigrated, Health, MigrateAllOptions, MasterKeyRotation, MigrationFile, MigrationResult, FetchHandler, JobQueue, OwnerDatabaseLease, Projects, RotateMasterKeyOptions } from "@plinth/core";
import type { ImportedUsers } from "@plinth/auth";
import type { ExposedTypesOptions } from "@plinth/rest";
import type { BackendTenant } from "./backend-tenant.ts";
import type { ImportProjectUsersOptions } from "./import-project-users.ts";
import type { BackendMetrics } from "./metrics-snapshot.ts";
import type { StorageSweep, SweepStorageOptions } from "./sweep-storage.ts";

export interface GenerateTypesOptions extends ExposedTypesOptions {
  /** Default: the default project. */
  readonly ref?: string | undefined;
}

/** A running backend. Made by `createBackend()`; any number of them live in one process without sharing state. */
export interface Backend extends FetchHandler {
  /**
   * Answers a request: what adapters mount, and what a client in the same process takes as its `fetch`.
   *
   * @example
   * createClient("http://backend", anonKey, { global: { fetch: backend.fetch } });
   */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** Makes, finds, lists and deletes projects. */
  readonly projects: Projects;
  /** Ref of the project that requests are for when they name none; undefined where `project: false`. */
  readonly defaultRef: string | undefined;
  /**
   * A project, to work with in process. The default project where no ref is given.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
   */
  tenant(ref?: string): Promise<BackendTenant>;
  /**
   * Applies the `*.sql` files of `folder` that a project has not had yet, in the order of their names,
   * each in a transaction of its own, as the database's owner.
   * @returns the files applied now
   * @throws BackendError PLINTH_MIGRATION_FAILED naming file, line and SQLSTATE; those before it stay applied
   */
  migrate(folder: string, ref?: string): Promise<readonly MigrationResult[]>;
  /**
   * Applies migrations to every project that has not had them, some at the same time. A project on which one fails is
   * left out from then on (quarantine) and does not stop the others; called again after it was broken off, it goes on
   * where it was; called by several processes, they share the work.
   *
   * @param source a folder of `*.sql` files, or the files. Default: the option `projectMigrations`, else `migrations`
   * @throws BackendError PLINTH_CONFIG_INVALID where there is no folder; PLINTH_PROJECT_NOT_FOUND for a ref that is
   * nobody's; PLINTH_DATABASE_UNAVAILABLE where the metadata can't be reached
   * @example
   * const { counts, projects } = await backend.migrateAll("tenant-migrations", { concurrency: 8 });
   * for (const { ref, reason } of projects.filter(({ outcome }) => outcome === "failed")) console.error(ref, reason);
   */
  migrateAll(source?: string | readonly MigrationFile[], options?: MigrateAllOptions): Promise<AllMigrated>;
  /**
   * Lets migrations have a project again that one of them had failed on.
   * @param actor who asks, for the audit log. Default: "host"
   * @returns false where it was in no quarantine
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND
   */
  releaseQuarantine(ref: string, actor?: string): Promise<boolean>;
  /**
   * A project's database with its owner's rights: for set-up and tests, never for serving requests. To be released.
   * The default project's where no ref is given.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
   */
  ownerDatabase(ref?: string): Promise<OwnerDatabaseLease>;
  /**
   * Writes TypeScript types of a project's live schema, as `plinth gen types` does: a whole module, the same text for the
   * same schema. See docs/types.md.
   *
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_SCHEMA_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
   * @example
   * await writeFile("database.types.ts", await backend.generateTypes({ schemas: ["public"] }));
   */
  generateTypes(options?: GenerateTypesOptions): Promise<string>;
  /**
   * Takes over the users of a GoTrue database (Supabase's or one's own) with their ids, passwords, identities, second
   * factors and passkeys. Sessions are not: users sign in again. Whoever is in the project already, by the id, is left
   * alone, so that it can be called again: after it was broken off, and for those who have come since.
   *
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE where either database can't be reached,
   * validation_failed where there are no such tables
   * @example
   * const { imported, problems } = await backend.importUsers({ from: "postgres://postgres:…@db.example.supabase.co/postgres" });
   */
  importUsers(options: ImportProjectUsersOptions): Promise<ImportedUsers>;
  /**
   * Brings rows and bytes of Storage together again, as the job `storage.sweep` does each night: deletes bytes that no row
   * names, earlier versions and uploads whose time is over, and says which rows have lost their bytes. See docs/storage.md.
   *
   * @throws BackendError where `ref` is given, as `tenant`
   */
  sweepStorage(options?: SweepStorageOptions): Promise<StorageSweep>;
  /**
   * Gives every stored secret another master key while all goes on being served. Broken off, it goes on when it is called
   * again. Where the key is in a file of the data directory, the new one is made there; else give it here and, from the
   * next start on, as the option. Other processes on the same metadata must be able to read the new key beforehand: see
   * docs/keys.md.
   *
   * @throws BackendError PLINTH_MASTER_KEY_INVALID where another process rotates to another key; PLINTH_CONFIG_INVALID
   */
  rotateMasterKey(options?: RotateMasterKeyOptions & { readonly actor?: string }): Promise<MasterKeyRotation>;
  /**
   * Figures of this process since the backend was made: requests, open projects.
   *
   * @example
   * const { requests } = backend.metrics();
   * const text = backend.metrics.prometheus();
   */
  readonly metrics: BackendMetrics;
  /** Whether the backend can do its work. The metadata is asked at most once a second, and given two seconds. */
  health(): Promise<Health>;
  /** Work to be done later, elsewhere, again if it fails, or by the clock. See docs/jobs.md. */
  readonly jobs: JobQueue;
  /**
   * Works the queue of jobs in this process until `close()`, those included that every backend has (dropping projects whose
   * time of grace is over). Idempotent. At least one process on the same metadata is to do so.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_CLOSED
   */
  start(): Promise<void>;
  /** Lets requests in flight and, for a time, jobs end, then closes every connection and embedded database. */
  close(): Promise<void>;
}
