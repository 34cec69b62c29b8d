import type { Updateable } from "kysely";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { OneTimeTokenType, UsersTable } from "../database/auth-tables.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import type { MessageReceipt } from "../sms/sms-sender.ts";
import { queueSms } from "../sms/queue-sms.ts";
import { testOtpOf } from "../sms/test-otp.ts";
import type { LoadedUser } from "../users/user.ts";
import { requestTokens, type SentAt } from "./request-tokens.ts";

/** What a code that is sent to a phone is for. */
export type PhoneCodeKind = "confirmation" | "phone_change" | "reauthentication";

const KINDS: Readonly<Record<PhoneCodeKind, { readonly token: OneTimeTokenType; readonly sentAt: SentAt }>> = {
  confirmation: { token: "confirmation_token", sentAt: "confirmation_sent_at" },
  phone_change: { token: "phone_change_token", sentAt: "phone_change_sent_at" },
  reauthentication: { token: "reauthentication_token", sentAt: "reauthentication_sent_at" },
};

export interface PhoneCodeRequest {
  readonly kind: PhoneCodeKind;
  readonly phone: string;
  /** "sms" or "whatsapp". */
  readonly channel: string;
}

export interface RequestedPhoneCode {
  /** As it is now. */
  readonly user: LoadedUser;
  /** Filled in when the message is sent. */
  readonly receipt: MessageReceipt;
}

/**
 * Sends a code to a phone, once the transaction is committed; to the numbers of `sms.testOtp` none is sent.
 * @param user whose row is held
 * @throws BackendError over_sms_send_rate_limit, sms_send_failed where there is no provider; after the commit sms_send_failed
 */
export async function requestPhoneCode(call: AuthCall, db: AuthTransaction, user: LoadedUser, { kind, phone, channel }: PhoneCodeRequest): Promise<RequestedPhoneCode> {
  const { sms } = call.config;
  const { token, sentAt } = KINDS[kind];
  const changes: Updateable<UsersTable> = kind === "phone_change" ? { phone_change: phone } : {};
  const testOtp = testOtpOf(sms, phone);
  const { user: changed, tokens } = await requestTokens(call, db, user, {
    sentAt, maxFrequency: sms.maxFrequency, tooEarly: "overSmsSendRateLimit", changes,
    tokens: [{ type: token, address: phone, length: sms.otpLength, code: testOtp }],
  });
  if (testOtp !== undefined) return { user: changed, receipt: { id: "test-otp" } };
  return { user: changed, receipt: await queueSms(call, db, { user: changed, phone, code: tokens[0]!.code, channel, template: sms.template, purpose: kind }) };
}

/** Sends the message by which a new user shows whose number it is. @returns the user as it is now */
export async function requestPhoneConfirmation(call: AuthCall, db: AuthTransaction, user: LoadedUser, channel: string): Promise<LoadedUser> {
  const { user: changed } = await requestPhoneCode(call, db, user, { kind: "confirmation", phone: user.row.phone ?? "", channel });
  return changed;
}
