import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { DatabaseHost } from "./database-host.ts";
import type { ProjectRow } from "./project-rows.ts";

/** @throws BackendError PLINTH_PROJECT_PLACEMENT */
export function assertPlacedOn(host: DatabaseHost, row: ProjectRow): void {
  if (row.host === host.kind && row.cluster === host.cluster) return;
  throw new BackendError(CORE_ERRORS.projectPlacement, { details: `Project "${row.ref}" is on ${row.host} "${row.cluster}"; this backend has ${host.kind} "${host.cluster}".` });
}
