import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import { findRow, updateRow } from "../find-row.ts";
import { describeUrl, serverOf } from "../native/connection-url.ts";
import type { CreateProjectOptions } from "../project.ts";
import { describeRow, openSecrets, placeColumns, type ProjectRow, type ProjectSecrets, sealSecrets, specColumns, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { createProject } from "./create-project.ts";
import { renewSetup, setupChecksum } from "./provision.ts";
import { withProject } from "./with-project.ts";
import { openedSettings, storedSettings } from "../settings/store-settings.ts";
import { recoverMove } from "../transfer/move-project.ts";
import { adoptedCredentials, checkCreateOptions, resumedSpec } from "./spec-of-options.ts";
import { verifyAdoption } from "../verify-adoption.ts";

/**
 * The project that a host is configured with: made where it is not there, else brought into line with `options`
 * (what they leave out stays as it is) and with the services' present set-up.
 *
 * @throws BackendError PLINTH_CONFIG_INVALID where the options would make another database of it; as `create`
 */
export async function ensureProject(surroundings: ProjectSurroundings, options: CreateProjectOptions): Promise<ProjectRow> {
  checkCreateOptions(options);
  const { metadata } = surroundings;
  const row = await findRow(metadata.db, options.ref);
  if (row?.status === "moving") {
    // A crash has broken it off: whoever is at it now is waited for.
    await withProject(surroundings, options.ref, (db, moving) => recoverMove(surroundings, db, moving));
    return ensureProject(surroundings, options);
  }
  if (row?.status === "active" || row?.status === "paused") {
    if (!isStale(surroundings, row, options)) return row;
    return metadata.exclusive(`project.${options.ref}`, (db) => bringIntoLine(surroundings, db, options));
  }
  return createProject(surroundings, options);
}

function isStale({ keyRing, hosts, databaseSetup }: ProjectSurroundings, row: ProjectRow, options: CreateProjectOptions): boolean {
  const secrets = openSecrets(row, keyRing);
  const opened = { ...row, settings: openedSettings(row, keyRing) };
  const spec = resumedSpec(opened, secrets, options);
  const present = resumedSpec(opened, secrets, { ref: row.ref });
  if (canonical(spec) !== canonical(present)) return true;
  if (row.adopted || options.databaseUrl !== undefined) return canonical(credentialsFor(secrets, options)) !== canonical(secrets.credentials);
  return row.setup_checksum !== setupChecksum(hosts.of(row), row.roles, databaseSetup);
}

async function bringIntoLine(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, options: CreateProjectOptions): Promise<ProjectRow> {
  const { keyRing, letGo } = surroundings;
  const row = await findRow(db, options.ref);
  // Deleted or renamed while we waited for the lock.
  if (!row) throw new BackendError(CORE_ERRORS.projectNotFound);
  const secrets = openSecrets(row, keyRing);
  const spec = resumedSpec(row, secrets, options);
  assertSameDatabase(row, options);
  const credentials = credentialsFor(secrets, options);
  const changes = row.adopted ? await adoptedChanges(secrets, credentials, options) : await setUpAgain(surroundings, row);
  const settings = await storedSettings(surroundings, db, row, spec.settings);
  const audited = { jwtSecretChanged: spec.jwtSecret !== secrets.jwtSecret, loginChanged: canonical(credentials) !== canonical(secrets.credentials) };
  const changed = await commitChange(surroundings, db, row, (after) => ({ action: "project.configure", before: describeRow(row), after: { ...describeRow(after), ...audited } }), (transaction) =>
    updateRow(transaction, row.uid, { ...changes, ...specColumns({ ...spec, settings }), ...sealSecrets(row.ref, { credentials, jwtSecret: spec.jwtSecret }, keyRing) }));
  await letGo(row.ref);
  return changed;
}

/** Data must not seem lost because an option was added or taken away. */
function assertSameDatabase(row: ProjectRow, options: CreateProjectOptions): void {
  if (!row.adopted && options.databaseUrl !== undefined) throw conflict(row, "it has a database of its own, and databaseUrl names another");
  if (!row.adopted && options.roles && canonical({ ...row.roles, ...options.roles }) !== canonical(row.roles)) throw conflict(row, "the roles of its database can't be changed");
}

const conflict = (row: ProjectRow, why: string): BackendError =>
  new BackendError(CORE_ERRORS.configInvalid, {
    message: `The project "${row.ref}" is there already and the options don't fit it: ${why}.`,
    hint: "Give the project of these options another ref, or delete the present one.",
  });

function credentialsFor({ credentials }: ProjectSecrets, options: CreateProjectOptions): ProjectSecrets["credentials"] {
  return options.databaseUrl === undefined ? credentials : adoptedCredentials(options.databaseUrl, options);
}

async function adoptedChanges(before: ProjectSecrets, credentials: ProjectSecrets["credentials"], options: CreateProjectOptions): Promise<Partial<ReturnType<typeof placeColumns>>> {
  if (credentials.kind !== "adopted") return {};
  const known: readonly unknown[] = before.credentials.kind === "adopted" ? [before.credentials.databaseUrl, before.credentials.poolerUrl] : [];
  for (const url of [credentials.databaseUrl, credentials.poolerUrl]) {
    if (url !== undefined && (!known.includes(url) || options.roles)) await verifyAdoption(url, options.roles);
  }
  const { user, database } = describeUrl(credentials.databaseUrl);
  return placeColumns("adopted", serverOf(credentials.databaseUrl), { database, loginRole: user });
}

async function setUpAgain({ hosts, databaseSetup }: ProjectSurroundings, row: ProjectRow): Promise<Pick<ProjectRow, "setup_checksum">> {
  const host = hosts.of(row);
  await renewSetup(host, toLocation(row), row.roles, databaseSetup);
  return { setup_checksum: setupChecksum(host, row.roles, databaseSetup) };
}

/** The same text for the same content: jsonb gives keys back in an order of its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
