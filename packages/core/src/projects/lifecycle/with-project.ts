import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { findRow } from "../find-row.ts";
import type { ProjectStatus } from "../project.ts";
import type { ProjectRow } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";

/**
 * Runs `work` on a project while nobody else changes it.
 *
 * @param ref the one that it has now
 * @throws BackendError PLINTH_PROJECT_NOT_FOUND
 */
export function withProject<T>({ metadata }: ProjectSurroundings, ref: string, work: (db: Kysely<MetadataTables>, row: ProjectRow) => Promise<T>): Promise<T> {
  return metadata.exclusive(`project.${ref}`, async (db) => {
    const row = await findRow(db, ref);
    if (row === undefined || row.status === "deleting") throw projectNotFound(ref);
    return work(db, row);
  });
}

export const projectNotFound = (ref: string, details = `No project "${ref}".`): BackendError => new BackendError(CORE_ERRORS.projectNotFound, { details });

/** @throws BackendError PLINTH_PROJECT_STATE */
export function assertStatus({ ref, status }: ProjectRow, allowed: readonly ProjectStatus[], what: string): void {
  if (allowed.includes(status)) return;
  throw new BackendError(CORE_ERRORS.projectState, { message: `The project "${ref}" is ${status} and can't be ${what}.` });
}

/**
 * Closes what this process holds of a project, then does `last`, for which work under way is waited no longer than the
 * time to drain; and returns when all of it is closed.
 */
export async function drainThen({ letGo, drainMs }: ProjectSurroundings, ref: string, last: () => Promise<void>): Promise<void> {
  const closed = letGo(ref);
  const waiting = new AbortController();
  // Its failure is that of the await below.
  await Promise.race([closed.catch(() => undefined), sleep(drainMs, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined)]);
  waiting.abort();
  await last();
  await closed;
}
