import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { AUTH_ERRORS } from "../errors.ts";

/**
 * Ends one of a user's sessions: its refresh tokens hold no more, its access tokens are refused by this service.
 * @throws BackendError session_not_found, of others' sessions too
 */
export async function endSession(db: AuthTransaction, userId: string, sessionId: string): Promise<void> {
  const ended = await db.deleteFrom("auth.sessions").where("id", "=", sessionId).where("user_id", "=", userId).returning("id").executeTakeFirst();
  if (ended === undefined) throw new AuthError(AUTH_ERRORS.sessionNotFound, { status: 404, message: "Session not found" });
}
