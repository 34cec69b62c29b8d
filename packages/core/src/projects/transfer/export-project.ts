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
import { openDump } from "./database/dump-database.ts";
import { checkPassphrase } from "./file/export-keys.ts";
import { EXPORT_VERSION, type Manifest } from "./file/manifest.ts";
import { writeExport } from "./file/write-export.ts";
import { ownerOf } from "./owner-of.ts";
import { readKeys } from "./project-keys.ts";

/** @see Projects.export */
export async function exportProject(surroundings: ProjectSurroundings, ref: string, { data = true, passphrase, keys = passphrase !== undefined }: ExportProjectOptions): Promise<ReadableStream<Uint8Array>> {
  const { metadata, keyRing, actor } = surroundings;
  if (keys) checkPassphrase(passphrase);
  const row = (await findRowOrAlias(metadata.db, ref))?.row;
  if (!row) throw projectNotFound(ref);
  if (row.status !== "active" && row.status !== "paused") throw new BackendError(CORE_ERRORS.projectState, { message: `The project "${ref}" is ${row.status} and can't be exported.` });
  const exported = keys ? await readKeys(metadata.db, row, keyRing) : undefined;
  const domains = await metadata.db.selectFrom("plinth.domains").select("domain").where("project_uid", "=", row.uid).orderBy("domain").execute();
  const kind = row.host === "embedded" ? "embedded" : "native";
  const dump = await openDump({ kind, connection: await ownerOf(surroundings, row), data, lock: false });
  await recordAudit(metadata.db, { actor, action: "project.export", ref: row.ref, projectUid: row.uid, after: { outcome: describe(data, keys) } });
  return writeExport({
    manifest: (facts) => ({ ...manifestOf(row, keys), domains: domains.map(({ domain }) => domain), database: { ...facts, kind, loginRole: loginOf(surroundings, row) }, contains: { data, keys } }),
    parts: dump.parts,
    keys: exported && { keys: exported, passphrase: passphrase as string },
    close: dump.close,
  });
}

const describe = (data: boolean, keys: boolean): string => ["schema", ...(data ? ["data"] : []), ...(keys ? ["keys"] : [])].join(", ");

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
