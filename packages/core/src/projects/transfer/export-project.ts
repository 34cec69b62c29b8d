import type { ReadableStream } from "node:stream/web";
import { findRowOrAlias } from "../find-row.ts";
import { projectNotFound } from "../lifecycle/with-project.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { ExportProjectOptions } from "../project.ts";
import { openSecrets, type ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { withholdSecrets } from "../settings/sealed-settings.ts";
import type { TransferredFiles } from "../../service/service-files.ts";
import { type Dump, type DumpOptions, openDump } from "./database/dump-database.ts";
import type { DumpPart } from "./database/dump-part.ts";
import { transferError } from "./database/transfer-error.ts";
import { type FilePart, NO_FILES } from "./files/file-part.ts";
import { listNames, type NameList } from "./files/name-list.ts";
import { readFiles } from "./files/read-files.ts";
import { checkPassphrase } from "./file/export-keys.ts";
import { EXPORT_VERSION, type Manifest } from "./file/manifest.ts";
import { writeExport } from "./file/write-export.ts";
import { ownerOf } from "./owner-of.ts";
import { readKeys } from "./project-keys.ts";

/** @see Projects.export */
export async function exportProject(surroundings: ProjectSurroundings, ref: string, { data = true, files = true, passphrase, keys = passphrase !== undefined, onFiles }: ExportProjectOptions): Promise<ReadableStream<Uint8Array>> {
  const { metadata, keyRing, actor } = surroundings;
  if (keys) checkPassphrase(passphrase);
  const row = (await findRowOrAlias(metadata.db, ref))?.row;
  if (!row) throw projectNotFound(ref);
  if (row.status !== "active" && row.status !== "paused") throw new BackendError(CORE_ERRORS.projectState, { message: `The project "${ref}" is ${row.status} and can't be exported.` });
  const exported = keys ? await readKeys(metadata.db, row, keyRing) : undefined;
  const domains = await metadata.db.selectFrom("plinth.domains").select("domain").where("project_uid", "=", row.uid).orderBy("domain").execute();
  const kind = row.host === "embedded" ? "embedded" : "native";
  const open = await openWhole({ kind, connection: await ownerOf(surroundings, row), data, lock: false, files: data && files }, surroundings);
  try {
    await recordAudit(metadata.db, { actor, action: "project.export", ref: row.ref, projectUid: row.uid, after: { outcome: describe({ data, files: open.names !== undefined, keys }) } });
  } catch (error) {
    await open.close();
    throw error;
  }
  const contains = { data, keys, files: open.names === undefined ? null : { count: open.names.count, size: open.names.size } };
  return writeExport({
    manifest: (facts) => ({ ...manifestOf(row, keys), domains: domains.map(({ domain }) => domain), database: { ...facts, kind, loginRole: loginOf(surroundings, row) }, contains }),
    parts: partsOf(surroundings, row, open, onFiles),
    keys: exported && { keys: exported, passphrase: passphrase as string },
    close: open.close,
  });
}

/** A database as it was at one moment, and the files that its rows named then. */
interface WholeProject {
  readonly dump: Dump;
  /** Undefined: they are left out. */
  readonly names: NameList | undefined;
  /** Idempotent. */
  close(): Promise<void>;
}

async function openWhole(options: DumpOptions, { files }: ProjectSurroundings): Promise<WholeProject> {
  const dump = await openDump(options);
  try {
    const names = options.files ? await listNames(files, dump.ask) : undefined;
    return { dump, names, close: () => dump.close().finally(() => names?.remove()) };
  } catch (error) {
    await dump.close();
    throw transferError("The files could not be listed", error);
  }
}

/** The database is let go of before the files are read, which may take hours. */
async function* partsOf({ files }: ProjectSurroundings, row: ProjectRow, { dump, names }: WholeProject, onFiles: (files: TransferredFiles) => void = () => undefined): AsyncGenerator<DumpPart | FilePart> {
  yield* dump.parts;
  await dump.release();
  if (names === undefined) return onFiles({ included: false, ...NO_FILES });
  for await (const part of readFiles(files, row, names)) {
    yield part;
    if (part.kind === "files") onFiles({ included: true, ...part.summary });
  }
}

const describe = (contents: Readonly<Record<"data" | "files" | "keys", boolean>>): string => ["schema", ...Object.entries(contents).filter(([, is]) => is).map(([name]) => name)].join(", ");

/** Who requests come as; an adopted database's owner may be the same. */
function loginOf({ keyRing }: ProjectSurroundings, row: ProjectRow): string | null {
  return openSecrets(row, keyRing).credentials.kind === "login" ? row.login_role : null;
}

/** @param keys whether the data key goes along, under the passphrase, which opens the secrets of settings */
const manifestOf = (row: ProjectRow, keys: boolean): Pick<Manifest, "format" | "version" | "exportedAt" | "project"> => ({
  format: "plinth-project",
  version: EXPORT_VERSION,
  exportedAt: new Date().toISOString(),
  project: {
    ref: row.ref,
    name: row.name,
    roles: row.roles,
    settings: keys ? row.settings : withholdSecrets(row.settings),
    jwks: row.jwks as Manifest["project"]["jwks"],
    jwtAudience: row.jwt_audience,
    createdAt: row.created_at.toISOString(),
    migrationsChecksum: row.migrations_checksum,
  },
});
