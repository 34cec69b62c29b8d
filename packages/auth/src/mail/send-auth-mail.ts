import type { AuthCall } from "../endpoint/auth-call.ts";
import type { OneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { limitSending } from "../protection/limit-rate.ts";
import type { UserRow } from "../users/user.ts";

/** Kinds of mails with something to redeem, by what `/verify` calls them. */
export type VerificationType = "signup" | "invite" | "magiclink" | "recovery" | "email_change" | "reauthentication";

export interface AuthMail {
  readonly type: VerificationType;
  readonly to: string;
  readonly user: UserRow;
  readonly token: OneTimeToken;
  /** As in links: PKCE's begin with `pkce_`. */
  readonly linkToken: string;
  /** Where the application wants the browser afterwards. Checked. */
  readonly redirectTo: string;
}

/** Sends a mail with a link and a code. @throws BackendError over_email_send_rate_limit, mail_send_failed */
export async function sendAuthMail(call: AuthCall, { type, to, token, linkToken, redirectTo }: AuthMail): Promise<void> {
  await limitSending(call, "emailSent");
  const url = await call.link("/verify", { token: linkToken, type, redirect_to: redirectTo });
  await call.auth.mailer.send({ to, subject: type, html: `<a href="${url}">${url}</a>`, text: url, shown: { link: url, code: token.code } });
}
