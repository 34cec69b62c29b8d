import type { ProjectCredentials, ProjectDatabase, ProjectRecord } from "./project-record.ts";
import type { ProjectRowWithAliases } from "./find-row.ts";
import { ensureDataKey, openDataKey } from "./keys/data-key.ts";
import type { ProjectSurroundings } from "./project-surroundings.ts";
import { openSecrets, type ProjectRow, toLocation, toProject } from "./project-rows.ts";

/** @throws BackendError PLINTH_MASTER_KEY_INVALID, PLINTH_PROJECT_PLACEMENT */
export function toRecord({ row, aliases }: ProjectRowWithAliases, { keyRing, hosts, metadata }: Pick<ProjectSurroundings, "keyRing" | "hosts" | "metadata">): Omit<ProjectRecord, "keys"> {
  const { credentials, jwtSecret } = openSecrets(row, keyRing);
  return {
    project: toProject(row),
    aliases,
    database: databaseOf(row, credentials, hosts),
    jwtSecret,
    dataKey: async () => openDataKey(row, keyRing) ?? (await ensureDataKey(metadata.db, keyRing, row.uid)),
    settings: row.settings,
    jwks: row.jwks ?? undefined,
    jwtAudience: row.jwt_audience ?? undefined,
  };
}

function databaseOf(row: ProjectRow, credentials: ProjectCredentials, hosts: ProjectSurroundings["hosts"]): ProjectDatabase {
  if (credentials.kind === "adopted") {
    const { databaseUrl, poolerUrl } = credentials;
    const pooled = poolerUrl === undefined ? undefined : { connectionString: poolerUrl };
    return { kind: "native", cluster: row.cluster, config: { connectionString: databaseUrl }, pooled, url: databaseUrl };
  }
  return hosts.of(row).databaseOf(toLocation(row), credentials.password);
}
