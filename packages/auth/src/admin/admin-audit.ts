import { type Expression, sql, type SqlBool } from "kysely";
import { AuthError } from "../auth-error.ts";
import { timestamp } from "../database/now.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { type Page, pageOf, paginationHeaders } from "./pagination.ts";

/** What can be searched, and which fields of an entry that means (internal/api/audit.go). */
const SCOPES: Readonly<Record<string, readonly string[]>> = { author: ["actor_username", "actor_name"], action: ["action"], type: ["log_type"] };

/** What was done, a page at a time, the latest first; `query=action:login` searches. */
export const adminAudit = defineEndpoint({
  id: "auth.admin.audit",
  method: "GET",
  path: "/admin/audit",
  access: "admin",
  handle: async (call) => {
    const page = pageOf(call);
    const matching = searchOf(call.query.get("query") ?? "");
    const { entries, total } = await call.db((db) => readEntries(db, matching, page));
    return json(entries, 200, paginationHeaders(call, page, total));
  },
});

/** @throws BackendError validation_failed */
function searchOf(query: string): Expression<SqlBool> {
  if (query === "") return sql`true`;
  const [, scope = "", text] = /^([^:]*)(?::(.*))?$/s.exec(query) ?? [];
  const fields = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined;
  if (fields === undefined || text === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Invalid query scope: ${query}` });
  if (text === "") return sql`true`;
  return sql`(${sql.join(fields.map((field) => sql`payload ->> ${field} ilike ${`%${text}%`}`), sql` or `)})`;
}

async function readEntries(db: AuthTransaction, matching: Expression<SqlBool>, { page, perPage }: Page): Promise<{ readonly entries: readonly object[]; readonly total: number }> {
  const rows = await db
    .selectFrom("auth.audit_log_entries")
    .select(["id", "payload", "created_at", "ip_address"])
    .where(matching)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(perPage)
    .offset((page - 1) * perPage)
    .execute();
  const { total } = await db.selectFrom("auth.audit_log_entries").select((e) => e.fn.countAll<string>().as("total")).where(matching).executeTakeFirstOrThrow();
  return { entries: rows.map(({ id, payload, created_at: at, ip_address: ip }) => ({ id, payload, created_at: timestamp(at), ip_address: ip })), total: Number(total) };
}
