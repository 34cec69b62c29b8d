import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import type { DatabaseHost } from "./database-host.ts";
import { assertPlacedOn } from "./placement.ts";
import type { ProjectSurroundings } from "./project-surroundings.ts";
import { deleteRow } from "./delete-project.ts";
import { findRow, insertRow } from "./find-row.ts";
import { describeUrl, serverOf } from "./native/connection-url.ts";
import type { CreateProjectOptions } from "./project.ts";
import { openSecrets, placeColumns, type ProjectRow, type ProjectSecrets, sealSecrets, specColumns } from "./project-rows.ts";
import { checkCreateOptions, newSpec, resumedSpec } from "./spec-of-options.ts";
import { provision } from "./provision.ts";
import { verifyAdoption } from "./verify-adoption.ts";

/** @see Projects.create */
export async function createProject(surroundings: ProjectSurroundings, options: CreateProjectOptions): Promise<ProjectRow> {
  checkCreateOptions(options);
  const before = await findRow(surroundings.metadata.db, options.ref);
  if (isWhole(before)) throw alreadyThere(options.ref);
  return surroundings.metadata.exclusive(`project.${options.ref}`, async (db) => {
    const row = await findRow(db, options.ref);
    // Somebody made it while we waited for the lock.
    if (isWhole(row)) return joined(row, options, surroundings.keyRing);
    if (row?.status === "provisioning") return resume(surroundings, db, row, options);
    if (row) await deleteRow(surroundings, db, row);
    return options.databaseUrl === undefined ? begin(surroundings, db, options) : adopt(surroundings, db, options, options.databaseUrl);
  });
}

const isWhole = (row: ProjectRow | undefined): row is ProjectRow & { readonly status: "active" | "paused" } => row?.status === "active" || row?.status === "paused";

const alreadyThere = (ref: string, details?: string): BackendError => new BackendError(CORE_ERRORS.projectExists, { message: `The project "${ref}" exists already.`, details });

/** A project that turns out not to be what was asked for would be another's under our caller's name. */
function joined(row: ProjectRow, options: CreateProjectOptions, keyRing: KeyRing): ProjectRow {
  const { credentials, jwtSecret } = openSecrets(row, keyRing);
  const url = credentials.kind === "adopted" ? credentials.databaseUrl : undefined;
  if (url !== options.databaseUrl || (options.jwtSecret ?? jwtSecret) !== jwtSecret) throw alreadyThere(row.ref, "It was made at the same moment with other options.");
  return row;
}

/** The password is chosen and kept before the role is made, so that a role never has one that is lost. */
async function begin({ host, keyRing, databaseSetup }: ProjectSurroundings, db: Kysely<MetadataTables>, options: CreateProjectOptions): Promise<ProjectRow> {
  const spec = newSpec(options);
  const place = host.locate(spec.ref);
  await assertFree(db, host, place.database);
  const password = randomBytes(24).toString("base64url");
  const secrets: ProjectSecrets = { credentials: { kind: "login", password }, jwtSecret: spec.jwtSecret };
  const row = await insertRow(db, {
    ref: spec.ref,
    status: "provisioning",
    ...placeColumns(host.kind, host.cluster, place),
    ...specColumns(spec),
    ...sealSecrets(spec.ref, secrets, keyRing),
  });
  return provision(db, host, row, password, databaseSetup);
}

/** Only a host's own database can be asked for twice: by a project configured there after another was. */
async function assertFree(db: Kysely<MetadataTables>, host: DatabaseHost, database: string): Promise<void> {
  const holder = await db.selectFrom("plinth.projects").select("ref").where("cluster", "=", host.cluster).where("database_name", "=", database).where("adopted", "=", false).executeTakeFirst();
  if (!holder) return;
  throw new BackendError(CORE_ERRORS.projectPlacement, {
    message: `The database "${database}" is the project "${holder.ref}"'s already.`,
    hint: `Configure the project as "${holder.ref}", or delete that one: its database stays.`,
  });
}

async function resume({ host, keyRing, databaseSetup }: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow, options: CreateProjectOptions): Promise<ProjectRow> {
  if (options.databaseUrl !== undefined) throw alreadyThere(row.ref, "A database of its own was begun for it; delete it to adopt another.");
  assertPlacedOn(host, row);
  const secrets = openSecrets(row, keyRing);
  const spec = resumedSpec(row, secrets, options);
  const rolesChanged = JSON.stringify(spec.roles) !== JSON.stringify({ ...spec.roles, ...row.roles });
  const resumed = await db
    .updateTable("plinth.projects")
    .set({ ...specColumns(spec), ...sealSecrets(row.ref, { ...secrets, jwtSecret: spec.jwtSecret }, keyRing), ...(rolesChanged ? { provisioning_step: null } : {}) })
    .where("ref", "=", row.ref)
    .returningAll()
    .executeTakeFirstOrThrow();
  return provision(db, host, resumed, passwordOf(secrets), databaseSetup);
}

async function adopt({ keyRing }: ProjectSurroundings, db: Kysely<MetadataTables>, options: CreateProjectOptions, databaseUrl: string): Promise<ProjectRow> {
  const { user, database } = describeUrl(databaseUrl);
  await verifyAdoption(databaseUrl, options.roles);
  const spec = newSpec(options);
  const secrets: ProjectSecrets = { credentials: { kind: "adopted", databaseUrl, ownerUrl: options.ownerUrl ?? databaseUrl }, jwtSecret: spec.jwtSecret };
  return insertRow(db, {
    ref: spec.ref,
    status: "active",
    ...placeColumns("adopted", serverOf(databaseUrl), { database, loginRole: user }),
    ...specColumns(spec),
    ...sealSecrets(spec.ref, secrets, keyRing),
  });
}

const passwordOf = ({ credentials }: ProjectSecrets): string => (credentials.kind === "login" ? credentials.password : "");
