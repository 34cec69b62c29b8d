import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { invokeHook } from "../hooks/invoke-hook.ts";
import { limitSending } from "../protection/limit-rate.ts";
import { checkAuthorized } from "../users/normalize-address.ts";
import { type LoadedUser, toUser } from "../users/user.ts";
import type { Mail } from "./mailer.ts";

/** `email_data` of the hook send-email (internal/mailer: EmailData); what is left out is "". */
export interface EmailData {
  readonly token?: string;
  readonly token_hash?: string;
  readonly redirect_to?: string;
  readonly email_action_type: string;
  readonly token_new?: string;
  readonly token_hash_new?: string;
  readonly old_email?: string;
  readonly old_phone?: string;
  readonly provider?: string;
  readonly factor_type?: string;
}

export interface QueuedMail {
  readonly user: LoadedUser;
  readonly mails: readonly Mail[];
  readonly data: EmailData;
}

const NOTHING: Omit<EmailData, "email_action_type"> = { token: "", token_hash: "", redirect_to: "", token_new: "", token_hash_new: "", old_email: "", old_phone: "", provider: "", factor_type: "" };

/**
 * Has mails sent once the transaction is committed: by the project's hook, where it has one.
 * @throws BackendError over_email_send_rate_limit, email_address_not_authorized; later mail_send_failed and what the hook says
 */
export async function queueMail(call: AuthCall, db: AuthTransaction, queued: QueuedMail): Promise<void> {
  for (const { to } of queued.mails) checkAuthorized(to, call.config);
  await limitSending(call, "emailSent", db);
  call.afterCommit(db, { run: () => deliver(call, queued) });
}

/** @throws BackendError mail_send_failed and what the hook says */
export async function deliver(call: AuthCall, { user, mails, data }: QueuedMail): Promise<void> {
  const { mailer } = call.auth;
  await mailer.measure(async () => {
    if (!call.config.hook.sendEmail.enabled) return Promise.all(mails.map((mail) => mailer.send(mail)));
    const input = { user: toUser(user), email_data: { ...NOTHING, site_url: await call.baseUrl(), ...data } };
    return invokeHook(call, "sendEmail", input);
  });
}
