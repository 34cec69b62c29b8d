import { randomBytes, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import { findRow, insertRow, updateRow } from "../find-row.ts";
import { deleteRow, isOver } from "../lifecycle/delete-project.ts";
import type { ProjectSpec } from "../lifecycle/project-spec.ts";
import { setupChecksum } from "../lifecycle/provision.ts";
import { checkCreateOptions, newSpec } from "../lifecycle/spec-of-options.ts";
import { sqlstateOf } from "../native/sqlstate.ts";
import type { CreateProjectOptions, ImportProjectOptions } from "../project.ts";
import { describeRow, placeColumns, type ProjectRow, sealSecrets, specColumns, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import type { TransferredFiles } from "../../service/service-files.ts";
import { leaseClient } from "./database/lease-client.ts";
import { ownerQuery } from "./database/owner-query.ts";
import { transferError } from "./database/transfer-error.ts";
import { NO_FILES } from "./files/file-part.ts";
import { passFiles, takeFiles } from "./files/take-files.ts";
import { type ExportedKeys, openKeys } from "./file/export-keys.ts";
import type { Manifest } from "./file/manifest.ts";
import { type OpenExport, readExport, type SealedKeys } from "./file/read-export.ts";
import { proveExport } from "./file/prove-export.ts";
import { maskSettings, sealSettings, withholdSecrets } from "../settings/sealed-settings.ts";
import { newSettings } from "../settings/store-settings.ts";
import { makeCopy } from "./make-copy.ts";
import { placeCopy } from "./place-copy.ts";
import { writeDataKey, writeKeys } from "./project-keys.ts";

/** @see Projects.import */
export async function importProject(surroundings: ProjectSurroundings, source: AsyncIterable<Uint8Array>, options: ImportProjectOptions): Promise<ProjectRow> {
  if (options.passphrase === undefined) return importFrom(surroundings, source, options);
  const proven = await proveExport(source, options.passphrase);
  try {
    return await importFrom(surroundings, proven.read(), options);
  } finally {
    await proven.remove();
  }
}

async function importFrom(surroundings: ProjectSurroundings, source: AsyncIterable<Uint8Array>, options: ImportProjectOptions): Promise<ProjectRow> {
  const opened = await readExport(source);
  try {
    const spec = specOf(opened.manifest, options);
    surroundings.checkSettings(spec.settings);
    assertKeys(opened.manifest, options);
    return await surroundings.metadata.exclusive(`project.${spec.ref}`, async (db) => {
      await makeWay(surroundings, db, spec.ref);
      return fill(surroundings, db, await begin(surroundings, db, spec, options.cluster), opened, options);
    });
  } finally {
    await opened.close();
  }
}

function specOf({ project }: Manifest, { ref = project.ref, name, cluster }: ImportProjectOptions): ProjectSpec {
  const create: CreateProjectOptions = {
    ref,
    name: name ?? (ref === project.ref ? project.name : ref),
    roles: project.roles,
    settings: withholdSecrets(project.settings),
    ...(project.jwks === null ? {} : { jwks: project.jwks as NonNullable<CreateProjectOptions["jwks"]> }),
    ...(project.jwtAudience === null ? {} : { jwtAudience: project.jwtAudience }),
    ...(cluster === undefined ? {} : { cluster }),
  };
  checkCreateOptions(create);
  return newSpec(create);
}

function assertKeys({ contains }: Manifest, { keys, passphrase }: ImportProjectOptions): void {
  if (keys !== true) return;
  if (!contains.keys) throw new BackendError(CORE_ERRORS.configInvalid, { message: "keys: the export has none.", hint: "Leave the option out to have new ones made." });
  if (passphrase === undefined) throw new BackendError(CORE_ERRORS.configInvalid, { message: "passphrase: the keys can't be opened without it.", hint: "Leave `keys` out to have new ones made." });
}

async function makeWay(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, ref: string): Promise<void> {
  const row = await findRow(db, ref);
  if (!row) return;
  if (row.status === "deleting" || (row.status === "deleted" && isOver(row))) return deleteRow(surroundings, db, row);
  throw new BackendError(CORE_ERRORS.projectExists, { message: `The project "${ref}" exists already (it is ${row.status}).`, hint: "Import it under another ref, or delete the present one." });
}

/**
 * Until it is whole the project is one that is being deleted: so whoever comes by after a crash takes away what there is
 * of it, be it the sweep, or another import.
 */
async function begin(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, spec: ProjectSpec, cluster: string | undefined): Promise<Begun> {
  const { keyRing, place } = surroundings;
  const uid = randomUUID();
  const { settings, dataKey } = newSettings(surroundings, uid, spec.settings);
  const host = await place(db, { ...spec, settings: maskSettings(settings) }, cluster);
  const password = randomBytes(24).toString("base64url");
  const row = await insertRow(db, {
    ref: spec.ref,
    uid,
    status: "deleting",
    ...placeColumns(host.kind, host.cluster, await placeCopy(db, host, { ref: spec.ref, uid })),
    ...specColumns({ ...spec, settings }),
    ...dataKey,
    ...sealSecrets(spec.ref, { credentials: { kind: "login", password }, jwtSecret: spec.jwtSecret }, keyRing),
  });
  return { row, password, jwtSecret: spec.jwtSecret };
}

interface Begun {
  readonly row: ProjectRow;
  readonly password: string;
  readonly jwtSecret: string;
}

async function fill(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, { row, password, jwtSecret }: Begun, opened: OpenExport, options: ImportProjectOptions): Promise<ProjectRow> {
  const { hosts, databaseSetup: setup, letGo } = surroundings;
  const { manifest } = opened;
  const host = hosts.of(row);
  try {
    await makeCopy({
      host,
      target: { ...toLocation(row), roles: row.roles, password, setup },
      source: manifest.database,
      parts: opened.parts,
      onPlaced: async ({ database, loginRole }) => void (await updateRow(db, row.uid, { database_name: database, login_role: loginRole })),
    });
    const files = await importFiles(surroundings, row, opened, options);
    await settle(surroundings, await updateRow(db, row.uid, {}));
    const { keys, dataKey } = await keysFor(manifest, opened.keys(), row.ref, options);
    const imported = await commitChange(surroundings, db, row, (made) => ({ action: "project.import", after: describeRow(made) }), async (transaction) => {
      if (keys) await writeKeys(transaction, row, keys, surroundings.keyRing);
      if (dataKey !== undefined) await writeDataKey(transaction, row, dataKey, surroundings.keyRing);
      const secrets = sealSecrets(row.ref, { credentials: { kind: "login", password }, jwtSecret: keys?.jwtSecret ?? jwtSecret }, surroundings.keyRing);
      // The anon and service role keys are signed with the time.
      const settings = keys?.dataKey === undefined ? {} : { settings: JSON.stringify(sealSettings(manifest.project.settings, { secretPaths: surroundings.secretSettings, before: manifest.project.settings, dataKey: keys.dataKey })) };
      const createdAt = keys ? { created_at: new Date(manifest.project.createdAt) } : {};
      return updateRow(transaction, row.uid, { status: "active", ...secrets, ...settings, ...createdAt, setup_checksum: setupChecksum(host, row.roles, setup), migrations_checksum: manifest.project.migrationsChecksum });
    });
    await letGo(row.ref);
    options.onFiles?.(files);
    return imported;
  } catch (error) {
    // What fails here is left to the sweep.
    await deleteRow(surroundings, db, row).catch(() => undefined);
    throw sqlstateOf(error) === UNIQUE_VIOLATION ? keysTaken(error) : error;
  }
}

/** What is below the new uid goes with the project, whatever becomes of it. */
async function importFiles({ files: services }: ProjectSurroundings, project: ProjectRow, { files }: OpenExport, { files: wanted = true }: ImportProjectOptions): Promise<TransferredFiles> {
  const taken = wanted ? await takeFiles({ services, project }, files) : await passFiles(files);
  return taken === undefined ? { included: false, ...NO_FILES } : { included: true, ...taken };
}

async function settle({ files, hosts }: ProjectSurroundings, row: ProjectRow): Promise<void> {
  const { client, close } = await leaseClient(await hosts.of(row).openOwner(toLocation(row)));
  try {
    for (const each of files.values()) await each.settle?.(row, ownerQuery(client));
  } catch (error) {
    throw transferError("The files could not be brought into line with their rows", error);
  } finally {
    await close();
  }
}

const UNIQUE_VIOLATION = "23505";

const keysTaken = (cause: unknown): BackendError =>
  new BackendError(CORE_ERRORS.configInvalid, { message: "The export's opaque keys are those of a project that is here.", hint: "Import it without keys, or delete that project.", cause });

/** Opaque keys say the ref that they are for. */
async function keysFor(manifest: Manifest, sealed: SealedKeys | undefined, ref: string, { passphrase, keys }: ImportProjectOptions): Promise<KeysTaken> {
  if (sealed === undefined || passphrase === undefined) return {};
  const opened = await openKeys(sealed.sealed, passphrase, sealed.digest);
  const { dataKey } = opened;
  const isSame = ref === manifest.project.ref;
  if (!(keys ?? isSame)) return { dataKey };
  return { dataKey, keys: isSame ? opened : { ...opened, apiKeys: [] } };
}

/** What an import takes over. The data key goes with the data: without it nothing could read what is sealed there. */
interface KeysTaken {
  readonly keys?: ExportedKeys;
  readonly dataKey?: string | undefined;
}
