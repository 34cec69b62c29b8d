import type { Kysely, Transaction } from "kysely";
import type { AuditFacts } from "../audit/audited-fields.ts";
import { recordAudit } from "../audit/record-audit.ts";
import { announceChange } from "../metadata/announce-change.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { ProjectRow } from "./project-rows.ts";
import type { ProjectSurroundings } from "./project-surroundings.ts";

/** What was done to a project, for the audit log. */
export interface ProjectChange {
  readonly action: `project.${string}`;
  readonly before?: AuditFacts | null;
  readonly after?: AuditFacts | null;
}

/**
 * Changes a project's row and notes who did it, in one transaction at whose end the other processes are told. What this
 * process holds of the project is for the caller to let go of.
 *
 * @param db the connection that holds the project's lock
 * @param change describes it, given the row as it is now
 * @param work makes it
 */
export async function commitChange(
  { actor, origin, letGo }: ProjectSurroundings,
  db: Kysely<MetadataTables>,
  { ref, uid }: Pick<ProjectRow, "ref" | "uid">,
  change: (row: ProjectRow) => ProjectChange,
  work: (transaction: Transaction<MetadataTables>) => Promise<ProjectRow>,
): Promise<ProjectRow> {
  try {
    return await db.transaction().execute(async (transaction) => {
      const row = await work(transaction);
      await recordAudit(transaction, { ...change(row), actor, ref: row.ref, projectUid: uid });
      await announceChange(transaction, row.ref, origin);
      if (row.ref !== ref) await announceChange(transaction, ref, origin);
      return row;
    });
  } catch (error) {
    // Where the connection broke off at the commit, the change may have been made.
    await letGo(ref);
    throw error;
  }
}
