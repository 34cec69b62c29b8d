import type { ColumnType, Generated } from "kysely";
import type { JwksSource, ProjectRoles, ProjectSettings, ProjectStatus } from "../projects/project.ts";

/** The tables of the schema `plinth` in the metadata database, as Kysely knows them. */
export interface MetadataTables {
  "plinth.projects": ProjectsTable;
  "plinth.master_keys": MasterKeysTable;
  "plinth.metadata_migrations": MigrationsTable;
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
