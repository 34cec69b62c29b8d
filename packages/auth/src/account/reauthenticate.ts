import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { requestEmailReauthentication } from "../one-time-tokens/email-reauthentication.ts";
import { requestPhoneCode } from "../one-time-tokens/phone-confirmation.ts";
import type { MessageReceipt } from "../sms/sms-sender.ts";
import { findUser } from "../users/find-user.ts";
import { isEmailConfirmed, isPhoneConfirmed, type LoadedUser } from "../users/user.ts";

/** Sends the user a code: the `nonce` that a change of password may ask for. */
export const reauthenticate = defineEndpoint({
  id: "auth.reauthenticate",
  method: "GET",
  path: "/reauthenticate",
  access: "user",
  rateLimit: "otp",
  handle: async (call) => {
    checkReachable(call.user);
    const receipt = await call.db(async (db): Promise<MessageReceipt> => {
      const user = await findUser(db, { id: call.user.row.id }, { forUpdate: true });
      if (user === undefined) throw new AuthError(AUTH_ERRORS.userOfTokenNotFound);
      await audit(call, db, { action: "user_reauthenticate_requested", actor: user.row });
      if (!user.row.email) return (await requestPhoneCode(call, db, user, { kind: "reauthentication", phone: user.row.phone ?? "", channel: "sms" })).receipt;
      await requestEmailReauthentication(call, db, user);
      return {};
    });
    return json(receipt.id === undefined ? {} : { message_id: receipt.id });
  },
});

function checkReachable({ row }: LoadedUser): void {
  if (!row.email && !row.phone) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Reauthentication requires the user to have an email or a phone number" });
  if (row.email && !isEmailConfirmed(row)) throw new AuthError(AUTH_ERRORS.emailNotConfirmed, { status: 422, message: "Please verify your email first." });
  if (!row.email && !isPhoneConfirmed(row)) throw new AuthError(AUTH_ERRORS.phoneNotConfirmed, { status: 422, message: "Please verify your phone first." });
}
