import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { callHookFunction } from "./call-hook-function.ts";
import { hookMetadata } from "./hook-metadata.ts";
import type { HookOutput } from "./hook-output.ts";
import { postHook } from "./post-hook.ts";

export type HookName = keyof AuthConfig["hook"];

/** What hooks are told that they are (internal/hooks/v0hooks). */
const NAMES: Readonly<Record<HookName, string>> = {
  customAccessToken: "customize-access-token",
  sendEmail: "send-email",
  sendSms: "send-sms",
  mfaVerificationAttempt: "mfa-verification",
  passwordVerificationAttempt: "password-verification",
  beforeUserCreated: "before-user-created",
  afterUserCreated: "after-user-created",
};

/**
 * Asks a project's hook: a function of its database, or an HTTPS endpoint (signed as Standard Webhooks has it).
 * https://supabase.com/docs/guides/auth/auth-hooks
 *
 * @param input without `metadata`, which is the same for all of them
 * @param db the transaction that a function is called in; else in one of its own
 * @returns its output; undefined where the project has no such hook
 * @throws BackendError with the status and message that the hook gives; hook_timeout, hook_timeout_after_retry,
 * hook_payload_over_size_limit, hook_payload_invalid_content_type, unexpected_failure
 */
export async function invokeHook(call: AuthCall, name: HookName, input: object, db?: AuthTransaction): Promise<HookOutput | undefined> {
  const { enabled, uri, secrets } = call.config.hook[name];
  if (!enabled || uri === undefined) return undefined;
  const told = { metadata: hookMetadata(call, NAMES[name]), ...input };
  const output = uri.startsWith("pg-functions:") ? await callHookFunction(call, uri, told, db) : await postHook(uri, { secrets, input: told, signal: call.signal, fetch: call.auth.outbound.fetchOf(["hook", name, "uri"]) });
  throwError(output);
  return output;
}

/** `{"error": {"http_code": 403, "message": "…"}}` refuses what was asked. */
function throwError({ error }: HookOutput): void {
  if (typeof error !== "object" || error === null) return;
  const { http_code: code, message } = error as { http_code?: unknown; message?: unknown };
  if (typeof message !== "string" || message === "") return;
  const status = typeof code === "number" && Number.isInteger(code) && code >= 400 && code < 600 ? code : 500;
  throw new AuthError({ code: status >= 500 ? AUTH_ERRORS.unexpectedFailure.code : AUTH_ERRORS.hookRejected.code, status, message });
}
