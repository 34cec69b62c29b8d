import { isConnectionFailure, connectionError } from "../../database/connection-error.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { EMBEDDED_SESSION_ROLE, requestRolesSetup } from "../base-setup.ts";
import type { DatabaseHost, DatabaseLocation, ProvisioningTarget } from "../database-host.ts";
import { runSetup } from "../lifecycle/provision.ts";
import { withOwnerDatabase } from "../open-owner-database.ts";
import type { DumpPart } from "./database/dump-part.ts";
import { restoreDatabase, type RestoredTable } from "./database/restore-database.ts";
import type { RoleNames } from "./schema/rename-roles.ts";

/** Where a database's requests come from: which role that is there. */
export interface LoginOf {
  readonly kind: "native" | "embedded";
  readonly loginRole: string | null;
}

export interface CopyOptions {
  readonly host: DatabaseHost;
  /** `setup` is run when all is there. */
  readonly target: ProvisioningTarget;
  readonly source: LoginOf;
  readonly parts: AsyncIterable<DumpPart>;
  /** Called when it is known where the database is, before anything is in it. */
  readonly onPlaced: (location: DatabaseLocation) => Promise<void>;
}

/**
 * Makes a project's database from a dump, with the present set-up. Nobody is to use it before this is done; where it
 * fails, what is there is to be dropped.
 */
export async function makeCopy({ host, target, source, parts, onPlaced }: CopyOptions): Promise<readonly RestoredTable[]> {
  let location: DatabaseLocation = { ref: target.ref, uid: target.uid, database: target.database, loginRole: target.loginRole };
  try {
    for (const step of host.steps) {
      const { database = location.database, loginRole = location.loginRole } = (await step.run({ ...target, ...location, isToBeFilled: true })) ?? {};
      if (database === location.database && loginRole === location.loginRole) continue;
      location = { ...location, database, loginRole };
      await onPlaced(location);
    }
    if (host.kind === "embedded") await withOwnerDatabase(host.openOwner(location), (owner) => owner.script(requestRolesSetup(target.roles)));
    const tables = await restoreDatabase({ kind: host.kind, connection: await host.openOwner(location), roles: renamed(source, { kind: host.kind, loginRole: location.loginRole }) }, parts);
    await runSetup(host, location, target.roles, target.setup);
    return tables;
  } catch (error) {
    if (error instanceof BackendError) throw error;
    if (isConnectionFailure(error)) throw connectionError(error);
    throw new BackendError(CORE_ERRORS.transferFailed, { message: `The database of project "${target.ref}" could not be made.`, details: error instanceof Error ? error.message : String(error), cause: error });
  }
}

function renamed(source: LoginOf, target: LoginOf): RoleNames {
  const [from, to] = [source, target].map(({ kind, loginRole }) => (kind === "embedded" ? EMBEDDED_SESSION_ROLE : loginRole));
  return new Map(from && to ? [[from, to]] : []);
}
