import type { Kysely } from "kysely";
import { recordAudit } from "../../audit/record-audit.ts";
import { announceChange } from "../../metadata/announce-change.ts";
import type { Metadata } from "../../metadata/metadata.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import { findRow } from "../../projects/find-row.ts";
import type { ProjectRow } from "../../projects/project-rows.ts";
import { failureFacts, reasonOf } from "./failure-kind.ts";

type Identity = Pick<ProjectRow, "ref" | "uid">;

/** Migrations leave the project out from now on. It is served as before: what failed has left nothing. */
export async function quarantine(transaction: Kysely<MetadataTables>, { ref, uid }: Identity, error: unknown, actor: string): Promise<void> {
  const facts = failureFacts(error);
  const why = { migration: facts.migration, error: reasonOf(error), at: new Date().toISOString() };
  await transaction.updateTable("plinth.projects").set({ quarantine: JSON.stringify(why), updated_at: new Date() }).where("uid", "=", uid).execute();
  await recordAudit(transaction, { actor, action: "project.quarantine", ref, projectUid: uid, after: facts });
}

/** Lets migrations have the project again. @returns false where it was in no quarantine */
export async function liftQuarantine(transaction: Kysely<MetadataTables>, { ref, uid, quarantine: why }: Identity & Pick<ProjectRow, "quarantine">, actor: string): Promise<boolean> {
  if (why === null) return false;
  await transaction.updateTable("plinth.projects").set({ quarantine: null, updated_at: new Date() }).where("uid", "=", uid).execute();
  await recordAudit(transaction, { actor, action: "project.release", ref, projectUid: uid, before: { migration: why.migration } });
  await announceChange(transaction, ref);
  return true;
}

/**
 * By its ref.
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND
 */
export async function releaseQuarantine(metadata: Metadata, ref: string, actor: string): Promise<boolean> {
  return metadata.db.transaction().execute(async (transaction) => {
    const row = await findRow(transaction, ref);
    if (row === undefined) throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
    return liftQuarantine(transaction, row, actor);
  });
}
