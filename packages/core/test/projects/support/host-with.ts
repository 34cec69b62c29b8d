import type { DatabaseHost } from "../../../src/projects/database-host.ts";

/** A host of which something is otherwise. */
export function hostWith(host: DatabaseHost, changes: Partial<DatabaseHost>): DatabaseHost {
  return {
    kind: host.kind,
    cluster: host.cluster,
    homeRef: host.homeRef,
    steps: host.steps,
    locate: (ref) => host.locate(ref),
    baseSetup: (roles) => host.baseSetup(roles),
    openOwner: (location) => host.openOwner(location),
    databaseOf: (location, password) => host.databaseOf(location, password),
    shut: (location, drainMs) => host.shut(location, drainMs),
    reopen: (location) => host.reopen(location),
    drop: (location) => host.drop(location),
    ...changes,
  };
}
