import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { sendAuthMail } from "../mail/send-auth-mail.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import { requestTokens } from "./request-tokens.ts";

/** Sends a code that allows a change of password. @throws as `requestEmailConfirmation` */
export async function requestEmailReauthentication(call: AuthCall, db: AuthTransaction, user: LoadedUser): Promise<void> {
  const { mailer, smtpMaxFrequency } = call.config;
  const to = user.row.email ?? "";
  const { user: changed, tokens } = await requestTokens(call, db, user, {
    sentAt: "reauthentication_sent_at", maxFrequency: smtpMaxFrequency, tooEarly: "overEmailSendRateLimit",
    tokens: [{ type: "reauthentication_token", address: to, length: mailer.otpLength }],
  });
  await sendAuthMail(call, db, { type: "reauthentication", to, user: changed, token: tokens[0]!, redirectTo: await siteUrlOf(call) });
}
