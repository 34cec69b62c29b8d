import type { MigrationResult, FetchHandler, OwnerDatabaseLease, Projects, Tenant } from "@plinth/core";

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
  tenant(ref?: string): Promise<Tenant>;
  /**
   * Applies the `*.sql` files of `folder` that a project has not had yet, in the order of their names,
   * each in a transaction of its own, as the database's owner.
   * @returns the files applied now
   * @throws BackendError PLINTH_MIGRATION_FAILED naming file, line and SQLSTATE; those before it stay applied
   */
  migrate(folder: string, ref?: string): Promise<readonly MigrationResult[]>;
  /**
   * A project's database with its owner's rights: for set-up and tests, never for serving requests. To be released.
   * The default project's where no ref is given.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
   */
  ownerDatabase(ref?: string): Promise<OwnerDatabaseLease>;
  /** Lets requests in flight end, then closes every connection and embedded database. */
  close(): Promise<void>;
}
