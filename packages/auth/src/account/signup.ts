import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalObject, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { afterUserCreated, beforeUserCreated } from "../hooks/user-created.ts";
import { checkPassword } from "../passwords/check-password.ts";
import { hashPassword } from "../passwords/hash-password.ts";
import { limitRate } from "../protection/limit-rate.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { channelOf } from "../sms/channel.ts";
import { createUser, type NewUser } from "../users/create-user.ts";
import { checkAuthorized, normalizeEmail, normalizePhone } from "../users/normalize-address.ts";
import { type SignUpAddress, signUp } from "./sign-up.ts";

const bodySchema = z.object({
  email: optionalText, phone: optionalText, password: optionalText, data: optionalObject, channel: optionalText, code_challenge: optionalText, code_challenge_method: optionalText,
});
type SignupBody = z.infer<typeof bodySchema>;

/** Registers a user: by e-mail address or phone number with a password, or without either: an anonymous one. */
export const signup = defineEndpoint({
  id: "auth.signup",
  method: "POST",
  path: "/signup",
  access: "open",
  body: bodySchema,
  captcha: true,
  handle: async (call, body) => {
    if (body.email === undefined && body.phone === undefined) return signUpAnonymously(call, body);
    await limitRate(call, "otp", "auth.signup");
    return signUpWithPassword(call, body);
  },
});

async function signUpAnonymously(call: AuthCall, { data = {} }: SignupBody): Promise<Response> {
  if (!call.config.external.anonymousUsers.enabled) throw new AuthError(AUTH_ERRORS.anonymousProviderDisabled);
  await limitRate(call, "anonymousUsers");
  if (call.config.disableSignup) throw new AuthError(AUTH_ERRORS.signupDisabled);
  const user: NewUser = { id: randomUUID(), aud: call.aud, role: call.config.jwt.defaultGroupName, userMetadata: data, isAnonymous: true };
  await beforeUserCreated(call, user);
  const session = await call.db(async (db) => issueSession(call, db, { row: await createUser(db, user), identities: [], factors: [] }, "anonymous"));
  await afterUserCreated(call, user);
  return json(session);
}

async function signUpWithPassword(call: AuthCall, body: SignupBody): Promise<Response> {
  const { config } = call;
  if (config.disableSignup) throw new AuthError(AUTH_ERRORS.signupDisabled);
  if (body.password === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Signup requires a valid password" });
  await checkPassword(body.password, call);
  const address = addressOf(call, body);
  // Whether there is such a user must not be told by the time it takes: the hash is made either way.
  const passwordHash = await hashPassword(body.password, config.password.cost);
  return json(await signUp(call, { address, passwordHash, data: body.data ?? {}, signIn: true }));
}

function addressOf({ config }: AuthCall, body: SignupBody): SignUpAddress {
  const { email, phone } = body;
  const pkce = pkceOf(body);
  if (email !== undefined && phone !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided on signup." });
  if (email !== undefined) {
    if (!config.external.email.enabled) throw new AuthError(AUTH_ERRORS.emailProviderDisabled);
    const normalized = normalizeEmail(email);
    checkAuthorized(normalized, config);
    return { provider: "email", email: normalized, pkce };
  }
  if (!config.external.phone.enabled) throw new AuthError(AUTH_ERRORS.phoneProviderDisabled);
  const channel = channelOf(body.channel);
  if (pkce !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "PKCE not supported for phone signups" });
  return { provider: "phone", phone: normalizePhone(phone ?? ""), channel };
}
