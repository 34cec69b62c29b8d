import { type Kysely, sql } from "kysely";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { AuditOptions, AuditPage } from "../projects/project.ts";

const MAX_LIMIT = 1_000;

/**
 * Latest first. Whichever projects have had the ref, all that was done to them is found by it.
 * @throws BackendError PLINTH_REQUEST_MALFORMED
 */
export async function readAudit(db: Kysely<MetadataTables>, { ref, after, limit = 100 }: AuditOptions = {}): Promise<AuditPage> {
  if (after !== undefined && !/^\d{1,18}$/.test(after)) throw new BackendError(CORE_ERRORS.requestMalformed, { message: "after: must be the `next` of the page before." });
  const size = Math.max(1, Math.min(limit, MAX_LIMIT));
  const rows = await db
    .selectFrom("plinth.audit_log")
    .select(["id", "at", "actor", "action", "ref", "before", "after"])
    .$if(ref !== undefined, (query) => query.where(sql<boolean>`(ref = ${ref} or project_uid = any(array(select of_ref.project_uid from plinth.audit_log of_ref where of_ref.ref = ${ref})))`))
    .$if(after !== undefined, (query) => query.where("id", "<", after as string))
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  const entries = rows.slice(0, size).map(({ before, after: later, ...entry }) => ({ ...entry, before: before as Readonly<Record<string, unknown>> | null, after: later as Readonly<Record<string, unknown>> | null }));
  return { entries, next: rows.length > size ? entries.at(-1)?.id : undefined };
}

/** Forgets entries that are older than this. @returns how many */
export async function trimAudit(db: Kysely<MetadataTables>, retentionMs: number): Promise<number> {
  const result = await db.deleteFrom("plinth.audit_log").where("at", "<", new Date(Date.now() - retentionMs)).executeTakeFirst();
  return Number(result.numDeletedRows);
}
