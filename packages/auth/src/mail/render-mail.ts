import type { AuthConfig } from "../config/auth-options.ts";
import { DEFAULT_MAILS, type MailKind } from "./default-mails.ts";
import { escapeHtml, htmlToText } from "./html.ts";
import { parseTemplate, type TemplateVariables } from "./template.ts";

export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A mail of this kind in the project's words. Values are escaped in the body; in the subject they can't break the line. */
export function renderMail({ mailer }: Pick<AuthConfig, "mailer">, kind: MailKind, variables: TemplateVariables): RenderedMail {
  const { subject, body } = DEFAULT_MAILS[kind];
  const html = parseTemplate(mailer.templates[kind] ?? body)(variables, escapeHtml);
  const line = parseTemplate(mailer.subjects[kind] ?? subject)(variables, (text) => text);
  return { subject: line.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim(), html, text: htmlToText(html) };
}
