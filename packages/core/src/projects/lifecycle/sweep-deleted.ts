import { sql } from "kysely";
import { findRow } from "../find-row.ts";
import type { SweepResult } from "../project.ts";
import { openSecrets, type ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { recoverMove } from "../transfer/move-project.ts";
import { passwordOf } from "./create-project.ts";
import { deleteRow, isOver } from "./delete-project.ts";
import { shutOut } from "./pause-project.ts";
import { provision } from "./provision.ts";

type Outcome = "purged" | "finished" | "nothing";

/** @see Projects.sweepDeleted */
export async function sweepDeleted(surroundings: ProjectSurroundings): Promise<SweepResult> {
  const { db } = surroundings.metadata;
  const expired = await db.selectFrom("plinth.projects").select("ref").where("delete_after", "<=", new Date()).execute();
  const unfinished = await db.selectFrom("plinth.projects").select("ref").where(IS_UNFINISHED).execute();
  const purged: string[] = [];
  const finished: string[] = [];
  const failed: Array<SweepResult["failed"][number]> = [];
  for (const ref of new Set([...expired, ...unfinished].map((row) => row.ref))) {
    try {
      const outcome = await sweep(surroundings, ref);
      if (outcome !== "nothing") (outcome === "purged" ? purged : finished).push(ref);
    } catch (error) {
      failed.push({ ref, error });
    }
  }
  return { purged, finished, failed };
}

/** As the index `projects_unfinished` has it, word by word. */
const IS_UNFINISHED = sql<boolean>`status in ('provisioning', 'deleting') or shut_due or move is not null`;

/** Where somebody is at work on the project, nothing is left undone yet. */
async function sweep(surroundings: ProjectSurroundings, ref: string): Promise<Outcome> {
  const { metadata } = surroundings;
  if (!(await metadata.tryExclusive(`project.${ref}`, async () => true))) return "nothing";
  return metadata.exclusive(`project.${ref}`, async (db) => {
    const row = await findRow(db, ref);
    if (!row) return "nothing";
    if (row.status === "deleting" || (row.status === "deleted" && isOver(row))) return deleteRow(surroundings, db, row).then(() => "purged");
    if (row.status === "provisioning") return provision(surroundings, db, row, passwordOf(openSecrets(row, surroundings.keyRing))).then(() => "finished");
    if (row.move !== null) return recoverMove(surroundings, db, row).then((recovered) => (recovered ? "finished" : "nothing"));
    if (row.shut_due && isShut(row)) return shutOut(surroundings, db, row).then(() => "finished");
    return "nothing";
  });
}

const isShut = ({ status }: ProjectRow): boolean => status === "paused" || status === "deleted";
