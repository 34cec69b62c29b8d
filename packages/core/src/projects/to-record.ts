import type { KeyRing } from "../secrets/key-ring.ts";
import type { ProjectHosts } from "./clusters/project-hosts.ts";
import type { ProjectCredentials, ProjectDatabase, ProjectRecord } from "./project-record.ts";
import type { ProjectRowWithAliases } from "./find-row.ts";
import { openSecrets, type ProjectRow, toLocation, toProject } from "./project-rows.ts";

/** @throws BackendError PLINTH_MASTER_KEY_INVALID, PLINTH_PROJECT_PLACEMENT */
export function toRecord({ row, aliases }: ProjectRowWithAliases, { keyRing, hosts }: { readonly keyRing: KeyRing; readonly hosts: ProjectHosts }): Omit<ProjectRecord, "keys"> {
  const { credentials, jwtSecret } = openSecrets(row, keyRing);
  return {
    project: toProject(row),
    aliases,
    database: databaseOf(row, credentials, hosts),
    jwtSecret,
    jwks: row.jwks ?? undefined,
    jwtAudience: row.jwt_audience ?? undefined,
  };
}

function databaseOf(row: ProjectRow, credentials: ProjectCredentials, hosts: ProjectHosts): ProjectDatabase {
  if (credentials.kind === "adopted") {
    const { databaseUrl, poolerUrl } = credentials;
    const pooled = poolerUrl === undefined ? undefined : { connectionString: poolerUrl };
    return { kind: "native", cluster: row.cluster, config: { connectionString: databaseUrl }, pooled, url: databaseUrl };
  }
  return hosts.of(row).databaseOf(toLocation(row), credentials.password);
}
