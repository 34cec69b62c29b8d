import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { CodeChallenge } from "../flow-state/code-challenge.ts";
import { createFlowState } from "../flow-state/flow-state.ts";
import { sendEmailChangeMails } from "../mail/send-auth-mail.ts";
import { redirectTargetOf } from "../redirects/redirect-target.ts";
import type { LoadedUser, UserRow } from "../users/user.ts";
import { requestTokens } from "./request-tokens.ts";

/** Whether the present address has to agree to another one. */
export const needsBothHalves = ({ config: { mailer } }: Pick<AuthCall, "config">, { email }: Pick<UserRow, "email">): boolean => mailer.secureEmailChangeEnabled && !mailer.autoconfirm && Boolean(email);

/** Asks the new address, and the present one where both have to agree, to confirm the change. @throws as `requestEmailConfirmation` */
export async function requestEmailChange(call: AuthCall, db: AuthTransaction, user: LoadedUser, email: string, pkce: CodeChallenge | undefined): Promise<LoadedUser> {
  const { mailer, smtpMaxFrequency } = call.config;
  if (pkce) await createFlowState(call, db, { provider: "email_change", method: "email_change", pkce, userId: user.row.id });
  const both = needsBothHalves(call, user.row);
  const token = { length: mailer.otpLength, pkce: pkce !== undefined };
  const { user: changed, tokens } = await requestTokens(call, db, user, {
    sentAt: "email_change_sent_at", maxFrequency: smtpMaxFrequency, tooEarly: "overEmailSendRateLimit",
    tokens: [{ ...token, type: "email_change_token_new", address: email }, ...(both ? [{ ...token, type: "email_change_token_current", address: user.row.email! } as const] : [])],
    changes: { email_change: email, email_change_confirm_status: 0 },
  });
  await sendEmailChangeMails(call, db, { user: changed, tokenNew: tokens[0]!, tokenCurrent: tokens[1], redirectTo: await redirectTargetOf(call) });
  return changed;
}
