import type { KeyRing } from "../secrets/key-ring.ts";
import type { DatabaseHost } from "./database-host.ts";
import { assertPlacedOn } from "./placement.ts";
import type { ProjectCredentials, ProjectDatabase, ProjectRecord } from "./project-record.ts";
import { openSecrets, type ProjectRow, toLocation, toProject } from "./project-rows.ts";

/** @throws BackendError PLINTH_MASTER_KEY_INVALID, PLINTH_PROJECT_PLACEMENT */
export function toRecord(row: ProjectRow, { keyRing, host }: { readonly keyRing: KeyRing; readonly host: DatabaseHost }): ProjectRecord {
  const { credentials, jwtSecret } = openSecrets(row, keyRing);
  return {
    project: toProject(row),
    database: databaseOf(row, credentials, host),
    jwtSecret,
    jwks: row.jwks ?? undefined,
    jwtAudience: row.jwt_audience ?? undefined,
  };
}

function databaseOf(row: ProjectRow, credentials: ProjectCredentials, host: DatabaseHost): ProjectDatabase {
  if (credentials.kind === "adopted") {
    return { kind: "native", cluster: row.cluster, config: { connectionString: credentials.databaseUrl }, url: credentials.databaseUrl };
  }
  assertPlacedOn(host, row);
  return host.databaseOf(toLocation(row), credentials.password);
}
