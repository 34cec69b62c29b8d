import { escapeHtml } from "../mail/html.ts";
import type { VerificationType } from "./verification.ts";

/** What the button does, by the link's type. */
const TEXTS: Readonly<Record<VerificationType, readonly [title: string, button: string]>> = {
  signup: ["Confirm your e-mail address", "Confirm"],
  invite: ["Accept the invitation", "Accept"],
  recovery: ["Set a new password", "Continue"],
  magiclink: ["Sign in", "Sign in"],
  email: ["Sign in", "Continue"],
  email_change: ["Confirm your new e-mail address", "Confirm"],
  sms: ["Sign in", "Continue"],
  phone_change: ["Confirm your new phone number", "Confirm"],
};

/** A page with one button, which posts to the page's own address. Without scripts. */
export function confirmationPage({ type, redirectTo }: { readonly type: VerificationType; readonly redirectTo: string }): string {
  const [title, button] = TEXTS[type];
  const url = new URL(redirectTo);
  const place = escapeHtml(url.host || url.protocol.replace(/:$/, ""));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { display: grid; min-height: 100vh; margin: 0; place-items: center; text-align: center; }
button { padding: 0.6em 1.6em; font: inherit; cursor: pointer; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>You will go on to ${place}.</p>
<form method="post"><button type="submit">${button}</button></form>
</main>
</body>
</html>
`;
}
