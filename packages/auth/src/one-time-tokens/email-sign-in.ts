import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { CodeChallenge } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { sendAuthMail } from "../mail/send-auth-mail.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import { requestTokens } from "./request-tokens.ts";

/** Sends a mail that signs its reader in: to set a new password, or just so. @throws as `requestEmailConfirmation` */
export async function requestEmailSignIn(call: AuthCall, db: AuthTransaction, user: LoadedUser, type: "recovery" | "magiclink", pkce: CodeChallenge | undefined): Promise<LoadedUser> {
  const { mailer, smtpMaxFrequency } = call.config;
  const to = user.row.email ?? "";
  if (pkce) await createFlowState(call, db, { provider: type, method: type, pkce, userId: user.row.id });
  const { user: changed, tokens } = await requestTokens(call, db, user, {
    sentAt: "recovery_sent_at", maxFrequency: smtpMaxFrequency, tooEarly: "overEmailSendRateLimit",
    tokens: [{ type: "recovery_token", address: to, length: mailer.otpLength, pkce: pkce !== undefined }],
  });
  await sendAuthMail(call, db, { type, to, user: changed, token: tokens[0]!, redirectTo: await redirectTargetOf(call) });
  return changed;
}
