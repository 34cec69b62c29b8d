import type { ProjectRow } from "../../projects/project-rows.ts";
import type { ProjectStatus } from "../../projects/project.ts";
import type { ProjectMigration } from "./project-migration.ts";

export interface Selection {
  /** Takes those in quarantine, too. */
  readonly retryQuarantined: boolean;
  /** It was asked for by its ref. */
  readonly isNamed: (ref: string) => boolean;
  /** Why a project has other migrations than these, where it has. */
  readonly isExempt: (ref: string) => string | undefined;
}

/** A paused project is migrated as well: it goes on with what the others have. A moving one has its turn afterwards. */
const SKIPPED: Readonly<Partial<Record<ProjectStatus, string>>> = {
  provisioning: "it is being made",
  deleted: "it is deleted",
  deleting: "it is being deleted",
};

type Left = Pick<ProjectMigration, "outcome" | "reason">;

/** Why migrations leave the project out; undefined where they don't. */
export function leftOut(row: ProjectRow, { retryQuarantined, isNamed, isExempt }: Selection): Left | undefined {
  const skipped = SKIPPED[row.status] ?? (isNamed(row.ref) ? undefined : notAskedFor(row, isExempt));
  if (skipped !== undefined) return { outcome: "skipped", reason: skipped };
  if (row.quarantine === null || retryQuarantined) return undefined;
  const { migration, error, at } = row.quarantine;
  return { outcome: "quarantined", reason: error.startsWith(migration) ? `${error} (${at})` : `${migration}: ${error} (${at})` };
}

const notAskedFor = (row: ProjectRow, isExempt: Selection["isExempt"]): string | undefined => (row.adopted ? "its database is adopted: name it to migrate it" : isExempt(row.ref));
