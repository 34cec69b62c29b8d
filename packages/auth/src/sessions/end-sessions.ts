import type { AuthTransaction } from "../database/auth-database.ts";

/** Which of a user's sessions end: all, the present one, or all but that. */
export type SignOutScope = "global" | "local" | "others";

export async function endSessions(db: AuthTransaction, userId: string, scope: SignOutScope, sessionId: string | undefined): Promise<void> {
  let ending = db.deleteFrom("auth.sessions").where("user_id", "=", userId);
  if (scope === "local") ending = ending.where("id", "=", sessionId ?? null!);
  if (scope === "others" && sessionId !== undefined) ending = ending.where("id", "<>", sessionId);
  await ending.execute();
}
