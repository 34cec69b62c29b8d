import type { AuthConfig } from "../config/auth-options.ts";

/** Kinds of mails, as settings call them: `mailer.subjects.magicLink`. */
export type MailKind = keyof AuthConfig["mailer"]["templates"];

export interface MailTexts {
  readonly subject: string;
  /** HTML. */
  readonly body: string;
}

const IGNORE = "<p>If you did not ask for this, nothing happens unless you follow it: you can leave this mail alone.</p>";
const NOT_YOU = "<p>If that was not you, set a new password at once and tell those who run this service.</p>";

const withLink = (heading: string, sentence: string, label: string): string => `<h2>${heading}</h2>
<p>${sentence}</p>
<p><a href="{{ .ConfirmationURL }}">${label}</a></p>
{{ if .Token }}<p>Where you are asked for a code, enter {{ .Token }}</p>
{{ end }}${IGNORE}
`;

const notice = (heading: string, sentence: string): string => `<h2>${heading}</h2>
<p>${sentence}</p>
${NOT_YOU}
`;

/** What is sent where a project says nothing of its own. */
export const DEFAULT_MAILS: Readonly<Record<MailKind, MailTexts>> = {
  confirmation: { subject: "Confirm your e-mail address", body: withLink("Welcome", "Please confirm that {{ .Email }} is your e-mail address.", "Confirm e-mail address") },
  invite: { subject: "You are invited", body: withLink("You are invited", "An account is ready for {{ .Email }} at {{ .SiteURL }}.", "Accept the invitation") },
  magicLink: { subject: "Your link to sign in", body: withLink("Sign in", "With this link you sign in, once.", "Sign in") },
  recovery: { subject: "Set a new password", body: withLink("Set a new password", "Somebody, you we hope, asked for a new password for {{ .Email }}.", "Set a new password") },
  emailChange: { subject: "Confirm your new e-mail address", body: withLink("Your new e-mail address", "Please confirm that your e-mail address changes {{ if .Email }}from {{ .Email }} {{ end }}to {{ .NewEmail }}.", "Confirm the change") },
  reauthentication: { subject: "{{ .Token }} is your code", body: `<h2>Your code</h2>\n<p>To show that it is you, enter {{ .Token }}</p>\n<p>Nobody but the page that asks you needs to know it.</p>\n` },
  passwordChangedNotification: { subject: "Your password was changed", body: notice("A new password", "The password of {{ .Email }} was changed.") },
  emailChangedNotification: { subject: "Your e-mail address was changed", body: notice("A new e-mail address", "The e-mail address of your account is {{ .Email }} now; it was {{ .OldEmail }}.") },
  phoneChangedNotification: { subject: "Your phone number was changed", body: notice("A new phone number", "The phone number of {{ .Email }} is {{ .Phone }} now{{ if .OldPhone }}; it was {{ .OldPhone }}{{ end }}.") },
  identityLinkedNotification: { subject: "Another way to sign in was added", body: notice("Another way to sign in", "{{ .Email }} can sign in with {{ .Provider }} from now on.") },
  identityUnlinkedNotification: { subject: "A way to sign in was removed", body: notice("One way less to sign in", "{{ .Email }} can no longer sign in with {{ .Provider }}.") },
  mfaFactorEnrolledNotification: { subject: "A second factor was added", body: notice("A second factor", "A factor of the kind {{ .FactorType }} was added to {{ .Email }}.") },
  mfaFactorUnenrolledNotification: { subject: "A second factor was removed", body: notice("One factor less", "A factor of the kind {{ .FactorType }} was removed from {{ .Email }}.") },
};
