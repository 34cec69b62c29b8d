import { randomBytes, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing } from "../../secrets/key-ring.ts";
import { commitChange } from "../commit-change.ts";
import type { DatabaseHost, Relocation } from "../database-host.ts";
import { findRow, insertRow } from "../find-row.ts";
import { describeUrl, serverOf } from "../native/connection-url.ts";
import type { CreateProjectOptions } from "../project.ts";
import { describeRow, openSecrets, placeColumns, type ProjectRow, type ProjectSecrets, sealSecrets, specColumns } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { maskSettings } from "../settings/sealed-settings.ts";
import { newSettings, storedSettings } from "../settings/store-settings.ts";
import { verifyAdoption } from "../verify-adoption.ts";
import { deleteRow } from "./delete-project.ts";
import { provision } from "./provision.ts";
import { adoptedCredentials, checkCreateOptions, newSpec, resumedSpec } from "./spec-of-options.ts";

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
    if (row) await makeWay(surroundings, db, row);
    return options.databaseUrl === undefined ? begin(surroundings, db, options) : adopt(surroundings, db, options, options.databaseUrl);
  });
}

const isWhole = (row: ProjectRow | undefined): row is ProjectRow & { readonly status: "active" | "paused" } => row?.status === "active" || row?.status === "paused";

const alreadyThere = (ref: string, details?: string, hint?: string): BackendError =>
  new BackendError(CORE_ERRORS.projectExists, { message: `The project "${ref}" exists already.`, details, ...(hint === undefined ? {} : { hint }) });

/** A project that turns out not to be what was asked for would be another's under our caller's name. */
function joined(row: ProjectRow, options: CreateProjectOptions, keyRing: KeyRing): ProjectRow {
  const { credentials, jwtSecret } = openSecrets(row, keyRing);
  const url = credentials.kind === "adopted" ? credentials.databaseUrl : undefined;
  if (url !== options.databaseUrl || (options.jwtSecret ?? jwtSecret) !== jwtSecret) throw alreadyThere(row.ref, "It was made at the same moment with other options.");
  return row;
}

/** Of a project that is being deleted, what is left goes; one that somebody may want back stays. */
async function makeWay(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<void> {
  const isOver = row.status === "deleting" || (row.status === "deleted" && row.delete_after !== null && row.delete_after <= new Date());
  if (isOver) return deleteRow(surroundings, db, row);
  if (row.status === "deleted") {
    throw alreadyThere(row.ref, `It was deleted and is kept until ${row.delete_after?.toISOString()}.`, `Bring it back with projects.restore("${row.ref}"), or end it with projects.delete("${row.ref}", { graceMs: 0 }).`);
  }
  throw alreadyThere(row.ref, `It is ${row.status}.`);
}

/** The password is chosen and kept before the role is made, so that a role never has one that is lost. */
async function begin(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, options: CreateProjectOptions): Promise<ProjectRow> {
  const { keyRing, place } = surroundings;
  const uid = randomUUID();
  const given = newSpec(options);
  const { settings, dataKey } = newSettings(surroundings, uid, given.settings);
  const spec = { ...given, settings };
  const host = await place(db, { ...spec, settings: maskSettings(settings) }, options.cluster);
  const location = await freePlace(db, host, spec.ref, uid);
  const password = randomBytes(24).toString("base64url");
  const secrets: ProjectSecrets = { credentials: { kind: "login", password }, jwtSecret: spec.jwtSecret };
  const started = await insertRow(db, {
    ref: spec.ref,
    uid,
    status: "provisioning",
    ...placeColumns(host.kind, host.cluster, location),
    ...specColumns(spec),
    ...dataKey,
    ...sealSecrets(spec.ref, secrets, keyRing),
  });
  return provision(surroundings, db, started, password);
}

/** A project that was renamed has its database by the ref that it had; a host's own database is there but once. */
async function freePlace(db: Kysely<MetadataTables>, host: DatabaseHost, ref: string, uid: string): Promise<Relocation> {
  const place = host.locate(ref);
  const holder = await db.selectFrom("plinth.projects").select("ref").where("cluster", "=", host.cluster).where("database_name", "=", place.database).where("adopted", "=", false).executeTakeFirst();
  if (!holder) return place;
  if (host.homeRef !== ref) return { database: `${place.database}_${uid.slice(0, 8)}`, loginRole: place.loginRole && `${place.loginRole}_${uid.slice(0, 8)}` };
  throw new BackendError(CORE_ERRORS.projectPlacement, {
    message: `The database "${place.database}" is the project "${holder.ref}"'s already.`,
    hint: `Configure the project as "${holder.ref}", or delete that one: its database stays.`,
  });
}

async function resume(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow, options: CreateProjectOptions): Promise<ProjectRow> {
  const { hosts, keyRing } = surroundings;
  if (options.databaseUrl !== undefined) throw alreadyThere(row.ref, "A database of its own was begun for it; delete it to adopt another.");
  hosts.of(row);
  if ((options.cluster ?? row.cluster) !== row.cluster) throw alreadyThere(row.ref, `It was begun on the cluster "${row.cluster}"; delete it to make it on another.`);
  const secrets = openSecrets(row, keyRing);
  const resumedAs = resumedSpec(row, secrets, options);
  const spec = { ...resumedAs, settings: await storedSettings(surroundings, db, row, resumedAs.settings) };
  const rolesChanged = JSON.stringify(spec.roles) !== JSON.stringify({ ...spec.roles, ...row.roles });
  const resumed = await db
    .updateTable("plinth.projects")
    .set({ ...specColumns(spec), ...sealSecrets(row.ref, { ...secrets, jwtSecret: spec.jwtSecret }, keyRing), ...(rolesChanged ? { provisioning_step: null, setup_checksum: null } : {}) })
    .where("uid", "=", row.uid)
    .returningAll()
    .executeTakeFirstOrThrow();
  return provision(surroundings, db, resumed, passwordOf(secrets));
}

async function adopt(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, options: CreateProjectOptions, databaseUrl: string): Promise<ProjectRow> {
  const { user, database } = describeUrl(databaseUrl);
  for (const url of [databaseUrl, options.poolerUrl]) if (url !== undefined) await verifyAdoption(url, options.roles);
  const uid = randomUUID();
  const spec = newSpec(options);
  const { settings, dataKey } = newSettings(surroundings, uid, spec.settings);
  const secrets: ProjectSecrets = { credentials: adoptedCredentials(databaseUrl, options), jwtSecret: spec.jwtSecret };
  const row = {
    ref: spec.ref,
    uid,
    status: "active" as const,
    ...placeColumns("adopted", serverOf(databaseUrl), { database, loginRole: user }),
    ...specColumns({ ...spec, settings }),
    ...dataKey,
    ...sealSecrets(spec.ref, secrets, surroundings.keyRing),
  };
  const made = await commitChange(surroundings, db, row, (adopted) => ({ action: "project.adopt", after: describeRow(adopted) }), (transaction) => insertRow(transaction, row));
  await surroundings.letGo(made.ref);
  return made;
}

/** "" where there are no logins. */
export const passwordOf = ({ credentials }: ProjectSecrets): string => (credentials.kind === "login" ? credentials.password : "");
