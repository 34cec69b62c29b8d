import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { OneTimeToken } from "../one-time-tokens/one-time-token.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import type { MailKind } from "./default-mails.ts";
import { mailLink } from "./mail-link.ts";
import type { Mail } from "./mailer.ts";
import { queueMail } from "./queue-mail.ts";
import { renderMail } from "./render-mail.ts";

/** Mails with something to redeem, by what `/verify` calls them. */
export type VerificationType = "signup" | "invite" | "magiclink" | "recovery" | "email_change" | "reauthentication";

const KINDS: Readonly<Record<VerificationType, MailKind>> = { signup: "confirmation", invite: "invite", magiclink: "magicLink", recovery: "recovery", email_change: "emailChange", reauthentication: "reauthentication" };

export interface AuthMail {
  readonly type: VerificationType;
  readonly to: string;
  readonly user: LoadedUser;
  readonly token: OneTimeToken;
  /** Where the application wants the browser afterwards. Checked. */
  readonly redirectTo: string;
}

/**
 * Sends a mail with a link and a code, once the transaction is committed.
 * @throws BackendError over_email_send_rate_limit, email_address_not_authorized; after the commit mail_send_failed
 */
export async function sendAuthMail(call: AuthCall, db: AuthTransaction, mail: AuthMail): Promise<void> {
  const { type, user, token, redirectTo } = mail;
  await queueMail(call, db, { user, mails: [await composeMail(call, mail)], data: { email_action_type: type, token: token.code, token_hash: token.hash, redirect_to: redirectTo } });
}

export async function composeMail(call: AuthCall, { type, to, user: { row }, token, redirectTo }: AuthMail): Promise<Mail> {
  const kind = KINDS[type];
  const link = type === "reauthentication" ? undefined : await mailLink(call, { kind, type, token: token.hash, redirectTo });
  const rendered = renderMail(call.config, kind, {
    SiteURL: await siteUrlOf(call), ConfirmationURL: link, Email: row.email ?? "", NewEmail: row.email_change ?? "", SendingTo: to,
    Token: token.code, TokenHash: token.hash, RedirectTo: redirectTo, Data: row.raw_user_meta_data ?? {},
  });
  return { ...rendered, to, shown: { ...(link === undefined ? {} : { link }), code: token.code } };
}

export interface EmailChangeMails {
  /** With the new address in `email_change`. */
  readonly user: LoadedUser;
  readonly tokenNew: OneTimeToken;
  /** Where the present address has to agree. */
  readonly tokenCurrent: OneTimeToken | undefined;
  readonly redirectTo: string;
}

/** One mail to the new address, and one to the present one where that has to agree. @throws as `sendAuthMail` */
export async function sendEmailChangeMails(call: AuthCall, db: AuthTransaction, { user, tokenNew, tokenCurrent, redirectTo }: EmailChangeMails): Promise<void> {
  const { email, email_change: newEmail } = user.row;
  const wanted = [{ to: newEmail ?? "", token: tokenNew }, ...(tokenCurrent ? [{ to: email ?? "", token: tokenCurrent }] : [])];
  const mails = await Promise.all(wanted.map(({ to, token }) => composeMail(call, { type: "email_change", to, user, token, redirectTo })));
  // Hooks know these fields crosswise: token_hash goes with token_new (internal/api/mail.go has it as a known bug).
  const data = tokenCurrent
    ? { token: tokenCurrent.code, token_hash: tokenNew.hash, token_new: tokenNew.code, token_hash_new: tokenCurrent.hash }
    : { token: tokenNew.code, token_hash: tokenNew.hash };
  await queueMail(call, db, { user, mails, data: { email_action_type: "email_change", redirect_to: redirectTo, ...data } });
}
