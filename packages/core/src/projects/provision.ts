import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { OwnerDatabase } from "../tenant/tenant.ts";
import { baseSetupMark } from "./base-setup.ts";
import type { DatabaseHost, DatabaseLocation, ProvisioningStep, ProvisioningTarget } from "./database-host.ts";
import { withOwnerDatabase } from "./open-owner-database.ts";
import type { ProjectRoles } from "./project.ts";
import type { ProjectRow } from "./project-rows.ts";

const SETUP_STEP = "setup";

/**
 * Does what is left of making the project's database. Each step is noted in the row when it is done; the notes and
 * the lock are on the same connection, so that one who has lost the lock can't go on noting.
 *
 * @param db the connection that holds the project's lock
 * @returns the row, active
 */
export async function provision(db: Kysely<MetadataTables>, host: DatabaseHost, started: ProjectRow, password: string, setup: readonly string[]): Promise<ProjectRow> {
  const steps: readonly ProvisioningStep[] = [...host.steps, { name: SETUP_STEP, run: (target) => runSetup(host, target, target.roles, setup) }];
  const done = steps.findIndex((step) => step.name === started.provisioning_step);
  let row = started;
  for (const step of steps.slice(done + 1)) {
    const place = await runStep(step, { ref: row.ref, uid: row.uid, database: row.database_name, loginRole: row.login_role, roles: row.roles, password });
    const moved = place ? { database_name: place.database, login_role: place.loginRole } : {};
    row = await updateRow(db, row.ref, { ...moved, provisioning_step: step.name });
  }
  return updateRow(db, row.ref, { status: "active", setup_checksum: setupChecksum(host, row.roles, setup) });
}

async function runStep(step: ProvisioningStep, target: ProvisioningTarget): ReturnType<ProvisioningStep["run"]> {
  try {
    return await step.run(target);
  } catch (error) {
    if (error instanceof BackendError) throw error;
    if (isConnectionFailure(error)) throw connectionError(error);
    throw new BackendError(CORE_ERRORS.provisioningFailed, {
      message: `The database of project "${target.ref}" could not be set up (step ${step.name}).`,
      details: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

function updateRow(db: Kysely<MetadataTables>, ref: string, changes: Partial<Pick<ProjectRow, "status" | "provisioning_step" | "setup_checksum" | "database_name" | "login_role">>): Promise<ProjectRow> {
  return db
    .updateTable("plinth.projects")
    .set({ ...changes, updated_at: new Date() })
    .where("ref", "=", ref)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The set-up SQL, the base's and the services', in the project's database. */
export async function runSetup(host: DatabaseHost, location: DatabaseLocation, roles: ProjectRoles, setup: readonly string[]): Promise<void> {
  await withOwnerDatabase(host.openOwner(location), async (owner) => {
    if (!(await hasBaseSetup(owner, roles))) await owner.script(host.baseSetup(roles));
    for (const script of setup) await owner.script(script);
  });
}

/** An embedded database that began as a copy of a template has it already. */
async function hasBaseSetup(owner: OwnerDatabase, roles: ProjectRoles): Promise<boolean> {
  const { rows } = await sql<{ mark: string | null }>`select obj_description(to_regnamespace('auth'), 'pg_namespace') as mark`.execute(owner.db);
  return rows[0]?.mark === baseSetupMark(roles);
}

/** Tells whether a database was given the set-up that this version of the services has. */
export function setupChecksum(host: DatabaseHost, roles: ProjectRoles, setup: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify([host.baseSetup(roles), ...setup])).digest("hex");
}
