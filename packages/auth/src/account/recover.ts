import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { requestEmailSignIn } from "../one-time-tokens/email-sign-in.ts";
import { treatStranger } from "../one-time-tokens/treat-stranger.ts";
import { findUser } from "../users/find-user.ts";
import { normalizeEmail } from "../users/normalize-address.ts";

/** Mails a link to set a new password. The answer is the same whether there is such a user or not. */
export const recover = defineEndpoint({
  id: "auth.recover",
  method: "POST",
  path: "/recover",
  access: "open",
  body: z.object({ email: optionalText, code_challenge: optionalText, code_challenge_method: optionalText }),
  rateLimit: "otp",
  captcha: true,
  requires: ({ external }) => {
    if (!external.email.enabled) throw new AuthError(AUTH_ERRORS.emailProviderDisabled, { message: "Email logins are disabled" });
  },
  handle: async (call, body) => {
    if (body.email === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Password recovery requires an email" });
    const email = normalizeEmail(body.email);
    const pkce = pkceOf(body);
    const isKnown = await call.db(async (db) => {
      const user = await findUser(db, { email, aud: call.aud }, { forUpdate: true });
      if (user === undefined) return false;
      await audit(call, db, { action: "user_recovery_requested", actor: user.row });
      await requestEmailSignIn(call, db, user, "recovery", pkce);
      return true;
    });
    if (!isKnown) await treatStranger(call, { what: "recovery", address: email, maxFrequency: call.config.smtpMaxFrequency, tooEarly: "overEmailSendRateLimit" });
    return json({});
  },
});
