import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { DatabaseHost } from "../database-host.ts";
import type { ProjectRow } from "../project-rows.ts";

/** The servers that this backend has projects' databases on, by name. */
export interface ProjectHosts {
  /** Where the metadata is, and the project that lives beside it. */
  readonly home: DatabaseHost;
  readonly all: readonly DatabaseHost[];
  /**
   * The host that a project's row says its database is on.
   * @throws BackendError PLINTH_PROJECT_PLACEMENT where it is not configured
   */
  of(row: Pick<ProjectRow, "ref" | "host" | "cluster">): DatabaseHost;
  /**
   * The host of this name.
   * @throws BackendError PLINTH_PROJECT_PLACEMENT where it is not configured
   */
  named(cluster: string): DatabaseHost;
}

export function createProjectHosts(home: DatabaseHost, others: readonly DatabaseHost[] = []): ProjectHosts {
  const all = [home, ...others];
  const byName = new Map(all.map((host) => [host.cluster, host]));
  const names = (): string => all.map((host) => `${host.kind} "${host.cluster}"`).join(", ");
  return {
    home,
    all,
    of: ({ ref, host: kind, cluster }) => {
      const host = byName.get(cluster);
      if (host?.kind === kind) return host;
      throw new BackendError(CORE_ERRORS.projectPlacement, { details: `Project "${ref}" is on ${kind} "${cluster}"; this backend has ${names()}.` });
    },
    named: (cluster) => {
      const host = byName.get(cluster);
      if (host) return host;
      throw new BackendError(CORE_ERRORS.projectPlacement, { message: `There is no cluster "${cluster}".`, details: `This backend has ${names()}.` });
    },
  };
}
