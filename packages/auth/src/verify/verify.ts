import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { OneTimeTokenKey } from "../one-time-tokens/one-time-token.ts";
import { limitAttempts } from "../protection/limit-rate.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { normalizeEmail, normalizePhone } from "../users/normalize-address.ts";
import { isForm, redeemLink } from "./redeem-link.ts";
import { HALF_MESSAGE, redeemToken } from "./redeem-token.ts";
import { isVerificationType, verificationOf, type VerificationType } from "./verification.ts";

const bodySchema = z.object({ type: optionalText, token: optionalText, token_hash: optionalText, email: optionalText, phone: optionalText, redirect_to: optionalText });
type VerifyBody = z.infer<typeof bodySchema>;

/** Redeems a code with its address, or what stands in a link, for a session. The form of the page that links open posts here too. */
export const verify = defineEndpoint({
  id: "auth.verify",
  method: "POST",
  path: "/verify",
  access: "open",
  body: bodySchema,
  rateLimit: "verify",
  handle: async (call, body) => {
    if (isForm(call.request)) return redeemLink(call);
    const type = typeOf(body);
    const key = keyOf(body);
    if ("code" in key) await limitGuesses(call, key.address);
    return call.db(async (db) => {
      const { user, isHalf } = await redeemToken(call, db, type, key);
      return json(isHalf ? { msg: HALF_MESSAGE, code: "200" } : await issueSession(call, db, user, "otp"));
    });
  },
});

function typeOf({ type }: VerifyBody): VerificationType {
  if (type === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Verify requires a verification type" });
  if (!isVerificationType(type)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Unsupported verification type" });
  return type;
}

function keyOf(body: VerifyBody): OneTimeTokenKey {
  const { token, token_hash: hash, email, phone } = body;
  if ((token === undefined) === (hash === undefined)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Verify requires either a token or a token hash" });
  if (hash !== undefined) {
    if (email !== undefined || phone !== undefined || body.redirect_to !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only the token_hash and type should be provided" });
    if (verificationOf(typeOf(body)).by === "phone") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid email verification type" });
    return { hash };
  }
  if ((email === undefined) === (phone === undefined)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided on verify" });
  const address = email === undefined ? normalizePhone(phone ?? "") : normalizeEmail(email);
  // A code to a phone is no code to an address.
  if (verificationOf(typeOf(body)).by !== (email === undefined ? "phone" : "email")) throw new AuthError(AUTH_ERRORS.otpExpired);
  return { address, code: token ?? "" };
}

/** A code has few digits: whoever guesses may not do so from many addresses at once either. */
const limitGuesses = async (call: AuthCall, address: string): Promise<void> => limitAttempts(call, "verify", `code ${await call.tenant.secrets.digest(address, "auth.guesses")}`);
