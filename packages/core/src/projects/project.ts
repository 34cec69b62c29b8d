import type { ReadableStream } from "node:stream/web";
import type { TransferredFiles } from "../service/service-files.ts";
import type { ProjectDomains } from "../domains/project-domains.ts";
import type { KeyStore } from "./keys/key-store.ts";

/** The role names of a project's database. A Supabase database has exactly these defaults. */
export interface ProjectRoles {
  readonly anon: string;
  readonly authenticated: string;
  readonly service: string;
}

export const DEFAULT_ROLES: ProjectRoles = { anon: "anon", authenticated: "authenticated", service: "service_role" };

/**
 * Works with the tables of the schema `auth`, for the auth service alone: no token may name it. As on Supabase, so that SQL
 * which grants it functions (hooks) runs as it is.
 */
export const AUTH_ADMIN_ROLE = "supabase_auth_admin";

/**
 * `moving`: on its way to another cluster, not served meanwhile. `deleted`: not served, can be restored until its
 * time of grace is over. `deleting`: being dropped.
 */
export type ProjectStatus = "provisioning" | "active" | "paused" | "moving" | "deleted" | "deleting";

/** A move to another cluster that has begun: the place that the project is going to, or has come from. */
export interface ProjectMove {
  readonly cluster: string;
  readonly database: string;
  readonly loginRole: string | null;
  /** `switched`: the project is at its new place, and this one is the former, to be dropped. Null: it is not there yet. */
  readonly step: "switched" | null;
  /** What the project goes back to, or on to, afterwards. */
  readonly status: "active" | "paused";
}

/** A migration that failed on this project, which is left out until it is released. */
export interface ProjectQuarantine {
  /** File name of the migration. */
  readonly migration: string;
  readonly error: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Settings a service reads per project, by service name; each service has a zod schema for its own. Secrets among them
 * are only shown as `sealed:…`, which in an update stands for the secret that is there.
 */
export type ProjectSettings = Readonly<Record<string, unknown>>;

/** A project as anybody in the process may know it: no secrets. */
export interface Project {
  /** UUID: never changes, and no other project ever has it. What is kept of a project elsewhere is kept under it. */
  readonly uid: string;
  /** 1–40 lower-case letters, digits, dashes; begins with a letter. */
  readonly ref: string;
  readonly name: string;
  readonly status: ProjectStatus;
  readonly roles: ProjectRoles;
  /** True where the database was there before and is only adopted: nothing in it is ours to change or drop. */
  readonly adopted: boolean;
  readonly settings: ProjectSettings;
  /** Which database server it is on: "default" is that of `databaseUrl`, "embedded" the data directory; host and port of an adopted one. */
  readonly cluster: string;
  readonly createdAt: Date;
  /** Of a deleted project: until when it can be restored. */
  readonly deleteAfter?: Date | undefined;
}

/** What `projects.create` and `projects.get` give: the project with its keys. */
export interface ProjectWithKeys extends Project {
  /** JWT {ref, role: anon} signed with the project's secret. Safe in browsers. */
  readonly anonKey: string;
  /** JWT {ref, role: service_role}. Passes over row level security: servers only. */
  readonly serviceRoleKey: string;
  /** HS256 secret that the host signs its users' tokens with. */
  readonly jwtSecret: string;
  /** For tools: connects as the login role, natively; undefined on the embedded database. */
  readonly databaseUrl: string | undefined;
}

/** A key set by which user tokens of another issuer are verified (RFC 7517). */
export interface JwksSource {
  /** Fetched lazily, cached, fetched again on an unknown kid. */
  readonly url?: string;
  /** Or the keys themselves. */
  readonly keys?: ReadonlyArray<Readonly<Record<string, unknown>>>;
}

export interface CreateProjectOptions {
  readonly ref: string;
  readonly name?: string;
  /** Adopt this existing database instead of making one: `postgres://login:password@host/db`. */
  readonly databaseUrl?: string;
  /** With `databaseUrl`: connects as the owner of its objects, for migrations. Default: `databaseUrl` itself. */
  readonly ownerUrl?: string;
  /**
   * With `databaseUrl`: the same database through a pooler that lends connections by the transaction (PgBouncer, Supavisor).
   * Requests go through it; what needs a session of its own, such as LISTEN, goes to `databaseUrl`.
   */
  readonly poolerUrl?: string;
  /** At least 32 bytes; made by random where absent. Give the database's own one when adopting Supabase. */
  readonly jwtSecret?: string;
  /** Also accept user tokens signed with these asymmetric keys. */
  readonly jwks?: JwksSource;
  /** Required `aud` of user tokens, where given. */
  readonly jwtAudience?: string;
  readonly roles?: Partial<ProjectRoles>;
  readonly settings?: ProjectSettings;
  /** Make its database on this cluster. Default: what the placement chooses. */
  readonly cluster?: string;
}

/** What is left out stays as it is. */
export interface UpdateProjectOptions {
  readonly name?: string;
  /** In place of all that there were. */
  readonly settings?: ProjectSettings;
  /** Null: none any more. */
  readonly jwks?: JwksSource | null;
  /** Null: any audience. */
  readonly jwtAudience?: string | null;
}

export interface DeleteProjectOptions {
  /** How long the project can be restored, in milliseconds. 0: it is dropped at once, also where it was deleted before. Default: the backend's `projects.deleteGraceMs`. */
  readonly graceMs?: number;
}

export interface ExportProjectOptions {
  /** False: the schema alone, with the record of applied migrations. Default: true. */
  readonly data?: boolean;
  /** Whether what services keep outside the database goes along with the data: the bytes of Storage's objects and of sites. Default: true. */
  readonly files?: boolean;
  /** Told what of that is in the export, before its last bytes. */
  readonly onFiles?: (files: TransferredFiles) => void;
  /** Whether the JWT secret, signing keys and the hashes of opaque keys go along, under `passphrase`. Default: where one is given. */
  readonly keys?: boolean;
  /** At least 12 characters. Needed wherever the keys go along. */
  readonly passphrase?: string;
}

export interface ImportProjectOptions {
  /** Default: the ref that the export has. */
  readonly ref?: string;
  /** Default: the name that the export has; under another ref, that ref. */
  readonly name?: string;
  /** Make its database on this cluster. Default: what the placement chooses. */
  readonly cluster?: string;
  /** The one that the keys were exported under. It also proves that the export is as it was made. */
  readonly passphrase?: string;
  /** False: rows without the files that they name, also where the export has them. Default: true. */
  readonly files?: boolean;
  /** Told what of them there was in the export, once the project is there. */
  readonly onFiles?: (files: TransferredFiles) => void;
  /** Take the keys over rather than make new ones. Default: where the export has keys, the passphrase is given and the ref is the same. */
  readonly keys?: boolean;
}

export interface MoveProjectOptions {
  /** Name of the cluster to move to. */
  readonly cluster: string;
  /** Leave the database that the project had, closed to its login. Default: false, it is dropped. */
  readonly keepSource?: boolean;
}

export interface ListProjectsOptions {
  /** `next` of the page before. */
  readonly after?: string;
  /** Projects at most, 1 to 1,000. Default: 100. */
  readonly limit?: number;
  readonly status?: ProjectStatus | readonly ProjectStatus[];
  readonly cluster?: string;
  /** A part of the ref or of the name, in whatever case. */
  readonly search?: string;
}

export interface ProjectPage {
  readonly projects: readonly Project[];
  /** To be given as `after`; undefined on the last page. */
  readonly next: string | undefined;
}

/** What a sweep came to, by refs. */
export interface SweepResult {
  /** Dropped for good. */
  readonly purged: readonly string[];
  /** Brought to an end what a crash had broken off: made, shut, or moved back. */
  readonly finished: readonly string[];
  readonly failed: ReadonlyArray<{ readonly ref: string; readonly error: unknown }>;
}

export interface UpgradeOptions {
  /** Projects upgraded at the same time. Default: 4. */
  readonly concurrency?: number;
}

/** Which projects have been given the present set-up, by refs. */
export interface UpgradeResult {
  readonly upgraded: readonly string[];
  readonly failed: ReadonlyArray<{ readonly ref: string; readonly error: unknown }>;
}

/** One change made through the control plane, as the audit log has it. */
export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** The project's after the change; null where it is of no one project. */
  readonly ref: string | null;
  /** The fields that were changed; null of what wasn't there. No secrets. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface AuditOptions {
  /** Of the projects alone that have or had this ref, with what was done to them under others. */
  readonly ref?: string;
  /** `next` of the page before. */
  readonly after?: string;
  /** Entries at most, 1 to 1,000. Default: 100. */
  readonly limit?: number;
}

export interface AuditPage {
  readonly entries: readonly AuditRecord[];
  readonly next: string | undefined;
}

/** The control plane's door: `backend.projects`. */
export interface Projects {
  /**
   * Makes a project with a database, a login role, a JWT secret and two keys of its own, or adopts a database.
   * Idempotent after a crash: calling it again with the same ref finishes what was begun. Of calls at the same
   * time one does the work, and all get the project.
   * @throws BackendError PLINTH_PROJECT_EXISTS, PLINTH_PROJECT_REF_INVALID, PLINTH_CONFIG_INVALID,
   * PLINTH_DATABASE_UNAVAILABLE, PLINTH_PROVISIONING_FAILED, PLINTH_ADOPTION_REFUSED
   */
  create(options: CreateProjectOptions): Promise<ProjectWithKeys>;
  /**
   * A project in whatever state, also by a ref that it had before it was renamed.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND
   */
  get(ref: string): Promise<ProjectWithKeys>;
  /**
   * Oldest first, in pages, with those half made, paused or deleted (`status`).
   * @throws BackendError PLINTH_REQUEST_MALFORMED for an `after` that is no page's `next`
   */
  list(options?: ListProjectsOptions): Promise<ProjectPage>;
  /** @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_STATE, PLINTH_CONFIG_INVALID */
  update(ref: string, options: UpdateProjectOptions): Promise<ProjectWithKeys>;
  /**
   * Gives the project another ref. Tokens and keys that name the old one go on holding, until another project takes it.
   * The names of its database and login stay.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_EXISTS, PLINTH_PROJECT_STATE, PLINTH_PROJECT_REF_INVALID
   */
  rename(ref: string, newRef: string): Promise<ProjectWithKeys>;
  /**
   * Stops serving the project: requests get a 503 (PLINTH_PROJECT_PAUSED). Work under way may end; its sessions are ended
   * when their time to do so (`projects.drainMs`) is up, and its login is closed.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_STATE, PLINTH_DATABASE_UNAVAILABLE: call it again
   */
  pause(ref: string): Promise<Project>;
  /** Serves a paused project again. Throws as `pause` does. */
  resume(ref: string): Promise<Project>;
  /**
   * Deletes the project: at once, or, with a time of grace, so that it can be restored while that lasts. Its database is
   * dropped then (an adopted one is left as it is). Does nothing where there is no such project, so that it can be
   * called again after a crash.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE
   */
  delete(ref: string, options?: DeleteProjectOptions): Promise<void>;
  /**
   * Brings back a deleted project as it was, while its time of grace lasts.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_STATE, PLINTH_DATABASE_UNAVAILABLE
   */
  restore(ref: string): Promise<Project>;
  /**
   * Drops deleted projects whose time of grace is over, and finishes what crashes have broken off. To be called now and
   * then; any number of processes may do so.
   */
  sweepDeleted(): Promise<SweepResult>;
  /**
   * A project as one file: schema, data, the files that services keep and, under a passphrase, its keys. What the file has
   * is as it was at one moment. The project is served meanwhile, save that an embedded database answers nothing else until it
   * is read; its files come after it. Slow readers keep it waiting; one that stops, or cancels the stream, ends it.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_STATE, PLINTH_CONFIG_INVALID, PLINTH_TRANSFER_FAILED,
   * PLINTH_DATABASE_UNAVAILABLE; from the stream the last two, and PLINTH_STORE_UNAVAILABLE
   * @example
   * await pipeline(await backend.projects.export("acme", { passphrase }), createWriteStream("acme.plinth"));
   */
  export(ref: string, options?: ExportProjectOptions): Promise<ReadableStream<Uint8Array>>;
  /**
   * Makes a project from an export. There is none until all of it was read and found to be whole; where it fails or is
   * broken off, nothing stays of the project. What is in the export is run with the owner's rights, which on a server are
   * those of the login of its URL over all projects there: import only what you trust. With a `passphrase` nothing is run
   * before the whole export is proven to be what was exported under it; it is kept in a temporary file for that.
   * @throws BackendError PLINTH_EXPORT_INVALID, PLINTH_PROJECT_EXISTS, PLINTH_PROJECT_REF_INVALID, PLINTH_CONFIG_INVALID,
   * PLINTH_PROJECT_PLACEMENT, PLINTH_PROVISIONING_FAILED, PLINTH_TRANSFER_FAILED, PLINTH_DATABASE_UNAVAILABLE,
   * PLINTH_STORE_UNAVAILABLE, PLINTH_STORE_FULL; what `source` throws
   * @example
   * await backend.projects.import(createReadStream("acme.plinth"), { passphrase });
   */
  import(source: AsyncIterable<Uint8Array>, options?: ImportProjectOptions): Promise<ProjectWithKeys>;
  /**
   * Moves the project's database to another cluster. Until that is done requests get a 503 (PLINTH_PROJECT_MOVING), and
   * nothing is written: what was acknowledged before is at the new place afterwards. Does nothing where the project is
   * there already. Where it fails the project goes on where it was. After a crash, another call begins anew, and
   * `sweepDeleted`, which a start of the backend calls, takes the move back.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_PROJECT_STATE, PLINTH_PROJECT_PLACEMENT,
   * PLINTH_PROVISIONING_FAILED, PLINTH_TRANSFER_FAILED, PLINTH_DATABASE_UNAVAILABLE
   */
  move(ref: string, options: MoveProjectOptions): Promise<Project>;
  /**
   * Gives projects' databases the services' present set-up, where they have an earlier one: after an update of Plinth.
   * @param ref of one project; undefined: of all
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND
   */
  upgrade(ref?: string, options?: UpgradeOptions): Promise<UpgradeResult>;
  /**
   * Who changed what, latest first.
   * @throws BackendError PLINTH_REQUEST_MALFORMED for an `after` that is no page's `next`
   */
  audit(options?: AuditOptions): Promise<AuditPage>;
  /**
   * The keys of a project, by any of its refs: opaque keys, the JWT secret, asymmetric signing keys.
   * Whether there is such a project is told by each of its calls.
   */
  keys(ref: string): KeyStore;
  /** The host names that lead to a project. */
  domains(ref: string): ProjectDomains;
  /** The same, noting `actor` in the audit log instead of "host": a user's id, say. */
  as(actor: string): Projects;
}
