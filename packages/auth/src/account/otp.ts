import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalObject, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { requestEmailSignIn } from "../one-time-tokens/email-sign-in.ts";
import { requestPhoneCode } from "../one-time-tokens/phone-confirmation.ts";
import { channelOf } from "../sms/channel.ts";
import { findUser } from "../users/find-user.ts";
import { normalizeEmail, normalizePhone } from "../users/normalize-address.ts";
import { isEmailConfirmed, isPhoneConfirmed } from "../users/user.ts";
import { type SignUp, signUp } from "./sign-up.ts";

const bodySchema = z.object({
  email: optionalText, phone: optionalText, create_user: z.boolean().nullish(), data: optionalObject, channel: optionalText, code_challenge: optionalText, code_challenge_method: optionalText,
});
type OtpBody = z.infer<typeof bodySchema>;

/** Signs in by mail (a link and a code) or by a code to a phone; makes the user, unless `create_user` is false. */
export const otp = defineEndpoint({
  id: "auth.otp",
  method: "POST",
  path: "/otp",
  access: "open",
  body: bodySchema,
  rateLimit: "otp",
  captcha: true,
  handle: async (call, body) => {
    const { email, phone } = body;
    if (email !== undefined && phone !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided" });
    if (email !== undefined && body.channel !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Channel should only be specified with Phone OTP" });
    pkceOf(body);
    if (email !== undefined) return signInByMail(call, email, body);
    if (phone !== undefined) return signInByPhone(call, phone, body);
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "One of email or phone must be set" });
  },
});

/** What clients used before `/otp`. */
export const magiclink = defineEndpoint({
  id: "auth.magiclink",
  method: "POST",
  path: "/magiclink",
  access: "open",
  body: bodySchema,
  rateLimit: "otp",
  captcha: true,
  handle: (call, body) => {
    if (body.email === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { status: 422, message: "Password recovery requires an email" });
    return signInByMail(call, body.email, { ...body, create_user: true });
  },
});

async function signInByMail(call: AuthCall, given: string, body: OtpBody): Promise<Response> {
  const { external, mailer } = call.config;
  if (!external.email.enabled) throw new AuthError(AUTH_ERRORS.emailLoginsDisabled);
  if (!external.email.magicLinkEnabled) throw new AuthError(AUTH_ERRORS.emailLoginsDisabled, { message: "Login with magic link is disabled" });
  const email = normalizeEmail(given);
  const pkce = pkceOf(body);
  const key = { email, aud: call.aud };
  const present = await call.db((db) => findUser(db, key));
  checkMayCreate(present, body);
  if (present === undefined || !isEmailConfirmed(present.row)) {
    await create(call, { address: { provider: "email", email, pkce }, data: body.data ?? {} });
    // The mail that confirms the address signs in too.
    if (!mailer.autoconfirm) return json({});
  }
  await call.db(async (db) => {
    const user = await findUser(db, key, { forUpdate: true });
    if (user === undefined) return;
    await audit(call, db, { action: "user_recovery_requested", actor: user.row });
    await requestEmailSignIn(call, db, user, "magiclink", pkce);
  });
  return json({});
}

async function signInByPhone(call: AuthCall, given: string, body: OtpBody): Promise<Response> {
  const { external, sms } = call.config;
  if (!external.phone.enabled) throw new AuthError(AUTH_ERRORS.phoneProviderDisabled, { message: "Unsupported phone provider" });
  const channel = channelOf(body.channel);
  const phone = normalizePhone(given);
  const key = { phone, aud: call.aud };
  const present = await call.db((db) => findUser(db, key));
  checkMayCreate(present, body);
  if (present === undefined || !isPhoneConfirmed(present.row)) {
    await create(call, { address: { provider: "phone", phone, channel }, data: body.data ?? {} });
    if (!sms.autoconfirm) return json({});
  }
  const receipt = await call.db(async (db) => {
    const user = await findUser(db, key, { forUpdate: true });
    if (user === undefined) return {};
    await audit(call, db, { action: "user_recovery_requested", actor: user.row, traits: { channel } });
    return (await requestPhoneCode(call, db, user, { kind: "confirmation", phone, channel })).receipt;
  });
  return json(receipt.id === undefined ? {} : { message_id: receipt.id });
}

function checkMayCreate(present: object | undefined, { create_user: createUser }: OtpBody): void {
  if (present === undefined && createUser === false) throw new AuthError(AUTH_ERRORS.otpDisabled);
}

function create(call: AuthCall, wanted: Pick<SignUp, "address" | "data">): Promise<unknown> {
  if (call.config.disableSignup) throw new AuthError(AUTH_ERRORS.signupDisabled);
  return signUp(call, { ...wanted, passwordHash: undefined, signIn: false });
}
