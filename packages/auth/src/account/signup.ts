import { z } from "zod";
import { audit } from "../audit/record-audit-entry.ts";
import { AuthError } from "../auth-error.ts";
import type { AuthTransaction } from "../database/auth-database.ts";
import { saved } from "../database/database-errors.ts";
import { now, timestamp } from "../database/now.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { defineEndpoint } from "../endpoint/endpoint.ts";
import { optionalObject, optionalText } from "../endpoint/read-json.ts";
import { json } from "../endpoint/respond.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { afterUserCreated, beforeUserCreated } from "../hooks/user-created.ts";
import { createIdentity } from "../identities/create-identity.ts";
import { requestEmailConfirmation } from "../one-time-tokens/email-confirmation.ts";
import { requestPhoneConfirmation } from "../one-time-tokens/phone-confirmation.ts";
import { pkceOf } from "../flow-state/code-challenge.ts";
import { hashPassword } from "../passwords/hash-password.ts";
import { checkPassword } from "../passwords/check-password.ts";
import { limitRate } from "../protection/limit-rate.ts";
import { issueSession } from "../sessions/issue-session.ts";
import { createUser, type NewUser } from "../users/create-user.ts";
import { findUser } from "../users/find-user.ts";
import { checkAuthorized, normalizeEmail, normalizePhone } from "../users/normalize-address.ts";
import { isEmailConfirmed, isPhoneConfirmed, type LoadedUser, toUser, type User } from "../users/user.ts";
import { randomUUID } from "node:crypto";

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
    await limitRate(call, "otp");
    return signUp(call, body);
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

/** How the user is reached, which decides what has to be confirmed. */
interface Address {
  readonly provider: "email" | "phone";
  readonly email?: string;
  readonly phone?: string;
  readonly autoconfirm: boolean;
}

async function signUp(call: AuthCall, body: SignupBody): Promise<Response> {
  const { config } = call;
  if (config.disableSignup) throw new AuthError(AUTH_ERRORS.signupDisabled);
  if (body.password === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Signup requires a valid password" });
  await checkPassword(body.password, config, call.signal);
  const pkce = pkceOf(body);
  const address = addressOf(call, body);
  const data = body.data ?? {};
  // Whether there is such a user must not be told by the time it takes: the hash is made either way.
  const passwordHash = await hashPassword(body.password, config.password.cost);
  const fresh: NewUser = {
    id: randomUUID(), aud: call.aud, role: config.jwt.defaultGroupName, email: address.email, phone: address.phone, passwordHash,
    appMetadata: { provider: address.provider, providers: [address.provider] }, userMetadata: data,
  };
  const existing = await call.db((db) => findExisting(db, call, address));
  if (existing === undefined) await beforeUserCreated(call, fresh);

  const outcome = await call.db(async (db) => {
    const found = await findExisting(db, call, address);
    if (found && isConfirmed(found, address)) {
      await audit(call, db, { action: "user_repeated_signup", actor: found.row, traits: { provider: address.provider } });
      return undefined;
    }
    const user = found ?? { row: await createUser(db, fresh), identities: [], factors: [] };
    return confirm(call, db, await withIdentity(db, user, address, data), address, { channel: body.channel, pkce });
  });
  if (outcome === undefined) {
    if (config.mailer.autoconfirm || config.sms.autoconfirm) throw new AuthError(AUTH_ERRORS.userAlreadyExists);
    return json(pretendedUser(call, address, data));
  }
  if (existing === undefined) await afterUserCreated(call, fresh);
  return json(outcome);
}

function addressOf(call: AuthCall, { email, phone, channel, code_challenge: challenge }: SignupBody): Address {
  const { external, mailer, sms } = call.config;
  if (email !== undefined && phone !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Only an email address or phone number should be provided on signup." });
  if (email !== undefined) {
    if (!external.email.enabled) throw new AuthError(AUTH_ERRORS.emailProviderDisabled);
    const normalized = normalizeEmail(email);
    checkAuthorized(normalized, call.config);
    return { provider: "email", email: normalized, autoconfirm: mailer.autoconfirm };
  }
  if (!external.phone.enabled) throw new AuthError(AUTH_ERRORS.phoneProviderDisabled);
  if (channel !== undefined && channel !== "sms" && channel !== "whatsapp") throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider." });
  if (challenge !== undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "PKCE not supported for phone signups" });
  return { provider: "phone", phone: normalizePhone(phone ?? ""), autoconfirm: sms.autoconfirm };
}

const findExisting = (db: AuthTransaction, { aud }: AuthCall, { email, phone }: Address): Promise<LoadedUser | undefined> =>
  findUser(db, email === undefined ? { phone: phone ?? "", aud } : { email, aud }, { forUpdate: true });

const isConfirmed = ({ row }: LoadedUser, { provider }: Address): boolean => (provider === "email" ? isEmailConfirmed(row) : isPhoneConfirmed(row));

/** An unconfirmed user keeps the password and data that it has: nobody has shown yet whose address it is. */
async function withIdentity(db: AuthTransaction, user: LoadedUser, { provider, email }: Address, data: Readonly<Record<string, unknown>>): Promise<LoadedUser> {
  if (user.identities.some((identity) => identity.provider === provider)) return user;
  const { id } = user.row;
  const identity = await createIdentity(db, { userId: id, provider, providerId: id, data: { ...data, sub: id, email_verified: false, phone_verified: false, ...(email === undefined ? {} : { email }) } });
  return { ...user, identities: [...user.identities, identity] };
}

interface Wishes {
  readonly channel: string | undefined;
  readonly pkce: ReturnType<typeof pkceOf>;
}

/** Signs the user in where nothing has to be confirmed; else asks for it. */
async function confirm(call: AuthCall, db: AuthTransaction, user: LoadedUser, address: Address, { channel, pkce }: Wishes): Promise<unknown> {
  const { provider } = address;
  if (!address.autoconfirm) {
    await audit(call, db, { action: "user_confirmation_requested", actor: user.row, traits: { provider } });
    const sent = provider === "email" ? await requestEmailConfirmation(call, db, user, pkce) : await requestPhoneConfirmation(call, db, user, channel ?? "sms");
    // Who was invited is told nothing of that.
    return toUser(sent.row.invited_at === null ? sent : { ...sent, identities: [], row: { ...sent.row, raw_user_meta_data: {} } });
  }
  await audit(call, db, { action: "user_signedup", actor: user.row, traits: { provider } });
  const row = await saved("Database error updating user", db
    .updateTable("auth.users")
    .set({ ...(provider === "email" ? { email_confirmed_at: now(), confirmation_token: "" } : { phone_confirmed_at: now() }), updated_at: now() })
    .where("id", "=", user.row.id)
    .returningAll()
    .executeTakeFirstOrThrow());
  await audit(call, db, { action: "login", actor: row, traits: { provider } });
  return issueSession(call, db, { ...user, row }, "password");
}

/** What looks like a new user, so that nobody learns who is registered. */
function pretendedUser({ aud }: AuthCall, { provider, email, phone }: Address, data: Readonly<Record<string, unknown>>): User {
  const at = timestamp(now())!;
  return {
    id: randomUUID(), aud, role: "", email: email ?? "", phone: phone ?? "", confirmation_sent_at: at, app_metadata: { provider, providers: [provider] }, user_metadata: data,
    identities: [], created_at: at, updated_at: at, is_anonymous: false,
  };
}
