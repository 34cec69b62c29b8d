import type { OutboundFetch } from "@plinth/core";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { isAdmin } from "../endpoint/require-user.ts";
import { AUTH_ERRORS } from "../errors.ts";

const URLS = { hcaptcha: "https://hcaptcha.com/siteverify", turnstile: "https://challenges.cloudflare.com/turnstile/v0/siteverify" };

const answerSchema = z.object({ success: z.boolean(), "error-codes": z.array(z.string()).nullish() });
const tokenSchema = z.object({ gotrue_meta_security: z.object({ captcha_token: z.string() }) });

/**
 * Asks the captcha's provider about the token in `gotrue_meta_security`. Administrators need none.
 * @throws BackendError captcha_failed; unexpected_failure where the provider can't be asked
 */
export async function verifyCaptcha(call: AuthCall, body: unknown): Promise<void> {
  const { enabled, provider, secret, timeout, url = URLS[provider] } = call.config.security.captcha;
  if (!enabled || isAdmin(call)) return;
  const token = tokenSchema.safeParse(body).data?.gotrue_meta_security.captcha_token.trim() ?? "";
  if (token === "") throw new AuthError(AUTH_ERRORS.captchaFailed, { message: "captcha protection: request disallowed (no captcha_token found)" });
  const answer = await ask(call.auth.outbound.fetchOf(["security", "captcha", "url"]), url, { secret: secret.trim(), response: token, ...(call.ip === undefined ? {} : { remoteip: call.ip }) }, timeout, call.signal);
  if (!answer.success) throw new AuthError(AUTH_ERRORS.captchaFailed, { message: `captcha protection: request disallowed (${(answer["error-codes"] ?? []).join(", ")})` });
}

async function ask(fetch: OutboundFetch, url: string, parameters: Readonly<Record<string, string>>, timeout: number, signal: AbortSignal): Promise<z.infer<typeof answerSchema>> {
  try {
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(parameters), redirect: "error", signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1_000)]) });
    return answerSchema.parse(await response.json());
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "captcha verification process failed", cause });
  }
}
