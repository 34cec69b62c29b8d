import { columnsNeeded } from "../read/columns-needed.ts";
import type { MutationSubject } from "./mutation-subject.ts";

/** What RETURNING must give: nothing where the client wants no more than a status, else also the key, for Location. */
export function returningColumns({ table, readPlan, context }: MutationSubject): readonly string[] {
  const wanted = context.request.preferences.return;
  return wanted === undefined || wanted === "minimal" ? [] : [...columnsNeeded(readPlan, table.primaryKey)];
}
