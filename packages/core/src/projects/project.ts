/** The role names of a project's database. A Supabase database has exactly these defaults. */
export interface ProjectRoles {
  readonly anon: string;
  readonly authenticated: string;
  readonly service: string;
}

export const DEFAULT_ROLES: ProjectRoles = { anon: "anon", authenticated: "authenticated", service: "service_role" };

/**
 * `moving`: on its way to another cluster, not served meanwhile. `deleted`: not served, can be restored until its
 * time of grace is over. `deleting`: being dropped.
 */
export type ProjectStatus = "provisioning" | "active" | "paused" | "moving" | "deleted" | "deleting";

/** A move to another cluster that has begun. */
export interface ProjectMove {
  readonly cluster: string;
  readonly database: string;
  readonly loginRole: string | null;
  /** The last step that is done. */
  readonly step: string | null;
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

/** Settings a service reads per project, by service name; each service has a zod schema for its own. */
export type ProjectSettings = Readonly<Record<string, unknown>>;

/** A project as anybody in the process may know it: no secrets. */
export interface Project {
  /** 1–40 lower-case letters, digits, dashes; begins with a letter. */
  readonly ref: string;
  readonly name: string;
  readonly status: ProjectStatus;
  readonly roles: ProjectRoles;
  /** True where the database was there before and is only adopted: nothing in it is ours to change or drop. */
  readonly adopted: boolean;
  readonly settings: ProjectSettings;
  readonly createdAt: Date;
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
  /** At least 32 bytes; made by random where absent. Give the database's own one when adopting Supabase. */
  readonly jwtSecret?: string;
  /** Also accept user tokens signed with these asymmetric keys. */
  readonly jwks?: JwksSource;
  /** Required `aud` of user tokens, where given. */
  readonly jwtAudience?: string;
  readonly roles?: Partial<ProjectRoles>;
  readonly settings?: ProjectSettings;
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
  /** @throws BackendError PLINTH_PROJECT_NOT_FOUND */
  get(ref: string): Promise<ProjectWithKeys>;
  /** Oldest first, with those half made or half deleted (`status`). */
  list(): Promise<readonly Project[]>;
  /**
   * Drops the project and its database (an adopted database is left as it is). Does nothing where there is
   * no such project, so that it can be called again after a crash.
   * @throws BackendError PLINTH_DATABASE_UNAVAILABLE
   */
  delete(ref: string): Promise<void>;
}
