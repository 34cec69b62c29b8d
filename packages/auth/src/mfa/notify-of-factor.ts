import type { FactorType } from "../database/auth-tables.ts";
import type { UserCall } from "../endpoint/auth-call.ts";

const TEXTS = {
  enrolled: { setting: "mfaFactorEnrolled", subject: "A new verification method was added to your account", text: "A new verification method was added to your account" },
  unenrolled: { setting: "mfaFactorUnenrolled", subject: "A verification method was removed from your account", text: "A verification method was removed from your account" },
} as const;

/** Tells the user by mail, where the project wants that. The factor stays what it is, if the mail can't be sent. */
export async function notifyOfFactor(call: UserCall, event: keyof typeof TEXTS, type: FactorType): Promise<void> {
  const { setting, subject, text } = TEXTS[event];
  const to = call.user.row.email;
  if (!call.config.mailer.notifications[setting] || !to) return;
  const body = `${text}: ${type}.`;
  await call.auth.mailer.send({ to, subject, html: `<p>${body}</p>`, text: body, shown: { factor: type } }).catch((error: unknown) => call.auth.log("A notification could not be sent.", { to, subject, error }));
}
