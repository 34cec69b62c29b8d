import type { AuthCall } from "../endpoint/auth-call.ts";
import type { MailKind } from "./default-mails.ts";

export interface MailLink {
  readonly kind: MailKind;
  /** As `/verify` calls it. */
  readonly type: string;
  /** What is in the link: `OneTimeToken.hash`. */
  readonly token: string;
  /** Where the application wants the browser afterwards. Checked. */
  readonly redirectTo: string;
}

/** The address that a mail leads to: `/verify`, or the page of the application's own that `mailer.urlPaths` names. */
export async function mailLink(call: AuthCall, { kind, type, token, redirectTo }: MailLink): Promise<string> {
  const path = call.config.mailer.urlPaths[kind] ?? "/verify";
  const parameters = { token, type, redirect_to: redirectTo };
  if (!/^https?:\/\//i.test(path)) return call.link(path.startsWith("/") ? path : `/${path}`, parameters);
  const url = new URL(path);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
