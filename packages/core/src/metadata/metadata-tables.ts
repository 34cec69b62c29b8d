import type { ColumnType, Generated, GeneratedAlways } from "kysely";
import type { JwksSource, ProjectMove, ProjectQuarantine, ProjectRoles, ProjectSettings, ProjectStatus } from "../projects/project.ts";

/** The tables of the schema `plinth` in the metadata database, as Kysely knows them. */
export interface MetadataTables {
  "plinth.projects": ProjectsTable;
  "plinth.master_keys": MasterKeysTable;
  "plinth.metadata_migrations": MigrationsTable;
  "plinth.project_aliases": ProjectAliasesTable;
  "plinth.api_keys": ApiKeysTable;
  "plinth.signing_keys": SigningKeysTable;
  "plinth.domains": DomainsTable;
  "plinth.audit_log": AuditLogTable;
  "plinth.migration_runs": MigrationRunsTable;
  "plinth.migration_results": MigrationResultsTable;
}

/** JSON goes in as text and comes out parsed. */
type Json<T> = ColumnType<T, string, string>;

/** One project, with its secrets sealed (see secrets/key-ring.ts). */
export interface ProjectsTable {
  ref: string;
  /** Tells this project from an earlier one of the same ref, and from another backend's on the same server. */
  uid: Generated<string>;
  name: string;
  status: ProjectStatus;
  host: "native" | "embedded" | "adopted";
  /** Which database server; "embedded" for the data directory; host and port of an adopted one. */
  cluster: string;
  /** Name of the database; of the directory where it is embedded. */
  database_name: string;
  /** Null on the embedded database, which has no logins. */
  login_role: string | null;
  adopted: boolean;
  /** Sealed `ProjectCredentials` as JSON. */
  credentials: string;
  /** Sealed. */
  jwt_secret: string;
  /** Ids of the master keys that the two are sealed with. */
  credentials_key: GeneratedAlways<string>;
  jwt_secret_key: GeneratedAlways<string>;
  /** Sealed; what services seal secrets with that are in the project's own database. Null until one needs it. */
  data_key: Generated<string | null>;
  data_key_key: GeneratedAlways<string | null>;
  jwks: Json<JwksSource> | null;
  jwt_audience: string | null;
  roles: Json<ProjectRoles>;
  settings: Json<ProjectSettings>;
  /** The last step of provisioning that is done. Null before the first. */
  provisioning_step: string | null;
  /** SHA-256 of the set-up SQL that the database was last given. */
  setup_checksum: string | null;
  created_at: Date;
  updated_at: Date;
  /** When it was deleted, where it can still be restored. */
  deleted_at: Date | null;
  /** From when on its database may be dropped. */
  delete_after: Date | null;
  /** What a deleted project is again when it is restored. */
  former_status: "active" | "paused" | null;
  /** Its login may still get into its database, though its status says that nobody does. */
  shut_due: Generated<boolean>;
  /** A move to another cluster that has begun and not ended. */
  move: Json<ProjectMove> | null;
  /** Why migrations leave the project out until somebody looks at it. */
  quarantine: Json<ProjectQuarantine> | null;
  /** Of the migrations that the database was last brought up to (migrations/migration-checksum.ts). */
  migrations_checksum: string | null;
}

/** Refs that a project had before; `ref` is nobody's present one. */
export interface ProjectAliasesTable {
  ref: string;
  project_uid: string;
  created_at: Generated<Date>;
}

/** Opaque keys, of which only a hash is kept. */
export interface ApiKeysTable {
  id: Generated<string>;
  project_uid: string;
  name: string;
  kind: "publishable" | "secret";
  /** The PostgreSQL role that it speaks for. */
  role: string;
  /** SHA-256 of the key as hex: the key is random, so nothing slower is needed. */
  hash: string;
  /** Its first characters, to tell keys apart by. */
  hint: string;
  created_at: Generated<Date>;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** Keys that tokens of a project are signed or verified with, besides `ProjectsTable.jwt_secret`. */
export interface SigningKeysTable {
  /** Names it within its project. */
  kid: string;
  project_uid: string;
  algorithm: "HS256" | "ES256" | "RS256" | "EdDSA";
  status: "standby" | "current" | "previous" | "revoked";
  /** Sealed: the HS256 secret, or the private key as a JWK. */
  secret: string;
  /** Id of the master key that it is sealed with. */
  secret_key: GeneratedAlways<string>;
  public_jwk: Json<Readonly<Record<string, unknown>>> | null;
  created_at: Generated<Date>;
  /** Of a previous key: until when tokens signed with it hold. */
  verify_until: Date | null;
}

/** Host names that lead to a project. */
export interface DomainsTable {
  /** Lower case, in ASCII form (RFC 5891). */
  domain: string;
  project_uid: string;
  created_at: Generated<Date>;
  serves: Generated<"api" | "site">;
}

/** Changes made through the control plane. Never holds a secret. */
export interface AuditLogTable {
  id: Generated<string>;
  at: Generated<Date>;
  actor: string;
  /** `project.create`, `key.revoke`, … */
  action: string;
  ref: string | null;
  project_uid: string | null;
  before: Json<unknown> | null;
  after: Json<unknown> | null;
}

/** Migrations of all projects: which files, and from when to when. One without an end was broken off, or goes on. */
export interface MigrationRunsTable {
  id: Generated<string>;
  checksum: string;
  files: Json<readonly string[]>;
  started_at: Generated<Date>;
  finished_at: Date | null;
}

/** What became of a project in a run. Those that are still to come, or to come again, have none. */
export interface MigrationResultsTable {
  run_id: string;
  project_uid: string;
  outcome: "migrated" | "current" | "failed" | "changed";
  /** Names of the files. */
  applied: Json<readonly string[]>;
  error: string | null;
  milliseconds: number;
  at: Generated<Date>;
}

/** Master keys that secrets here may be sealed with. */
export interface MasterKeysTable {
  key_id: string;
  /** A known text sealed with the key. */
  proof: string;
  created_at: Generated<Date>;
}

/** Migrations of this schema itself. */
export interface MigrationsTable {
  id: number;
  name: string;
  applied_at: Generated<Date>;
}
