import type { CorsOptions, JwksSource, Logger, Placement, ProjectRoles, ProjectSettings, RequestErrorContext, RequestLimits } from "@plinth/core";
import type { AuthOptions } from "@plinth/auth";
import type { RestOptions } from "@plinth/rest";
import type { BackendAssetsOptions } from "./assets-options.ts";
import type { ClusterOptions } from "./clusters-options.ts";
import type { DomainsOptions } from "./domains-options.ts";
import type { JobsOptions } from "./jobs-options.ts";
import type { HealthOptions, MetricsOptions, RequestLogging } from "./observability-options.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { ProjectMigrationsOptions } from "./project-migrations-options.ts";
import type { ProjectsOptions } from "./projects-options.ts";
import type { BackendStorageOptions } from "./storage-options.ts";

/** What `createBackend()` takes. Everything is optional: with nothing given, an embedded database in `./.plinth`. */
export interface BackendOptions {
  /** Where the embedded databases and the master key are kept. Default: PLINTH_DATA, else "./.plinth". */
  readonly dataDirectory?: string;
  /** Keep the embedded database in memory: nothing survives `close()`. */
  readonly inMemory?: boolean;
  /**
   * PostgreSQL ≥ 15 to run on instead of the embedded database. Its database holds the default project and the
   * control plane (schema `plinth`); further projects get databases of their own on the same server.
   * Default: DATABASE_URL. `false`: embedded even so.
   */
  readonly databaseUrl?: string | false;
  /** Encrypts stored credentials: 32 bytes as base64 or hex, or any text of 32 characters or more. Default: PLINTH_MASTER_KEY, else a key file in the data directory. */
  readonly masterKey?: string;
  /** Further master keys that stored credentials can be read with while they are given another one. Default: PLINTH_PREVIOUS_MASTER_KEYS, one to a line, else none. */
  readonly previousMasterKeys?: readonly string[];
  /** Path below which everything is served, e.g. "/api". Adapters that are mounted under a path need none. */
  readonly basePath?: string;
  /** The project that there is from the start. `false`: none. */
  readonly project?: DefaultProjectOptions | false;
  /** Folder of `*.sql` files that are applied to the default project in the order of their names, once. */
  readonly migrations?: string;
  /** Migrations that every project is to have: their folder, or how and when they are applied. */
  readonly projectMigrations?: string | ProjectMigrationsOptions;
  /** Requests must show a key of the project, or a token. `false`: those without one are anon's. Default: true. */
  readonly requireApiKey?: boolean;
  /** Largest body accepted for a JSON, CSV or form request, in bytes. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  readonly rest?: RestOptions;
  /** Settings of Auth for every project: see docs/auth.md. A project's own `settings.auth` go before them. */
  readonly auth?: AuthOptions;
  /** Where files are kept, and the settings of Storage for every project: see docs/storage.md. A project's own `settings.storage` go before them. */
  readonly storage?: BackendStorageOptions;
  /** Settings of Assets for every project: see docs/assets.md. A project's own `settings.assets` go before them. */
  readonly assets?: BackendAssetsOptions;
  readonly cors?: CorsOptions;
  readonly pool?: PoolOptions;
  /** Longest that one request's statement may run, in milliseconds. Default: 30,000. */
  readonly statementTimeoutMs?: number;
  /** Told of errors that are the server's own (status 500 and above, or apart from any request), for logging. Default: the `logger`, else console.error. */
  readonly onError?: (error: unknown, request?: Request, context?: RequestErrorContext) => void;
  /** More database servers for projects, beside that of `databaseUrl` ("default", which may be listed for its weight). */
  readonly clusters?: readonly ClusterOptions[];
  /** Chooses the cluster of a new project. Default: the one with the fewest projects for its weight. */
  readonly placement?: Placement;
  readonly projects?: ProjectsOptions;
  readonly domains?: DomainsOptions;
  /** How many requests a project may have, where its `settings.limits` don't say otherwise. */
  readonly limits?: RequestLimits;
  /** How this process works the queue of jobs, once `backend.start()` is called. */
  readonly jobs?: JobsOptions;
  /** Where log lines go: a pino logger, or anything of its shape. Default: nowhere, and errors to the console. */
  readonly logger?: Logger;
  /** The level at which each request is logged, where there is a `logger`. `false`: not at all. Default: "info". */
  readonly logRequests?: RequestLogging;
  /** Record OpenTelemetry spans where `@opentelemetry/api` is installed. Default: true. */
  readonly tracing?: boolean;
  /** Endpoints that tell whether this process lives and is ready. `false`: none. Default: `{}`. */
  readonly health?: HealthOptions | false;
  readonly metrics?: MetricsOptions;
}

export interface DefaultProjectOptions {
  /** Default: "default". */
  readonly ref?: string;
  readonly name?: string;
  /** Adopt this database as it is: nothing in it is changed. */
  readonly databaseUrl?: string;
  /** The adopted database as its owner, for migrations. Default: `databaseUrl`. */
  readonly ownerUrl?: string;
  /** The adopted database through a pooler that lends connections by the transaction: requests go through it, LISTEN and the like to `databaseUrl`. */
  readonly poolerUrl?: string;
  /** Settings of this project alone, by service: `{ rest: { maxRows: 100 } }`. */
  readonly settings?: ProjectSettings;
  /** HS256 secret of the project's tokens; made where absent. Default: PLINTH_JWT_SECRET. */
  readonly jwtSecret?: string;
  readonly jwks?: JwksSource;
  readonly jwtAudience?: string;
  readonly roles?: Partial<ProjectRoles>;
}
