import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { connectionError, isConnectionFailure } from "../../database/connection-error.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { OwnerDatabase } from "../../tenant/tenant.ts";
import { commitChange } from "../commit-change.ts";
import type { DatabaseHost, DatabaseLocation, ProvisioningStep, ProvisioningTarget, StepOutcome } from "../database-host.ts";
import { updateRow } from "../find-row.ts";
import { withOwnerDatabase } from "../open-owner-database.ts";
import { markedSetup, markOf } from "../base-setup.ts";
import type { ProjectRoles } from "../project.ts";
import { describeRow, type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";

/**
 * Does what is left of making the project's database. Each step is noted in the row when it is done; the notes and
 * the lock are on the same connection, so that one who has lost the lock can't go on noting.
 *
 * @param db the connection that holds the project's lock
 * @returns the row, active
 */
export async function provision(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, started: ProjectRow, password: string): Promise<ProjectRow> {
  const { hosts, databaseSetup: setup, letGo } = surroundings;
  const host = hosts.of(started);
  const checksum = setupChecksum(host, started.roles, setup);
  const done = host.steps.findIndex((step) => step.name === started.provisioning_step);
  let row = started;
  for (const step of host.steps.slice(done + 1)) {
    const outcome = await runStep(step, { ...toLocation(row), roles: row.roles, password, setup });
    row = await updateRow(db, row.uid, { ...toColumns(outcome, checksum), provisioning_step: step.name });
  }
  if (row.setup_checksum !== checksum) await runStep({ name: "setup", run: (target) => runSetup(host, target, target.roles, setup, { unlessMarked: true }) }, { ...toLocation(row), roles: row.roles, password, setup });
  const migrated = await migrateFirst(surroundings, host, { ...toLocation(row), roles: row.roles, password, setup });
  const made = await commitChange(surroundings, db, row, (active) => ({ action: "project.create", after: describeRow(active) }), (transaction) =>
    updateRow(transaction, row.uid, { status: "active", setup_checksum: checksum, ...migrated }));
  await letGo(made.ref);
  return made;
}

async function migrateFirst({ firstMigrations }: ProjectSurroundings, host: DatabaseHost, target: ProvisioningTarget): Promise<Partial<Pick<ProjectRow, "migrations_checksum">>> {
  if (firstMigrations === undefined) return {};
  let checksum: string | undefined;
  const run = async (location: DatabaseLocation): Promise<void> => {
    checksum = await withOwnerDatabase(host.openOwner(location), (owner) => firstMigrations(owner, location.ref));
  };
  await runStep({ name: "migrations", run }, target);
  return checksum === undefined ? {} : { migrations_checksum: checksum };
}

function toColumns({ database, loginRole, isSetUp }: StepOutcome, checksum: string): Partial<Pick<ProjectRow, "database_name" | "login_role" | "setup_checksum">> {
  return {
    ...(database === undefined ? {} : { database_name: database }),
    ...(loginRole === undefined ? {} : { login_role: loginRole }),
    ...(isSetUp ? { setup_checksum: checksum } : {}),
  };
}

async function runStep(step: ProvisioningStep, target: ProvisioningTarget): Promise<StepOutcome> {
  try {
    return (await step.run(target)) ?? {};
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

export interface RunSetupOptions {
  /** Not where the database says that it has had it: one that began as a copy of a template. Default: false. */
  readonly unlessMarked?: boolean;
}

/** The set-up SQL, the base's and the services', in the project's database. */
export async function runSetup(host: DatabaseHost, location: DatabaseLocation, roles: ProjectRoles, setup: readonly string[], { unlessMarked = false }: RunSetupOptions = {}): Promise<void> {
  const scripts = [host.baseSetup(roles), ...setup];
  await withOwnerDatabase(host.openOwner(location), async (owner) => {
    if (unlessMarked && (await readMark(owner)) === markOf(scripts)) return;
    for (const script of markedSetup(scripts)) await owner.script(script);
  });
}

async function readMark(owner: OwnerDatabase): Promise<string | null | undefined> {
  const { rows } = await sql<{ mark: string | null }>`select obj_description(to_regnamespace('auth'), 'pg_namespace') as mark`.execute(owner.db);
  return rows[0]?.mark;
}

/** Gives a database that is there already the present set-up, and its login the roles that go with it. */
export async function renewSetup(host: DatabaseHost, location: DatabaseLocation, roles: ProjectRoles, setup: readonly string[]): Promise<void> {
  await host.renewRoles?.(location, roles);
  await runSetup(host, location, roles, setup);
}

/** Tells whether a database was given the set-up that this version of the services has. */
export function setupChecksum(host: Pick<DatabaseHost, "baseSetup">, roles: ProjectRoles, setup: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify([host.baseSetup(roles), ...setup])).digest("hex");
}
