import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { CodeChallenge } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { sendAuthMail } from "../mail/send-auth-mail.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import { createOneTimeToken } from "./one-time-token.ts";

/** Sends the mail by which a new user shows whose address it is. @returns the user as it is now */
export async function requestEmailConfirmation(call: AuthCall, db: AuthTransaction, user: LoadedUser, pkce: CodeChallenge | undefined): Promise<LoadedUser> {
  const address = user.row.email ?? "";
  if (pkce) await createFlowState(call, db, { provider: "email", method: "email/signup", pkce, userId: user.row.id });
  const token = await createOneTimeToken(call, db, { userId: user.row.id, type: "confirmation_token", address, length: call.config.mailer.otpLength });
  await sendAuthMail(call, { type: "signup", to: address, user: user.row, token, linkToken: pkce ? `pkce_${token.hash}` : token.hash, redirectTo: await redirectTargetOf(call) });
  const row = await saved("Database error updating user", db.updateTable("auth.users").set({ confirmation_sent_at: now(), updated_at: now() }).where("id", "=", user.row.id).returningAll().executeTakeFirstOrThrow());
  return { ...user, row };
}
