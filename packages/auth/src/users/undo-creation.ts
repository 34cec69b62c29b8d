import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";

/** Where the mail or message to a user who was just made can't be sent, there is no such user: unless somebody has used it since. */
export function undoCreation(call: AuthCall, db: AuthTransaction, userId: string): void {
  call.afterCommit(db, {
    undo: async (undoing) => void (await undoing.deleteFrom("auth.users").where("id", "=", userId).where("confirmed_at", "is", null).where("last_sign_in_at", "is", null).execute()),
  });
}
