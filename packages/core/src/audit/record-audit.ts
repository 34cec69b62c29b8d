import type { Kysely } from "kysely";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import { type AuditFacts, writeFacts } from "./audited-fields.ts";

/** One change made through the control plane. */
export interface AuditEntry {
  /** Who asked for it: "host" for code of the process, "cli", or what the host gave `projects.as(actor)`. */
  readonly actor: string;
  /** What was done, as noun and verb: `project.create`, `key.revoke`, `domain.add`. */
  readonly action: `${string}.${string}`;
  /** The project's ref after the change. Null where the change is of no one project. */
  readonly ref: string | null;
  /** Stays the same when the project is renamed. */
  readonly projectUid: string | null;
  /** Null of what wasn't there. */
  readonly before?: AuditFacts | null;
  /** Null of what is no more. */
  readonly after?: AuditFacts | null;
}

/**
 * Notes a change. `db` is the transaction that makes it, so that there is neither a change without its note nor a note
 * without its change. Only the fields of `AUDITED_FIELDS` are stored, so no secret can get in by mistake.
 */
export async function recordAudit(db: Kysely<MetadataTables>, { actor, action, ref, projectUid, before = null, after = null }: AuditEntry): Promise<void> {
  await db
    .insertInto("plinth.audit_log")
    .values({ actor, action, ref, project_uid: projectUid, before: before && JSON.stringify(writeFacts(before)), after: after && JSON.stringify(writeFacts(after)) })
    .execute();
}
