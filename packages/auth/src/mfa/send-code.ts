import { AuthError } from "../auth-error.ts";
import type { UserCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { invokeHook } from "../hooks/invoke-hook.ts";
import { toUser } from "../users/user.ts";

export interface SentCode {
  /** Digits alone. */
  readonly phone: string;
  readonly code: string;
  readonly channel: "sms" | "whatsapp";
}

export async function sendCode(call: UserCall, { phone, code }: SentCode): Promise<void> {
  if (call.config.hook.sendSms.enabled) return void (await invokeHook(call, "sendSms", { user: toUser(call.user), sms: { otp: code, sms_type: "mfa", phone } }));
  if (call.config.sms.provider !== "log") throw new AuthError(AUTH_ERRORS.smsProviderMissing);
  call.auth.log("A message, which is not sent", { to: phone, code });
}
