import { commitChange } from "../commit-change.ts";
import { updateRow } from "../find-row.ts";
import type { ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { isOver } from "./delete-project.ts";
import { letIn, statusChange } from "./pause-project.ts";
import { assertStatus, projectNotFound, withProject } from "./with-project.ts";

/** @see Projects.restore */
export function restoreProject(surroundings: ProjectSurroundings, ref: string): Promise<ProjectRow> {
  return withProject(surroundings, ref, async (db, row) => {
    assertStatus(row, ["active", "paused", "deleted"], "restored");
    if (row.status !== "deleted") return row;
    if (isOver(row)) throw projectNotFound(ref, `The project "${ref}" was deleted, and its time of grace is over.`);
    const status = row.former_status ?? "active";
    if (status === "active") await letIn(surroundings, db, row);
    const restored = await commitChange(surroundings, db, row, () => statusChange("restore", row, status), (transaction) =>
      updateRow(transaction, row.uid, { status, former_status: null, deleted_at: null, delete_after: null, ...(status === "active" ? { shut_due: false } : {}) }));
    await surroundings.letGo(ref);
    return restored;
  });
}
