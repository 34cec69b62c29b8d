import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { type CodeChallenge, pkceOf } from "../flow-state/code-challenge.ts";
import { requestEmailChange } from "../one-time-tokens/email-change.ts";
import { requestEmailConfirmation } from "../one-time-tokens/email-confirmation.ts";
import { requestPhoneCode } from "../one-time-tokens/phone-confirmation.ts";
import { treatStranger } from "../one-time-tokens/treat-stranger.ts";
import type { MessageReceipt } from "../sms/sms-sender.ts";
import { findUser, type UserKey } from "../users/find-user.ts";
import { normalizeEmail, normalizePhone } from "../users/normalize-address.ts";
import { isEmailConfirmed, isPhoneConfirmed, type LoadedUser } from "../users/user.ts";

const bodySchema = z.object({ type: optionalText, email: optionalText, phone: optionalText, code_challenge: optionalText, code_challenge_method: optionalText });
type ResendBody = z.infer<typeof bodySchema>;

/** What may be sent once more. */
interface Resending {
  /** Whether there is something that waits to be confirmed. */
  isOpen(user: LoadedUser): boolean;
  send(call: AuthCall, db: AuthTransaction, user: LoadedUser, pkce: CodeChallenge | undefined): Promise<MessageReceipt>;
}

const RESENDINGS: Readonly<Record<string, Resending>> = {
  signup: {
    isOpen: ({ row }) => !isEmailConfirmed(row) && row.email !== null,
    send: async (call, db, user, pkce) => {
      await audit(call, db, { action: "user_confirmation_requested", actor: user.row });
      await requestEmailConfirmation(call, db, user, pkce);
      return {};
    },
  },
  sms: {
    isOpen: ({ row }) => !isPhoneConfirmed(row) && row.phone !== null,
    send: async (call, db, user) => {
      await audit(call, db, { action: "user_recovery_requested", actor: user.row });
      return (await requestPhoneCode(call, db, user, { kind: "confirmation", phone: user.row.phone!, channel: "sms" })).receipt;
    },
  },
  email_change: {
    isOpen: ({ row }) => Boolean(row.email_change),
    send: async (call, db, user, pkce) => {
      await requestEmailChange(call, db, user, user.row.email_change!, pkce);
      return {};
    },
  },
  phone_change: {
    isOpen: ({ row }) => Boolean(row.phone_change),
    send: async (call, db, user) => (await requestPhoneCode(call, db, user, { kind: "phone_change", phone: user.row.phone_change!, channel: "sms" })).receipt,
  },
};

/** Sends a confirmation once more. The answer is the same whether there is something to confirm or not. */
export const resend = defineEndpoint({
  id: "auth.resend",
  method: "POST",
  path: "/resend",
  access: "open",
  body: bodySchema,
  rateLimit: "otp",
  captcha: true,
  handle: async (call, body) => {
    const { type = "" } = body;
    const resending = Object.hasOwn(RESENDINGS, type) ? RESENDINGS[type] : undefined;
    if (resending === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Missing one of these types: signup, email_change, sms, phone_change" });
    const pkce = pkceOf(body);
    const key = keyOf(call, type, body);
    const receipt = await call.db(async (db) => {
      const user = await findUser(db, key, { forUpdate: true });
      return user === undefined || !resending.isOpen(user) ? undefined : resending.send(call, db, user, pkce);
    });
    if (receipt === undefined) await treatUnsent(call, type, key);
    return json(receipt?.id === undefined ? {} : { message_id: receipt.id });
  },
});

function keyOf({ aud, config: { external } }: AuthCall, type: string, { email, phone }: ResendBody): Exclude<UserKey, { readonly id: string }> {
  if (type === "signup" && email === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Type provided requires an email address" });
  if (type === "sms" && phone === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Type provided requires a phone number" });
  if (email !== undefined && phone !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided." });
  if (email !== undefined) {
    if (!external.email.enabled) throw new AuthError(AUTH_ERRORS.emailProviderDisabled, { message: "Email logins are disabled" });
    return { email: normalizeEmail(email), aud };
  }
  if (phone === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Missing email address or phone number" });
  if (!external.phone.enabled) throw new AuthError(AUTH_ERRORS.phoneProviderDisabled, { message: "Phone logins are disabled" });
  return { phone: normalizePhone(phone), aud };
}

function treatUnsent(call: AuthCall, type: string, key: Exclude<UserKey, { readonly id: string }>): Promise<void> {
  const { smtpMaxFrequency, sms } = call.config;
  const address = "email" in key ? key.email : key.phone;
  return treatStranger(call, type === "signup" || type === "email_change"
    ? { what: type, address, maxFrequency: smtpMaxFrequency, tooEarly: "overEmailSendRateLimit" }
    : { what: type, address, maxFrequency: sms.maxFrequency, tooEarly: "overSmsSendRateLimit" });
}
