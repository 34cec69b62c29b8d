import { randomBytes } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { KeyRing, SecretContext } from "../../secrets/key-ring.ts";
import type { ProjectRow } from "../project-rows.ts";

export const dataKeyContext = (projectUid: string): SecretContext => ({ ref: projectUid, purpose: "data-key" });

/** 256 bits as base64url: what a project's services seal their own secrets with. Undefined where none needed it yet. */
export const openDataKey = ({ uid, data_key }: Pick<ProjectRow, "uid" | "data_key">, keyRing: KeyRing): string | undefined =>
  data_key === null ? undefined : keyRing.open(data_key, dataKeyContext(uid));

/**
 * The project's data key, made where it has none: of several who do so at the same time, all get the same.
 * @throws BackendError PLINTH_MASTER_KEY_INVALID; what the metadata database throws
 */
export async function ensureDataKey(db: Kysely<MetadataTables>, keyRing: KeyRing, uid: string): Promise<string> {
  const fresh = keyRing.seal(randomBytes(32).toString("base64url"), dataKeyContext(uid));
  const { data_key } = await db
    .updateTable("plinth.projects")
    .set({ data_key: sql<string>`coalesce(data_key, ${fresh})` })
    .where("uid", "=", uid)
    .returning("data_key")
    .executeTakeFirstOrThrow();
  return keyRing.open(data_key ?? fresh, dataKeyContext(uid));
}
