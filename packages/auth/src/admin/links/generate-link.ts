import { z } from "zod";
import { AuthError } from "../../auth-error.ts";
import type { AuthCall } from "../../endpoint/auth-call.ts";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { optionalObject, optionalText } from "../../endpoint/read-json.ts";
import { json } from "../../endpoint/respond.ts";
import { AUTH_ERRORS } from "../../errors.ts";
import { afterUserCreated, beforeUserCreated } from "../../hooks/user-created.ts";
import { mailLink } from "../../mail/mail-link.ts";
import { checkPassword } from "../../passwords/check-password.ts";
import { hashPassword } from "../../passwords/hash-password.ts";
import { redirectTargetOf } from "../../redirects/redirect-target.ts";
import { findUser } from "../../users/find-user.ts";
import { normalizeEmail } from "../../users/normalize-address.ts";
import { toUser, type User } from "../../users/user.ts";
import { createMailUser, type MailUser, mailUser } from "./create-mail-user.ts";
import { LINK_KINDS, type LinkType } from "./link-kinds.ts";

const bodySchema = z.object({ type: optionalText, email: optionalText, new_email: optionalText, password: optionalText, data: optionalObject, redirect_to: optionalText });
type LinkBody = z.infer<typeof bodySchema>;

/** What a link and its code are, to be sent by somebody else. */
export interface LinkProperties {
  readonly action_link: string;
  /** The code that can be typed in instead. */
  readonly email_otp: string;
  /** What `verifyOtp({ token_hash })` takes. */
  readonly hashed_token: string;
  readonly verification_type: LinkType;
  readonly redirect_to: string;
}

export type GeneratedLink = User & LinkProperties;

/** Makes the link that a mail would have, and sends nothing. */
export const generateLink = defineEndpoint({
  id: "auth.admin.generate-link",
  method: "POST",
  path: "/admin/generate_link",
  access: "admin",
  body: bodySchema,
  handle: async (call, body) => json(await generate(call, body)),
});

async function generate(call: AuthCall, body: LinkBody): Promise<GeneratedLink> {
  const email = normalizeEmail(body.email ?? "");
  const newEmail = body.new_email === undefined ? undefined : normalizeEmail(body.new_email);
  const redirectTo = await redirectTargetOf(call, body.redirect_to);
  const key = { email, aud: call.aud };
  const isNew = (await call.db((db) => findUser(db, key))) === undefined;
  const type = typeOf(body.type, isNew);
  const fresh = isNew ? await newUser(call, body, email) : undefined;
  const { user, token } = await call.db(async (db) => {
    const found = (await findUser(db, key, { forUpdate: true })) ?? (fresh === undefined ? undefined : await createMailUser(db, fresh));
    if (found === undefined) throw unknownUser();
    return LINK_KINDS[type].make(call, db, { user: found, newEmail, data: body.data });
  });
  if (fresh) await afterUserCreated(call, fresh);
  const link = await mailLink(call, { kind: LINK_KINDS[type].mail, type: LINK_KINDS[type].verify, token: token.hash, redirectTo });
  return { ...toUser(user), action_link: link, email_otp: token.code, hashed_token: token.hash, verification_type: type, redirect_to: redirectTo };
}

/** A magic link for an address that nobody has signs its owner up. */
function typeOf(asked: string | undefined, isNew: boolean): LinkType {
  if (asked === undefined || !Object.hasOwn(LINK_KINDS, asked)) throw new AuthError(AUTH_ERRORS.validationFailed, { message: `Invalid email action link type requested: ${asked ?? ""}` });
  const type = asked === "magiclink" && isNew ? "signup" : (asked as LinkType);
  if (isNew && !LINK_KINDS[type].createsUser) throw unknownUser();
  return type;
}

/** Only who signs up chooses a password. */
async function newUser(call: AuthCall, { type, password, data }: LinkBody, email: string): Promise<MailUser> {
  const user = mailUser(call, email, data, type === "signup" ? await passwordHash(call, password) : undefined);
  await beforeUserCreated(call, user);
  return user;
}

async function passwordHash(call: AuthCall, password: string | undefined): Promise<string> {
  if (password === undefined) throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Signup requires a valid password" });
  await checkPassword(password, call);
  return hashPassword(password, call.config.password.cost);
}

const unknownUser = (): AuthError => new AuthError(AUTH_ERRORS.userNotFound, { message: "User with this email not found" });
