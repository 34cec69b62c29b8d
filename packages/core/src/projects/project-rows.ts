import type { Insertable, Selectable } from "kysely";
import type { AuditFacts } from "../audit/audited-fields.ts";
import type { ProjectsTable } from "../metadata/metadata-tables.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import type { DatabaseLocation, Relocation } from "./database-host.ts";
import type { Project } from "./project.ts";
import type { ProjectCredentials } from "./project-record.ts";
import type { ProjectSpec } from "./lifecycle/project-spec.ts";
import { maskSettings } from "./settings/sealed-settings.ts";

export type ProjectRow = Selectable<ProjectsTable>;

/** What of a row only the master key opens. */
export interface ProjectSecrets {
  readonly credentials: ProjectCredentials;
  readonly jwtSecret: string;
}

export const toProject = (row: ProjectRow): Project => ({
  uid: row.uid,
  ref: row.ref,
  name: row.name,
  status: row.status,
  roles: row.roles,
  adopted: row.adopted,
  settings: maskSettings(row.settings),
  cluster: row.cluster,
  createdAt: row.created_at,
  deleteAfter: row.delete_after ?? undefined,
});

/** What the audit log says of a project as a whole. */
export const describeRow = (row: ProjectRow): AuditFacts => ({
  ref: row.ref,
  name: row.name,
  status: row.status,
  cluster: row.cluster,
  database: row.database_name,
  adopted: row.adopted,
  roles: row.roles,
  settings: row.settings,
  jwks: row.jwks ?? undefined,
  jwtAudience: row.jwt_audience ?? undefined,
});

export const toLocation = (row: ProjectRow): DatabaseLocation => ({ ref: row.ref, uid: row.uid, database: row.database_name, loginRole: row.login_role });

/** @throws BackendError PLINTH_MASTER_KEY_INVALID */
export const openSecrets = (row: Pick<ProjectRow, "ref" | "credentials" | "jwt_secret">, keyRing: KeyRing): ProjectSecrets => ({
  credentials: JSON.parse(keyRing.open(row.credentials, { ref: row.ref, purpose: "credentials" })) as ProjectCredentials,
  jwtSecret: keyRing.open(row.jwt_secret, { ref: row.ref, purpose: "jwt-secret" }),
});

export const sealSecrets = (ref: string, secrets: ProjectSecrets, keyRing: KeyRing): Pick<ProjectRow, "credentials" | "jwt_secret"> => ({
  credentials: keyRing.seal(JSON.stringify(secrets.credentials), { ref, purpose: "credentials" }),
  jwt_secret: keyRing.seal(secrets.jwtSecret, { ref, purpose: "jwt-secret" }),
});

/** The columns that say what the project is to be. */
export const specColumns = (spec: ProjectSpec): Pick<Insertable<ProjectsTable>, "name" | "jwks" | "jwt_audience" | "roles" | "settings"> => ({
  name: spec.name,
  jwks: spec.jwks === undefined ? null : JSON.stringify(spec.jwks),
  jwt_audience: spec.jwtAudience ?? null,
  roles: JSON.stringify(spec.roles),
  settings: JSON.stringify(spec.settings),
});

/** Where a row's database is kept, or is to be. */
export const placeColumns = (host: ProjectsTable["host"], cluster: string, { database, loginRole }: Relocation): Pick<Insertable<ProjectsTable>, "host" | "cluster" | "database_name" | "login_role" | "adopted"> => ({
  host,
  cluster,
  database_name: database,
  login_role: loginRole,
  adopted: host === "adopted",
});
