import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { CodeChallenge } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { sendAuthMail } from "../mail/send-auth-mail.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import { requestTokens } from "./request-tokens.ts";

/**
 * Sends the mail by which a new user shows whose address it is, once the transaction is committed.
 * @param user whose row is held
 * @returns the user as it is now
 * @throws BackendError over_email_send_rate_limit, email_address_not_authorized; after the commit mail_send_failed
 */
export async function requestEmailConfirmation(call: AuthCall, db: AuthTransaction, user: LoadedUser, pkce: CodeChallenge | undefined): Promise<LoadedUser> {
  const { mailer, smtpMaxFrequency } = call.config;
  const to = user.row.email ?? "";
  if (pkce) await createFlowState(call, db, { provider: "email", method: "email/signup", pkce, userId: user.row.id });
  const { user: changed, tokens } = await requestTokens(call, db, user, {
    sentAt: "confirmation_sent_at", maxFrequency: smtpMaxFrequency, tooEarly: "overEmailSendRateLimit",
    tokens: [{ type: "confirmation_token", address: to, length: mailer.otpLength, pkce: pkce !== undefined }],
  });
  await sendAuthMail(call, db, { type: "signup", to, user: changed, token: tokens[0]!, redirectTo: await redirectTargetOf(call) });
  return changed;
}
