import { AuthError } from "../auth-error.ts";
import type { AuthConfig } from "../config/auth-options.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { invokeHook } from "../hooks/invoke-hook.ts";
import { parseTemplate } from "../mail/template.ts";
import { limitSending } from "../protection/limit-rate.ts";
import { type LoadedUser, toUser } from "../users/user.ts";
import type { MessageReceipt, SmsSender } from "./sms-sender.ts";
import { twilioSender } from "./twilio-sender.ts";
import { webhookSender } from "./webhook-sender.ts";

export interface SmsCode {
  readonly user: LoadedUser;
  /** Digits. */
  readonly phone: string;
  readonly code: string;
  /** "sms" or "whatsapp". */
  readonly channel: string;
  /** With `{{ .Code }}`. */
  readonly template: string;
  /** What errors call it: "confirmation". */
  readonly purpose: string;
}

/**
 * Has a code sent to a phone once the transaction is committed: by the project's hook, where it has one; else by its provider.
 * @returns filled in by then
 * @throws BackendError over_sms_send_rate_limit, sms_send_failed where there is no provider; after the commit sms_send_failed and what the hook says
 */
export async function queueSms(call: AuthCall, db: AuthTransaction, sms: SmsCode): Promise<MessageReceipt> {
  if (!call.config.hook.sendSms.enabled) senderOf(call);
  await limitSending(call, "smsSent", db);
  const receipt: MessageReceipt = {};
  call.afterCommit(db, {
    run: async () => {
      receipt.id = (await sendSms(call, sms)).id;
    },
  });
  return receipt;
}

/** Sends a code at once. @throws BackendError sms_send_failed and what the hook says */
export async function sendSms(call: AuthCall, sms: SmsCode): Promise<MessageReceipt> {
  if (call.config.hook.sendSms.enabled) return askHook(call, sms);
  const { phone, code, channel, template, purpose } = sms;
  const sender = senderOf(call);
  try {
    return await sender.send({ phone, code, channel, text: parseTemplate(template)({ Code: code }, (text) => text) });
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.smsSendFailed, { message: `Error sending ${purpose} OTP to provider: ${(cause as Error).message}`, cause });
  }
}

async function askHook(call: AuthCall, { user, phone, code, purpose }: SmsCode): Promise<MessageReceipt> {
  await invokeHook(call, "sendSms", { user: toUser(user), sms: { otp: code, phone, ...(purpose === "mfa" ? { sms_type: "mfa" } : {}) } });
  return {};
}

type SmsConfig = AuthConfig["sms"];

const SENDERS: Readonly<Record<NonNullable<SmsConfig["provider"]>, (config: SmsConfig, call: AuthCall) => SmsSender | undefined>> = {
  twilio: ({ twilio }, { auth }) => twilio && twilioSender(twilio, auth.outbound.fetchOf(["sms", "twilio", "url"])),
  webhook: ({ webhook }, { auth }) => webhook && webhookSender(webhook, auth.outbound.fetchOf(["sms", "webhook", "url"])),
  log: (_config, { auth }) => ({
    send: async ({ phone, text, code }) => {
      auth.log("A message to a phone, which is not sent: the provider is the log (auth.sms.provider).", { to: phone, text, code });
      return {};
    },
  }),
};

/** @throws BackendError sms_send_failed */
function senderOf(call: AuthCall): SmsSender {
  const { sms } = call.config;
  const sender = sms.provider && SENDERS[sms.provider](sms, call);
  if (!sender) throw new AuthError(AUTH_ERRORS.smsProviderMissing);
  return sender;
}
