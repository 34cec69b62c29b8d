import { ok, type Finding, warning } from "../check.ts";
import type { ProjectsCheck } from "./surroundings.ts";

/** That the keys given open what is stored was seen when the metadata was opened: here, whether one is to be retired. */
export const checkMasterKeys: ProjectsCheck = async ({ platform: { metadata, keyRing } }): Promise<readonly Finding[]> => {
  const rows = await metadata.db.selectFrom("plinth.master_keys").select("key_id").orderBy("created_at").execute();
  const former = rows.map((row) => row.key_id).filter((id) => id !== keyRing.currentKeyId);
  if (former.length === 0) return [ok("Stored secrets", `are sealed with the master key (id ${keyRing.currentKeyId})`)];
  return [warning("Stored secrets", `Some may still be sealed with ${former.join(", ")} rather than with ${keyRing.currentKeyId}.`, "Run: plinth keys rotate-master --yes, which ends a rotation that was begun.")];
};
