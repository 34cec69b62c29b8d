import type { Selectable } from "kysely";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { Aal, AmrClaimsTable, SessionsTable } from "../database/auth-tables.ts";
import type { LoadedUser } from "../users/user.ts";
import { isSecondFactor } from "./authentication-method.ts";

export type SessionRow = Readonly<Selectable<SessionsTable>>;
export type AmrClaimRow = Readonly<Pick<Selectable<AmrClaimsTable>, "authentication_method" | "updated_at">>;

/** A session with how it was made. */
export interface LoadedSession {
  readonly row: SessionRow;
  /** Latest first. */
  readonly claims: readonly AmrClaimRow[];
}

export interface FindSessionOptions {
  /** Hold the row: refreshes of one session come one after the other. */
  readonly forUpdate?: boolean;
}

export async function findSession(db: AuthTransaction, id: string, { forUpdate = false }: FindSessionOptions = {}): Promise<LoadedSession | undefined> {
  const query = db.selectFrom("auth.sessions").selectAll().where("id", "=", id);
  const row = await (forUpdate ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined) return undefined;
  const claims = await db.selectFrom("auth.mfa_amr_claims").select(["authentication_method", "updated_at"]).where("session_id", "=", id).orderBy("updated_at", "desc").orderBy("id").execute();
  return { row, claims };
}

/** aal2 once a second factor was shown. */
export const aalOf = ({ claims }: Pick<LoadedSession, "claims">): Aal => (claims.some(({ authentication_method: method }) => isSecondFactor(method)) ? "aal2" : "aal1");

/** What the user could reach with the factors that are verified. */
export const highestAalOf = ({ factors }: Pick<LoadedUser, "factors">): Aal => (factors.some(({ status }) => status === "verified") ? "aal2" : "aal1");

/** When it was last refreshed, else made. `refreshed_at` has no time zone: it is UTC. */
export function lastRefreshedAt({ refreshed_at, created_at }: Pick<SessionRow, "refreshed_at" | "created_at">): number {
  if (refreshed_at === null) return created_at?.getTime() ?? 0;
  return refreshed_at.getTime() - refreshed_at.getTimezoneOffset() * 60_000;
}

export type SessionValidity = "valid" | "past-end" | "inactive" | "low-aal";

/** Whether a session may go on, by the project's limits and its own `not_after`. */
export function sessionValidity(session: LoadedSession, user: Pick<LoadedUser, "factors">, { sessions: limits }: Pick<AuthConfig, "sessions">, at = Date.now()): SessionValidity {
  const { row } = session;
  const age = at - (row.created_at?.getTime() ?? 0);
  if (row.not_after !== null && at > row.not_after.getTime()) return "past-end";
  if (limits.timebox > 0 && age > limits.timebox * 1_000) return "past-end";
  if (limits.inactivityTimeout > 0 && at - lastRefreshedAt(row) > limits.inactivityTimeout * 1_000) return "inactive";
  if (limits.allowLowAal > 0 && aalOf(session) < highestAalOf(user) && age > limits.allowLowAal * 1_000) return "low-aal";
  return "valid";
}
