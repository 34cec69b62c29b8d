import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { limitSending } from "../protection/limit-rate.ts";
import { siteUrlOf } from "../redirects/redirect-target.ts";
import type { LoadedUser } from "../users/user.ts";
import { deliver, type EmailData } from "./queue-mail.ts";
import { renderMail } from "./render-mail.ts";

/** What users are told of, as settings call it: `mailer.notifications.passwordChanged`. */
export type NotificationKind = keyof AuthConfig["mailer"]["notifications"];

export interface Notification {
  readonly kind: NotificationKind;
  /** As it is after the change. */
  readonly user: LoadedUser;
  /** Default: the user's address. */
  readonly to?: string | undefined;
  readonly oldEmail?: string | undefined;
  readonly oldPhone?: string | undefined;
  /** Of an identity: "google". */
  readonly provider?: string | undefined;
  /** Of a factor: "totp". */
  readonly factorType?: string | undefined;
}

/**
 * Tells a user by mail of a change to the account, where the project wants that and the user has an address. After the
 * commit: what has happened is not undone by a mail, so one that fails is only logged.
 */
export async function sendNotification(call: AuthCall, notification: Notification): Promise<void> {
  const { kind, user, to = user.row.email ?? "" } = notification;
  if (!call.config.mailer.notifications[kind] || to === "") return;
  try {
    await limitSending(call, "emailSent");
    const rendered = renderMail(call.config, `${kind}Notification`, await variablesOf(call, notification));
    await deliver(call, { user, mails: [{ ...rendered, to, shown: {} }], data: dataOf(notification) });
  } catch (error) {
    call.auth.log("A notification could not be sent.", { kind, error });
  }
}

async function variablesOf(call: AuthCall, { user: { row }, to, oldEmail, oldPhone, provider, factorType, kind }: Notification): Promise<Readonly<Record<string, unknown>>> {
  const email = kind === "identityUnlinked" ? (to ?? row.email) : row.email;
  return { SiteURL: await siteUrlOf(call), Email: email ?? "", OldEmail: oldEmail, Phone: row.phone ?? "", OldPhone: oldPhone, Provider: provider, FactorType: factorType, Data: row.raw_user_meta_data ?? {} };
}

/** The hook's name of it: password_changed_notification. */
const dataOf = ({ kind, oldEmail = "", oldPhone = "", provider = "", factorType = "" }: Notification): EmailData => ({
  email_action_type: `${kind.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_notification`, old_email: oldEmail, old_phone: oldPhone, provider, factor_type: factorType,
});
