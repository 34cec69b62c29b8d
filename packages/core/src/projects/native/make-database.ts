import pg from "pg";
import { PROJECT_SEARCH_PATH } from "../base-setup.ts";
import type { ProvisioningTarget, StepOutcome } from "../database-host.ts";
import { createEmptyDatabase } from "./create-empty-database.ts";
import type { DatabaseTemplates } from "./database-templates.ts";
import { provisioningForbidden } from "./provisioning-forbidden.ts";
import { isDuplicate, isForbidden } from "./sqlstate.ts";

const { escapeIdentifier } = pg;

/**
 * Makes the database, closed to everybody: a database is open to every login until CONNECT is revoked, and one that
 * got in meanwhile could stay and switch to the request roles, which are all databases'.
 */
export async function createDatabase(admin: pg.ClientBase, target: ProvisioningTarget, templates: DatabaseTemplates): Promise<StepOutcome> {
  const { rowCount } = await admin.query("select from pg_database where datname = $1", [target.database]);
  // What was made before may have been half made: its set-up is run again.
  if (rowCount !== 0) return {};
  try {
    if (!target.isToBeFilled && (await templates.copy(admin, target))) return { isSetUp: true };
    await createEmptyDatabase(admin, target.database);
  } catch (error) {
    // A statement whose client was killed may still have been at work when we looked.
    if (isDuplicate(error)) return {};
    throw isForbidden(error) ? provisioningForbidden("create databases", "ALTER ROLE <admin> CREATEDB;", error) : error;
  }
  return {};
}

/** Lets the login role in, and nobody else but the owner. */
export async function openToLoginRole(admin: pg.ClientBase, target: ProvisioningTarget): Promise<void> {
  const database = escapeIdentifier(target.database);
  await admin.query(`
    revoke connect on database ${database} from public;
    grant connect on database ${database} to ${escapeIdentifier(target.loginRole ?? target.database)};
    alter database ${database} set search_path to ${PROJECT_SEARCH_PATH};
    alter database ${database} allow_connections true;`);
}
