import type { ProjectRow } from "../../projects/project-rows.ts";
import { changedError } from "../migrate.ts";
import { migrationState } from "../recorded-migrations.ts";
import { tryMigrations } from "../try-migrations.ts";
import { failureKind, isServerDown, reasonOf } from "./failure-kind.ts";
import { leftOut } from "./left-out.ts";
import type { Attempt, MigrationWork } from "./migrate-project.ts";
import type { ProjectMigration } from "./project-migration.ts";

/**
 * What a run would do to the project. Writes nothing, waits for nothing.
 *
 * @param isTrial does it, in a transaction that is rolled back
 * @throws what is no failure of the project's
 */
export async function inspectProject(work: MigrationWork, row: ProjectRow, isTrial: boolean): Promise<Attempt> {
  const start = performance.now();
  const setup = work.surroundings.setup.isStale(row);
  let files: readonly string[] = [];
  const finish = (outcome: Pick<ProjectMigration, "outcome" | "reason">): Attempt => ({
    done: true,
    project: { ref: row.ref, files, setup, ...outcome, milliseconds: Math.round(performance.now() - start) },
  });
  const left = leftOut(row, work.selection);
  if (left !== undefined) return { done: true, project: { ref: row.ref, files, setup: false, ...left, milliseconds: 0 } };
  try {
    const owner = await work.surroundings.ownerDatabase(row.ref);
    try {
      const { pending, changed } = await migrationState(owner.db, work.files);
      if (changed.length > 0) throw changedError(changed);
      files = pending.map(({ name }) => name);
      if (isTrial) await tryMigrations(owner, pending, work.lockTimeoutMs);
    } finally {
      await owner.release();
    }
  } catch (error) {
    const kind = failureKind(error);
    if (kind === undefined) throw error;
    if (kind === "passing") return { done: false, ref: row.ref, reason: reasonOf(error), isBusy: false, isServerDown: isServerDown(error) };
    return finish({ outcome: kind === "changed" ? "changed" : "failed", reason: reasonOf(error) });
  }
  return finish({ outcome: files.length > 0 || setup ? "pending" : "current" });
}
