import { sql } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import { timestamp } from "../database/now.ts";
import { lastRefreshedAt } from "./session.ts";

/** A session as its user and administrators see it: nothing that could be signed in with. */
export interface SessionInfo {
  readonly id: string;
  readonly user_id: string;
  readonly created_at?: string | undefined;
  /** When its tokens were last given out. */
  readonly refreshed_at?: string | undefined;
  readonly not_after?: string | undefined;
  readonly aal: string;
  /** How it was made and raised, latest first. */
  readonly amr: ReadonlyArray<{ readonly method: string; readonly timestamp: number }>;
  readonly user_agent?: string | undefined;
  /** From which it was last refreshed. */
  readonly ip?: string | undefined;
  readonly tag?: string | undefined;
  /** The OAuth client that it was made for. */
  readonly oauth_client_id?: string | undefined;
}

/** A user's sessions, the one that was last used first. */
export async function listSessions(db: AuthTransaction, userId: string): Promise<readonly SessionInfo[]> {
  const rows = await db
    .selectFrom("auth.sessions")
    .selectAll()
    .select(sql<SessionInfo["amr"]>`coalesce((
      select json_agg(json_build_object('method', authentication_method, 'timestamp', floor(extract(epoch from updated_at))::int) order by updated_at desc, id)
      from auth.mfa_amr_claims where session_id = auth.sessions.id), '[]')`.as("amr"))
    .where("user_id", "=", userId)
    .orderBy(sql`coalesce(refreshed_at at time zone 'utc', created_at)`, "desc")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id, user_id: row.user_id, created_at: timestamp(row.created_at), refreshed_at: row.refreshed_at === null ? undefined : timestamp(new Date(lastRefreshedAt(row))), not_after: timestamp(row.not_after),
    aal: row.aal ?? "aal1", amr: row.amr, user_agent: row.user_agent ?? undefined, ip: row.ip ?? undefined, tag: row.tag ?? undefined, oauth_client_id: row.oauth_client_id ?? undefined,
  }));
}
